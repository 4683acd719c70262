"""Who asks, by the access token in the Authorization header."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from accounts.tokens import InvalidTokenError, user_of_access


class AccessTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``; a refresh token is not one."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        scheme, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return user_of_access(raw.strip()), None
        except InvalidTokenError:
            raise AuthenticationFailed("The access token is not valid, or no longer.") from None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class AccessTokenScheme(OpenApiAuthenticationExtension):
    target_class = AccessTokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
