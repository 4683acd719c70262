"""The account of the user who asks."""

from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import MeSerializer
from accounts.models import User
from accounts.permissions import IsPerson
from accounts.services import user_update
from config.http.conditional import ConditionalMixin, check_content_if_match


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
