"""Registering, and choosing a password by mail: the same answer for every address, after the same work."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers.account import (
    AcceptedSerializer,
    AddressSerializer,
    MailedTokenSerializer,
    PasswordResetSerializer,
    RegisterSerializer,
)
from accounts.api.views.signing_in import OpenView
from accounts.services import email_verify, password_reset, registration_ask, reset_ask, verification_ask
from accounts.words import REGISTERED, RESET, SENT
from config.http.limits import rate_limited
from config.http.serializers import sent


def accepted(detail: str) -> Response:
    return Response({"detail": detail}, status=202)


class RegisterView(OpenView):
    @extend_schema(request=RegisterSerializer, responses={202: AcceptedSerializer}, auth=[])
    @rate_limited("register", "ip")
    def post(self, request: Request) -> Response:
        """Ask for an account. The mail says how to go on, also to who has one already."""
        registration_ask(**sent(request, RegisterSerializer))
        return accepted(REGISTERED)


class VerifyEmailView(OpenView):
    @extend_schema(request=MailedTokenSerializer, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Confirm an address by the token that was mailed there: within 24 hours, once."""
        email_verify(**sent(request, MailedTokenSerializer))
        return Response(status=204)


class ResendVerificationView(OpenView):
    @extend_schema(request=AddressSerializer, responses={202: AcceptedSerializer}, auth=[])
    @rate_limited("mail", "ip")
    def post(self, request: Request) -> Response:
        """Have the mail sent again with which an address is confirmed."""
        verification_ask(**sent(request, AddressSerializer))
        return accepted(SENT)


class PasswordResetView(OpenView):
    @extend_schema(request=AddressSerializer, responses={202: AcceptedSerializer}, auth=[])
    @rate_limited("mail", "ip")
    def post(self, request: Request) -> Response:
        """Have a mail sent with which another password can be chosen."""
        reset_ask(**sent(request, AddressSerializer))
        return accepted(RESET)


class PasswordResetConfirmView(OpenView):
    @extend_schema(request=PasswordResetSerializer, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Choose another password by the token that was mailed: within an hour, once. All sign-ins and keys end."""
        password_reset(**sent(request, PasswordResetSerializer))
        return Response(status=204)
