"""Who asks, by the access token or the API key in the Authorization header."""

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.keys import KEY_PREFIX, owner_and_digest
from accounts.models import User
from accounts.snapshots import likely_tags, user_of_key, user_of_sign_in
from accounts.tokens import InvalidTokenError, bearer_of_access
from config.cache.answers import kind_tag
from config.http import repeats
from config.http.cached import CachedMixin, versions_of

REFUSED = "The access token is not valid, or no longer."
KEY_REFUSED = "The API key is not valid, or no longer."


def _tags_of_view(request: Request) -> tuple[str, ...]:
    """What the view will ask for, so that all versions come in one round trip."""
    view = request.parser_context.get("view")
    if not isinstance(view, CachedMixin) or request.method not in SAFE_METHODS:
        return ()
    return (*map(kind_tag, view.cache_names()), *view.cache_tags())


def is_signed_in(request: HttpRequest) -> bool:
    """Whether a request brings what may be a token, key or session that holds: a first look, in memory."""
    scheme, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
    raw = raw.strip()
    if raw.startswith(KEY_PREFIX):
        return owner_and_digest(raw) is not None
    try:
        bearer_of_access(raw)
    except InvalidTokenError:
        return False
    return True


def _given(request: Request) -> str | None:
    """What stands after ``Bearer`` in the header."""
    scheme, _, raw = request._request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return raw.strip() if scheme.lower() == "bearer" else None


class AccessTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``; a refresh token is not one."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        raw = _given(request)
        if raw is None or raw.startswith(KEY_PREFIX):
            return None
        try:
            bearer = bearer_of_access(raw)
        except InvalidTokenError:
            raise AuthenticationFailed(REFUSED) from None
        known = versions_of(request, (*likely_tags(bearer.user), *_tags_of_view(request)))
        user = user_of_sign_in(bearer.user, bearer.sign_in, known)
        if user is None:
            raise AuthenticationFailed(REFUSED)
        if known is not None:
            repeats.vouch(request._request.META, until=min(bearer.until, user.known_until))
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer sfp_…``, for programs. A key that only reads is refused whatever writes."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        raw = _given(request)
        if raw is None or not raw.startswith(KEY_PREFIX):
            return None
        named = owner_and_digest(raw)
        if named is None:
            raise AuthenticationFailed(KEY_REFUSED)
        known = versions_of(request, (*likely_tags(named[0]), *_tags_of_view(request)))
        found = user_of_key(*named, known)
        if found is None:
            raise AuthenticationFailed(KEY_REFUSED)
        user, key = found
        if not key.may_write and request.method not in SAFE_METHODS:
            raise PermissionDenied("This API key may only read.")
        if known is not None:
            until = user.known_until if key.expires is None else min(key.expires, user.known_until)
            repeats.vouch(request._request.META, until=until)
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class AccessTokenScheme(OpenApiAuthenticationExtension):
    target_class = AccessTokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From auth/login."}


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        description = (
            "A key of auth/api-keys, in the same header: `Authorization: Bearer sfp_…`. It does what its owner's roles"
            " allow; one of scope read is refused (403) whatever writes, and every key is refused on auth/ but auth/me."
        )
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sfp_…", "description": description}
