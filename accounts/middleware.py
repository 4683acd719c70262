"""Who asks, by the session of a browser: it names a sign-in, as tokens do, and ends with it."""

from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.choices import SignInKind
from accounts.models import User
from accounts.services.sign_ins import Device, sign_in_create
from accounts.snapshots import likely_tags, user_of_sign_in
from config.http import middleware
from config.http.cached import versions_of
from config.http.limits import peer_address

SESSION_SIGN_IN = "sign_in"


def device_of(request: HttpRequest) -> Device:
    return Device(user_agent=request.META.get("HTTP_USER_AGENT", ""), ip=peer_address(request))


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]


def _user(request: HttpRequest) -> User | AnonymousUser:
    # Where django.contrib.auth keeps whom it has found: a request that is explained comes with it.
    if (found := getattr(request, "_cached_user", None)) is not None:
        return found
    session: Any = request.session
    if SESSION_KEY not in session:
        return AnonymousUser()
    if SESSION_SIGN_IN not in session:
        return _first_seen(request)
    try:
        key, sign_in = UUID(session[SESSION_KEY]), UUID(session[SESSION_SIGN_IN])
    except ValueError:
        session.flush()
        return AnonymousUser()
    user = user_of_sign_in(key, sign_in, versions_of(request, likely_tags(key)))
    if user is None:
        session.flush()
        return AnonymousUser()
    return user


def _first_seen(request: HttpRequest) -> User | AnonymousUser:
    """A session that names no sign-in, being older than they are, is given one."""
    user = get_user(request)
    if isinstance(user, User):
        sign_in_begin(request, user)
    return user


def sign_in_begin(request: HttpRequest, user: User) -> None:
    """List the browser of this request among those in which ``user`` is signed in."""
    sign_in = sign_in_create(user=user, kind=SignInKind.BROWSER, device=device_of(request))
    request.session[SESSION_SIGN_IN] = str(sign_in.pk)
    user.sign_in_id = sign_in.pk
