"""The product's routes, and some that break in ways no real route should."""

import math
from typing import Any

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django_ratelimit.exceptions import Ratelimited
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Team, User
from accounts.services import user_create
from config.http.serializers import WireSerializer, sent
from config.urls import *  # noqa: F403
from config.urls import urlpatterns as product

SECRET = "hunter2"


class PartSerializer(WireSerializer):
    part_name = serializers.CharField()
    unit_price = serializers.FloatField(min_value=0)


class OrderSerializer(WireSerializer):
    order_parts = PartSerializer(many=True)
    free_form = serializers.JSONField(required=False)
    ship_to = PartSerializer(required=False)
    line_count = serializers.SerializerMethodField()
    weight_limits = serializers.ListField(child=serializers.FloatField(max_value=10), required=False)

    def get_line_count(self, order: dict[str, Any]) -> int:
        return len(order["order_parts"])

    def validate_order_parts(self, parts: list[Any]) -> list[Any]:
        if len(parts) > 3:
            raise serializers.ValidationError("At most three.", code="max_length")
        return parts


class OrderView(APIView):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        return Response(OrderSerializer(sent(request, OrderSerializer)).data)


class EchoView(APIView):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        return Response(request.data)


def raising(fault: Any) -> Any:
    class RaisingView(APIView):
        permission_classes = [AllowAny]

        def get(self, request: Request) -> Response:
            fault()
            return Response({"number": math.nan})

    return RaisingView.as_view()


def broken() -> None:
    raise RuntimeError(f"the password is {SECRET}")


def duplicate() -> None:
    user_create(email="twice@example.com")
    user_create(email="TWICE@example.com")


def invalid_model() -> None:
    User(email="no address", name="x" * 200).full_clean()


def duplicate_model() -> None:
    User(email="TWICE@example.com", password="x").full_clean()


def raw(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body)


def restricted() -> None:
    Team.objects.get().delete()


def too_slow() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        cursor.execute("SELECT pg_sleep(2)")


def out_of_range() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1000000::smallint")


def raise_(exc: Exception) -> None:
    raise exc


urlpatterns = [
    path("api/test/orders", OrderView.as_view()),
    path("api/test/echo", EchoView.as_view()),
    path("api/test/broken", raising(broken)),
    path("api/test/nan", raising(lambda: None)),
    path("api/test/duplicate", raising(duplicate)),
    path("api/test/duplicate-model", raising(duplicate_model)),
    path("api/test/raw", csrf_exempt(raw)),
    path("api/test/invalid-model", raising(invalid_model)),
    path("api/test/restricted", raising(restricted)),
    path("api/test/too-slow", raising(too_slow)),
    path("api/test/out-of-range", raising(out_of_range)),
    path("api/test/suspicious", raising(lambda: raise_(SuspiciousOperation(SECRET)))),
    path("api/test/ratelimited", raising(lambda: raise_(Ratelimited()))),
    path("api/test/throttled", raising(lambda: raise_(Throttled(wait=7.2)))),
    path("api/test/invalid", raising(lambda: raise_(ValidationError("Not both.", code="both")))),
    path("broken-page", raising(broken)),
    path("plain/broken", lambda request: broken()),
    *product,
]
