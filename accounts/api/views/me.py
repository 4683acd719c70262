"""The account of the user who asks."""

from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import MeSerializer
from accounts.api.serializers.account import DeletionPlanSerializer, DeletionSerializer
from accounts.choices import TeamEnd
from accounts.models import User
from accounts.permissions import IsPerson
from accounts.services import account_delete, deletion_stakes, deletion_targets, user_update
from accounts.services.deletion import Choice
from config.http.conditional import ConditionalMixin, check_content_if_match
from config.http.limits import rate_limited
from config.http.serializers import sent


class MeView(ConditionalMixin, APIView):
    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated() if self.request.method in SAFE_METHODS else IsPerson()]

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


class DeletionView(APIView):
    """Deleting one's account."""

    permission_classes = [IsPerson]

    @extend_schema(responses=DeletionPlanSerializer)
    def get(self, request: Request) -> Response:
        """What is asked: for each team that only you own, what becomes of it."""
        user = cast(User, request.user)
        stakes = deletion_stakes(user=user)
        plan = {"teams": stakes, "targets": deletion_targets(user=user, stakes=stakes)}
        return Response(DeletionPlanSerializer(plan).data)

    @extend_schema(request=DeletionSerializer, responses={204: None})
    @rate_limited("login", "user")
    def post(self, request: Request) -> Response:
        """Delete the account, given the password and a choice for each team that asks for one. It cannot be undone."""
        given = sent(request, DeletionSerializer)
        choices = {one["team"]: Choice(end=TeamEnd(one["end"]), to=one.get("to")) for one in given.get("teams", [])}
        account_delete(user=cast(User, request.user), password=given["password"], choices=choices)
        return Response(status=204)
