"""Views for tests that ask something of the database which no view of the product asks."""

from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from projects.models import Project


def sleep(seconds: float = 0.01) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s), 'a secret'", [seconds])


def slow(request: HttpRequest) -> HttpResponse:
    sleep()
    return HttpResponse("slept")


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(sleep() or b"slept" for _ in range(1))


def counting(request: HttpRequest) -> HttpResponse:
    Project.objects.update(version=F("version") + 1)
    return HttpResponse("counted")


def failing(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / %s", [0])
    return HttpResponse("never")


urlpatterns = [
    path("slow", slow),
    path("streamed", streamed),
    path("counting", counting),
    path("failing", failing),
]
