"""Who asks, by the access token in the Authorization header."""

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.models import User
from accounts.snapshots import active_user, likely_tags
from accounts.tokens import InvalidTokenError, id_of_access
from config.cache.answers import kind_tag
from config.http.cached import CachedMixin, versions_of

REFUSED = "The access token is not valid, or no longer."


def _tags_of_view(request: Request) -> tuple[str, ...]:
    """What the view will ask for, so that all versions come in one round trip."""
    view = request.parser_context.get("view")
    if not isinstance(view, CachedMixin) or request.method not in SAFE_METHODS:
        return ()
    return (*map(kind_tag, view.cache_names()), *view.cache_tags())


def is_signed_in(request: HttpRequest) -> bool:
    """Whether a request brings a valid token or session, found out without the database where it brings a token."""
    scheme, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
    try:
        id_of_access(raw.strip())
    except InvalidTokenError:
        return False
    return True


class AccessTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``; a refresh token is not one."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, _, raw = request._request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            key = id_of_access(raw.strip())
        except InvalidTokenError:
            raise AuthenticationFailed(REFUSED) from None
        user = active_user(key, versions_of(request, (*likely_tags(key), *_tags_of_view(request))))
        if user is None:
            raise AuthenticationFailed(REFUSED)
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class AccessTokenScheme(OpenApiAuthenticationExtension):
    target_class = AccessTokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
