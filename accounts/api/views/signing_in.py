"""Signing in for tokens, and out again."""

from typing import Any, cast

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import LoginSerializer, LogoutSerializer, RefreshSerializer, TokenPairSerializer
from accounts.attempts import attempt_allowed, attempt_succeeded
from accounts.authentication import AccessTokenAuthentication
from accounts.middleware import device_of
from accounts.models import User
from accounts.permissions import IsPerson
from accounts.services import sign_in_end, sign_ins_end
from accounts.tokens import InvalidTokenError, bearer_of_refresh, token_pair, token_pair_of_refresh
from config.http.limits import rate_limited
from config.http.problems import Problem, RateLimited
from config.http.serializers import sent

WRONG = "The e-mail address or the password is wrong."
UNVERIFIED = "Confirm your e-mail address first: open the link in the mail we sent you, or have it sent again."


class OpenView(APIView):
    """For callers who are not signed in yet, and therefore without session or CSRF.

    No token is looked at, but the scheme is named: a refused login answers 401 with WWW-Authenticate.
    """

    permission_classes = [AllowAny]

    def get_authenticators(self) -> list[Any]:
        return []

    def get_authenticate_header(self, request: Request) -> str:
        return AccessTokenAuthentication().authenticate_header(request)


def _pair_response(user: User, pair: dict[str, Any]) -> Response:
    response = Response(TokenPairSerializer({**pair, "user": user}).data)
    response.headers["Cache-Control"] = "no-store"
    return response


class LoginView(OpenView):
    @extend_schema(request=LoginSerializer, responses={200: TokenPairSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        """Sign in with e-mail address and password. An unknown address and a wrong password answer alike.

        Who has not confirmed the address yet is told so (403), given the right password.
        """
        wait = attempt_allowed(request)
        if wait is not None:
            raise RateLimited(wait)
        credentials = sent(request, LoginSerializer)
        # The backend hashes the password whether or not the address is known.
        user = authenticate(request, username=credentials["email"], password=credentials["password"])
        if not isinstance(user, User):
            raise AuthenticationFailed(WRONG)
        if not user.is_verified:
            raise Problem(403, "Address not confirmed", UNVERIFIED, "email-unverified")
        attempt_succeeded(request)
        return _pair_response(user, token_pair(user, device_of(request._request)))


class RefreshView(OpenView):
    @extend_schema(request=RefreshSerializer, responses={200: TokenPairSerializer}, auth=[])
    @rate_limited("refresh", "ip")
    def post(self, request: Request) -> Response:
        """A new pair of tokens for a refresh token, which is good once: a second use ends the sign-in it belongs to."""
        given = sent(request, RefreshSerializer)
        try:
            user, pair = token_pair_of_refresh(given["refresh_token"])
        except InvalidTokenError:
            raise AuthenticationFailed("The refresh token is not valid, or no longer.") from None
        return _pair_response(user, pair)


class LogoutView(APIView):
    """Ends one sign-in: by the access token, or by the refresh token alone once that has expired."""

    permission_classes = [AllowAny]

    @extend_schema(request=LogoutSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out on this device: its access and refresh tokens are good for nothing from now on.

        By the access token in the header, or, when that has expired, by `refreshToken` in the body and no header.
        """
        user = request.user
        if isinstance(user, User) and user.api_key_id is not None:
            raise PermissionDenied(IsPerson.message)
        given = sent(request, LogoutSerializer)
        if isinstance(user, User):
            if user.sign_in_id is not None:
                sign_in_end(user=user, sign_in=user.sign_in_id)
            return Response(status=204)
        try:
            bearer = bearer_of_refresh(given.get("refresh_token", ""))
        except InvalidTokenError:
            raise AuthenticationFailed("Neither an access token nor a refresh token was given.") from None
        sign_in_end(user=bearer.user, sign_in=bearer.sign_in)
        return Response(status=204)


class LogoutAllView(APIView):
    permission_classes = [IsPerson]

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out on all devices, this one included. API keys stay."""
        sign_ins_end(user=cast(User, request.user))
        return Response(status=204)
