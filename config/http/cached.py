"""Answers of views from the cache: found by versions before anything is asked of the database."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from config.cache import answers, codings, versions, warming
from config.cache.answers import Answer, kind_tag
from config.http import repeats
from config.http.conditional import content_etag, is_known, not_modified
from config.http.rendering import encode

_READ = "_versions_read"


def versions_of(request: Request | HttpRequest, tags: Iterable[str]) -> versions.Versions | None:
    """The versions of ``tags``, each read at most once a request.

    None while one of them moves, or the cache cannot be relied on.
    """
    known: dict[str, bytes] = getattr(request, "_request", request).__dict__.setdefault(_READ, {})
    wanted = tuple(tags)
    missing = [tag for tag in (versions.EPOCH, *wanted) if tag not in known]
    if missing:
        found = versions.read(tag for tag in missing if tag != versions.EPOCH)
        if found is None:
            return None
        # What was read first counts: a newer epoch beside older versions would be neither state.
        for tag, version in found.items():
            known.setdefault(tag, version)
        if not known.keys() >= {versions.EPOCH, *wanted}:
            return None
    return {tag: known[tag] for tag in (versions.EPOCH, *wanted)}


class TransientResponse(Response):
    """What may be another at the next moment though no version moved: it is not kept."""


class CachedMixin:
    """Gives a view ``cached``. A view says what its answers depend on (``cache_tags``) and what they are called.

    ``cache_tags`` is asked before the view is entered too, so that all versions come in one round trip: it may look at
    ``self.kwargs`` only. An answer varies with the user, the path and the query.
    """

    cache_name = ""
    # What else of the view is kept, under names of its own.
    more_cache_names: tuple[str, ...] = ()
    cache_ttl_s: int | None = None
    # Whether all who may read get the same.
    is_shared = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in cls.cache_names():
            answers.KINDS[name] = cls.cache_ttl_s or settings.LIST_TTL

    @classmethod
    def cache_names(cls) -> tuple[str, ...]:
        """Everything of this view that is kept."""
        return tuple(filter(None, (cls.cache_name, *cls.more_cache_names)))

    def cache_tags(self) -> tuple[str, ...]:
        return ()

    def cached(
        self, request: Request, make: Callable[[], Response], *, name: str = "", is_guarded: bool = True
    ) -> Response | HttpResponse:
        """The answer of ``make``, from the cache where it is there; 304 for a reader who has it.

        Pages for people, answers other than 200 and transient ones are made as ever. Of several who
        ask at once for what is ``is_guarded`` one makes it.
        """
        name = name or self.cache_name
        accepted = getattr(request, "accepted_renderer", None)
        if not name or getattr(accepted, "media_type", "") != "application/json":
            return make()
        reader = () if self.is_shared else _reader_tags(request.user)
        found = None if reader is None else versions_of(request, (kind_tag(name), *self.cache_tags(), *reader))
        if found is None:
            return make()
        whose = () if self.is_shared else (request.user.pk,)
        key = answers.key_of(name, found, (*whose, request._request.get_full_path()))
        refused: list[Response] = []

        def made() -> Answer:
            if self.is_shared:
                warming.notice(found)
            response = make()
            if response.status_code != 200 or isinstance(response, TransientResponse):
                refused.append(response)
                raise _NotKept
            body = encode(response.data)
            return Answer(response.headers.get("ETag") or content_etag(body), {codings.IDENTITY: body})

        try:
            answer = answers.find_or_make(key, ttl_s=answers.KINDS[name], make=made, is_guarded=is_guarded)
        except _NotKept:
            return refused[0]
        match = request._request.resolver_match
        if match is not None:
            known = request._request.__dict__[_READ]
            repeats.offer(request._request.META, name=name, route=match.route, known=dict(known))
        if is_known(request, answer.etag):
            return not_modified(answer.etag)
        return answer_response(request, answer)


def _reader_tags(user: Any) -> tuple[str, ...] | None:
    """What of the reader an answer depends on; None for a reader whose versions nobody follows.

    With their teams, since a project that goes to another team takes along what may be seen of it.
    """
    tag = getattr(user, "cache_tag", None)
    return None if tag is None else (tag, *user.team_tags)


class _NotKept(Exception):  # noqa: N818
    """What was made is no answer to keep."""


def answer_response(request: Request, answer: Answer, *, content_type: str = "application/json") -> HttpResponse:
    """The bytes of an answer in the coding the client takes."""
    coding = codings.coding_for(request._request.META.get("HTTP_ACCEPT_ENCODING", ""), len(answer.body))
    headers = {"ETag": answer.etag, "Vary": "Accept-Encoding", **codings.headers(coding, answer.etag)}
    return HttpResponse(answer.in_coding(coding), content_type=content_type, headers=headers)
