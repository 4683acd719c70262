"""The cache as staff see it: what it finds, and how to make it begin anew."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.cache import answers, status, versions
from config.cache.answers import kind_tag
from config.http.problems import PROBLEM_MEDIA_TYPE, Problem
from config.http.schema import ProblemSerializer
from config.http.serializers import WireSerializer, sent


class InvalidateSerializer(WireSerializer):
    tags = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Kinds of answers to make anew; all where left out."
    )

    def validate_tags(self, tags: list[str]) -> list[str]:
        if unknown := sorted({*tags} - answers.KINDS.keys()):
            known = ", ".join(sorted(answers.KINDS))
            raise serializers.ValidationError(f"There is no {', '.join(unknown)}; there is {known}.", "invalid_choice")
        return tags


class CacheStatusView(APIView):
    permission_classes = [IsAdminUser]

    @extend_schema(responses={200: OpenApiTypes.OBJECT, (503, PROBLEM_MEDIA_TYPE): ProblemSerializer})
    def get(self, request: Request) -> Response:
        """Hits, misses, their ratio, waits for who was making it, answers kept and for how long, by kind of answer."""
        try:
            return Response(status.report())
        except RedisError:
            detail = "The cache does not answer: requests go to the database."
            raise Problem(503, "No cache", detail, "cache-away") from None


class CacheInvalidateView(APIView):
    permission_classes = [IsAdminUser]

    @extend_schema(request=InvalidateSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Have answers made anew, of the kinds named or all of them."""
        tags: Any = sent(request, InvalidateSerializer).get("tags")
        if tags is None:
            versions.replace_all()
        else:
            versions.replace(*map(kind_tag, tags))
        return Response(status=204)
