"""What a person does with their own account: password, address, devices, keys."""

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.api.serializers.account import (
    AcceptedSerializer,
    ApiKeySerializer,
    EmailChangeSerializer,
    MailedTokenSerializer,
    NewApiKeySerializer,
    PasswordChangeSerializer,
    SignInSerializer,
)
from accounts.api.views.registration import accepted
from accounts.api.views.signing_in import OpenView
from accounts.models import ApiKey, SignIn, User
from accounts.permissions import IsPerson
from accounts.services import (
    api_key_create,
    api_key_end,
    email_change,
    email_change_ask,
    password_change,
    sign_in_end,
)
from accounts.words import CHANGE
from config.http.limits import rate_limited
from config.http.serializers import sent
from config.http.viewsets import ReadOnlyModelViewSet


class PasswordChangeView(APIView):
    permission_classes = [IsPerson]

    @extend_schema(request=PasswordChangeSerializer, responses={204: None})
    @rate_limited("login", "user")
    def post(self, request: Request) -> Response:
        """Another password, given the present one. You stay signed in here, and nowhere else."""
        user = cast(User, request.user)
        password_change(user=user, keep=user.sign_in_id, **sent(request, PasswordChangeSerializer))
        return Response(status=204)


class EmailChangeView(APIView):
    permission_classes = [IsPerson]

    @extend_schema(request=EmailChangeSerializer, responses={202: AcceptedSerializer})
    @rate_limited("login", "user")
    @rate_limited("mail", "user")
    def post(self, request: Request) -> Response:
        """Another e-mail address, given the password, once the link in the mail that goes there is opened.

        The present address gets a notice. The answer is the same for an address that somebody has here already.
        """
        email_change_ask(user=cast(User, request.user), **sent(request, EmailChangeSerializer))
        return accepted(CHANGE)


class EmailChangeConfirmView(OpenView):
    @extend_schema(request=MailedTokenSerializer, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Confirm the new address by the token that was mailed there: within 24 hours, once."""
        email_change(**sent(request, MailedTokenSerializer))
        return Response(status=204)


class _OwnViewSet(ReadOnlyModelViewSet):
    """Rows of the person who asks, who may end each."""

    permission_classes = [IsPerson]


class SignInViewSet(_OwnViewSet):
    """Where one is signed in, browsers and programs alike."""

    queryset = SignIn.objects.none()
    serializer_class = SignInSerializer
    ordering_fields = ["created_at", "last_used_at"]
    ordering = ["-last_used_at"]

    def get_queryset(self) -> QuerySet[SignIn]:
        return SignIn.objects.visible_to(self.request.user).live().for_list()

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Sign out there: the next request from there is refused."""
        if not sign_in_end(user=cast(User, request.user), sign_in=self.get_object().pk):
            raise NotFound
        return Response(status=204)


class ApiKeyViewSet(_OwnViewSet):
    """Keys of one's programs: what they may do, how long, and when they last did it."""

    queryset = ApiKey.objects.none()
    serializer_class = ApiKeySerializer
    ordering_fields = ["name", "created_at", "last_used_at"]
    ordering = ["-created_at"]

    def get_queryset(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.visible_to(self.request.user).for_list()

    def get_serializer_class(self) -> type[BaseSerializer]:
        return NewApiKeySerializer if self.action == "create" else ApiKeySerializer

    @extend_schema(request=ApiKeySerializer, responses={201: NewApiKeySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a key. It is in this answer and nowhere else."""
        key, raw = api_key_create(user=cast(User, request.user), **sent(request, ApiKeySerializer))
        key.key = raw  # type: ignore[attr-defined]
        headers = {"Cache-Control": "no-store"}
        return Response(NewApiKeySerializer(key).data, status=201, headers=headers)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """End a key: the next request with it is refused."""
        if not api_key_end(user=cast(User, request.user), key=self.get_object().pk):
            raise NotFound
        return Response(status=204)
