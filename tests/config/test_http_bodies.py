"""Bodies: how long, how deep and how well formed they may be."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from config.http.chunks import BoundedChunks
from config.http.serializers import WireSerializer, sent
from config.wsgi import application
from projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.http_routes")]

PROJECTS = "/api/v1/projects"
ECHO = "/api/test/echo"
LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def post(client: APIClient, url: str, body: bytes | str, content_type: str = "application/json") -> Any:
    return client.post(url, body, content_type=content_type)


def test_syntax_error_says_where(api: APIClient) -> None:
    response = post(api, PROJECTS, '{\n  "name": tru\n}')

    assert response.status_code == 400
    assert response.json()["type"] == "urn:safapac:problem:malformed-body"
    assert "line 2, column 11" in response.json()["detail"]
    assert not Project.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"text"', "7", "null", "true"])
def test_body_is_an_object(api: APIClient, body: str) -> None:
    response = post(api, PROJECTS, body)

    assert response.status_code == 400
    assert "object" in response.json()["detail"]


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400", "-1e999", "9" * 400])
def test_numbers_that_are_not_finite_are_named_by_field(api: APIClient, literal: str) -> None:
    response = post(
        api, PROJECTS, f'{{"name": "x", "inputs": {{"feedstocks": [{{"price": 1}}, {{"price": {literal}}}]}}}}'
    )

    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [
        ("inputs.feedstocks[1].price", "not_finite")
    ]
    assert not Project.objects.exists()


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"name": "\xff"}', '{"name": "\\ud800"}', "\ufeff{}", "{", "{]", ""])
def test_what_is_not_json_in_utf_8_is_refused(api: APIClient, body: bytes | str) -> None:
    response = post(api, PROJECTS, body)

    assert response.status_code == 400
    assert not Project.objects.exists()


def test_null_character_is_named_by_field(api: APIClient) -> None:
    response = post(api, PROJECTS, '{"name": "a\\u0000b", "k\\u0000": 1, "fine": "\\\\u0000"}')

    assert response.status_code == 400
    assert {e["code"] for e in response.json()["errors"]} == {"null_character"}
    assert "name" in {e["field"] for e in response.json()["errors"]}


def test_backslash_and_digits_are_not_a_null_character(api: APIClient) -> None:
    assert post(api, PROJECTS, '{"name": "\\\\u0000"}').json()["name"] == "\\u0000"


def test_depth_is_bounded(api: APIClient) -> None:
    def nested(depth: int) -> str:
        return '{"a":' * depth + "1" + "}" * depth

    assert post(api, ECHO, nested(64)).status_code == 200
    assert post(api, ECHO, nested(65)).status_code == 400
    assert post(api, ECHO, nested(900)).status_code == 400
    assert post(api, ECHO, nested(100_000)).status_code == 400
    assert post(api, ECHO, '{"a":' + "[" * 300_000).status_code == 400


def test_wide_bodies_are_fine(api: APIClient) -> None:
    body = '{"rows": [' + ",".join(['{"a": [1]}'] * 500) + "]}"

    assert len(post(api, ECHO, body).json()["rows"]) == 500


def test_body_over_the_limit_is_refused_before_it_is_parsed(api: APIClient) -> None:
    just_right = '{"name": "' + "x" * (LIMIT - len('{"name": ""}')) + '"}'

    fits = post(api, ECHO, just_right)
    too_large = post(api, ECHO, just_right + " ")
    much_too_large = post(api, PROJECTS, "x" * 2_000_000)

    assert fits.status_code == 200
    for response in (too_large, much_too_large):
        assert response.status_code == 413
        assert response.headers["Content-Type"] == "application/problem+json"
        assert str(LIMIT) in response.json()["detail"]


def test_length_that_lies_does_not_get_past_the_limit(api: APIClient) -> None:
    """A declared length below the limit bounds what is read, whatever follows."""
    response = api.generic(
        "POST", ECHO, b'{"a": 1}' + b" " * LIMIT, content_type="application/json", CONTENT_LENGTH="8"
    )

    assert response.json() == {"a": 1}


class Chunks(io.RawIOBase):
    """A socket that hands out a chunked body bit by bit, and counts how much was asked of it."""

    def __init__(self, size: int, prefix: bytes) -> None:
        self.left, self.prefix, self.given = size - len(prefix), prefix, 0

    def read(self, size: int = -1) -> bytes:
        if self.prefix:
            part, self.prefix = self.prefix, b""
        else:
            part = b" " * min(size, self.left, 1000)
            self.left -= len(part)
        self.given += len(part)
        return part


def call(stream: Chunks) -> tuple[str, bytes]:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": ECHO,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    started: list[str] = []
    body = b"".join(application(environ, lambda status, headers, exc_info=None: started.append(status)))
    return started[0], body


def test_chunked_body_counts_like_any_other() -> None:
    assert isinstance(application, BoundedChunks)

    status, body = call(Chunks(5000, b'{"name": "x"}'))

    assert (status, body) == ("200 OK", b'{"name":"x"}')


def test_endless_chunked_body_is_cut_off_at_the_limit() -> None:
    stream = Chunks(100 * LIMIT, b'{"name": "x"}')

    status, body = call(stream)

    assert status.startswith("413")
    assert b"requestId" in body
    assert stream.given <= LIMIT + 1001


def test_bodies_that_are_read_at_once_are_not_mixed_up() -> None:
    both_are_within = Barrier(2, timeout=30)

    class PersonSerializer(WireSerializer):
        first_name = serializers.CharField()
        age = serializers.IntegerField(required=False)

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            both_are_within.wait()
            if attrs["first_name"] == "Eve":
                raise serializers.ValidationError({"firstName": "Taken."})
            return attrs

    def read(body: dict[str, Any]) -> Any:
        request = Request(APIRequestFactory().post("/", body, format="json"), parsers=[JSONParser()])
        try:
            return sent(request, PersonSerializer)
        except serializers.ValidationError as error:
            return error.detail

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, [{"firstName": "Ann", "age": 40}, {"firstName": "Bob"}])) == [
            {"first_name": "Ann", "age": 40},
            {"first_name": "Bob"},
        ]
        assert list(pool.map(read, [{"firstName": "Eve"}, {"firstName": "Ann"}])) == [
            {"firstName": ["Taken."]},
            {"first_name": "Ann"},
        ]
