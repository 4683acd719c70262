from typing import Any, cast

from django.contrib.auth import authenticate
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import LoginSerializer, MeSerializer, RefreshSerializer, TokenPairSerializer
from accounts.authentication import AccessTokenAuthentication
from accounts.models import User
from accounts.services import user_update
from accounts.tokens import InvalidTokenError, token_pair, user_of_refresh
from config.http.conditional import ConditionalMixin, check_content_if_match
from config.http.limits import by_address, rate_limited


class OpenView(APIView):
    """For callers who are not signed in yet, and therefore without session or CSRF.

    No token is looked at, but the scheme is named: a refused login answers 401 with WWW-Authenticate.
    """

    permission_classes = [AllowAny]

    def get_authenticators(self) -> list[Any]:
        return []

    def get_authenticate_header(self, request: Request) -> str:
        return AccessTokenAuthentication().authenticate_header(request)

    def pair_response(self, user: User) -> Response:
        response = Response(TokenPairSerializer({**token_pair(user), "user": user}).data)
        response.headers["Cache-Control"] = "no-store"
        return response


class LoginView(OpenView):
    @extend_schema(request=LoginSerializer, responses={200: TokenPairSerializer}, auth=[])
    @rate_limited("login", "ip", by_address)
    def post(self, request: Request) -> Response:
        """Sign in with e-mail address and password. An unknown address and a wrong password answer alike."""
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        # The backend hashes the password whether or not the address is known.
        credentials = serializer.validated_data
        user = authenticate(request, username=credentials["email"], password=credentials["password"])
        if not isinstance(user, User):
            raise AuthenticationFailed("The e-mail address or the password is wrong.")
        return self.pair_response(user)


class RefreshView(OpenView):
    @extend_schema(request=RefreshSerializer, responses={200: TokenPairSerializer}, auth=[])
    @rate_limited("refresh", "ip")
    def post(self, request: Request) -> Response:
        """A new pair of tokens for a refresh token."""
        serializer = RefreshSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            user = user_of_refresh(serializer.validated_data["refresh_token"])
        except InvalidTokenError:
            raise AuthenticationFailed("The refresh token is not valid, or no longer.") from None
        return self.pair_response(user)


class MeView(ConditionalMixin, APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The user who asks, with their teams."""
        return Response(MeSerializer(request.user).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change the name that others see."""
        data = request.data
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=cast(User, request.user).pk)
            check_content_if_match(request, MeSerializer(user).data)
            serializer = MeSerializer(user, data=data, partial=True)
            serializer.is_valid(raise_exception=True)
            user_update(user=user, **serializer.validated_data)
        return Response(MeSerializer(user).data)
