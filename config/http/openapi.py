"""The OpenAPI description as it is served: it depends on the code alone, so a process makes it once."""

import threading
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from config.cache import codings
from config.cache.answers import Answer
from config.http.cached import answer_response
from config.http.conditional import CACHE_CONTROL, content_etag, is_known, not_modified
from config.http.rendering import encode

_made: dict[bool, Answer] = {}
_lock = threading.Lock()


def description(*, is_yaml: bool) -> Answer:
    """The description of every route. Making it takes a quarter of a second of processor time, as YAML twice that."""
    with _lock:
        if is_yaml not in _made:
            schema = SchemaGenerator().get_schema(request=None, public=True)
            body = OpenApiYamlRenderer().render(schema, renderer_context={}) if is_yaml else encode(schema)
            _made[is_yaml] = Answer(content_etag(body), {codings.IDENTITY: body})
        return _made[is_yaml]


def make_all() -> None:
    """In every form and coding it is asked for, before web processes are forked."""
    for is_yaml in (False, True):
        answer = description(is_yaml=is_yaml)
        for coding in (codings.GZIP, codings.BROTLI):
            answer.in_coding(coding)


class DescriptionView(SpectacularAPIView):
    """Open to all, as the pages made of it are."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        answer = description(is_yaml=isinstance(renderer, OpenApiYamlRenderer))
        if is_known(request, answer.etag):
            return not_modified(answer.etag)
        response = answer_response(request, answer, content_type=renderer.media_type)
        response.headers["Cache-Control"] = CACHE_CONTROL
        response.headers["Content-Disposition"] = f'inline; filename="SAFAPAC.{renderer.format}"'
        return response
