"""Errors as RFC 9457 problem details: one shape, one handler, for every status under /api.

The handler never touches the database: by the time it runs, the database may be what failed.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from typing import Any

import orjson
from django.apps import apps
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import F, ProtectedError, RestrictedError, UniqueConstraint
from django.http import Http404, HttpRequest, HttpResponse
from django.template import loader
from django.views import defaults
from django_ratelimit.exceptions import Ratelimited
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings

from config.http.naming import camel

PROBLEM_MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"
UNIQUE_VIOLATION = "23505"
FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_CODES = frozenset({"unique", "unique_together"})
RETRY_AFTER_OUTAGE = 5
# A body of the largest size could have an error in every other byte of it, and a long path to each.
MOST_NAMED = 500
LONGEST_NAME = 500

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, named by its path on the wire: ``feedstocks[0].price``."""

    field: str
    code: str
    message: str


class Problem(exceptions.APIException):
    """An answer other than success, with a type of its own.

    ``type_`` is ``about:blank`` where the status says it all, else a slug that a client can branch on.
    """

    def __init__(
        self,
        status: int,
        title: str | None = None,
        detail: str = "",
        type_: str = "about:blank",
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status_code = status
        self.title = title or HTTPStatus(status).phrase
        self.detail_text = detail
        self.type = type_ if ":" in type_ else f"urn:safapac:problem:{type_}"
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def body(self, request_id: str | None) -> dict[str, Any]:
        """The problem as it goes on the wire."""
        return {
            "type": self.type,
            "title": self.title,
            "status": self.status_code,
            "detail": self.detail_text,
            "requestId": request_id,
            "errors": [{"field": e.field, "code": e.code, "message": e.message} for e in self.errors],
        }


class ValidationProblem(Problem):
    """400 that names every field at fault, up to ``MOST_NAMED``: beyond are bodies made to be answered at length."""

    def __init__(self, errors: Iterable[FieldError], detail: str = "") -> None:
        errors = tuple(islice((_shortened(error) for error in errors), MOST_NAMED))
        named = sorted({e.field for e in errors if e.field})
        detail = detail or (f"Not acceptable: {', '.join(named)}." if named else " ".join(e.message for e in errors))
        if len(errors) == MOST_NAMED:
            detail += f" There may be more: {MOST_NAMED} are named."
        super().__init__(status.HTTP_400_BAD_REQUEST, "Invalid request", detail, "validation", errors)


class Duplicate(Problem):
    """409: something with these values exists already."""

    def __init__(self, detail: str = "It exists already.", errors: Iterable[FieldError] = ()) -> None:
        super().__init__(status.HTTP_409_CONFLICT, "Duplicate", detail, "duplicate", errors)


class StaleWrite(Problem):
    """412: what the client wants to change has changed since it was read."""

    def __init__(self, detail: str = "It has changed since you read it: read it again and repeat your change.") -> None:
        super().__init__(status.HTTP_412_PRECONDITION_FAILED, "Stale write", detail, "stale-write")


class BodyTooLarge(Problem):
    """413 that says the limit."""

    def __init__(self, limit: int) -> None:
        detail = f"The body may be at most {limit} bytes."
        super().__init__(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "Body too large", detail, "body-too-large")


class RateLimited(Problem):
    """429 that says after how many seconds to come back."""

    def __init__(self, retry_after: int) -> None:
        seconds = max(1, retry_after)
        detail = f"Too many requests: try again in {seconds} seconds."
        headers = {"Retry-After": str(seconds)}
        super().__init__(status.HTTP_429_TOO_MANY_REQUESTS, "Too many requests", detail, "rate-limit", (), headers)


def _shortened(error: FieldError) -> FieldError:
    if len(error.field) <= LONGEST_NAME:
        return error
    return replace(error, field=f"{error.field[:LONGEST_NAME]}…")


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """The leaves of a serializer's error tree, each with its path on the wire."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from field_errors(value, _join(path, key))
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            yield from field_errors(value, f"{path}[{index}]" if isinstance(value, Mapping | list | tuple) else path)
    else:
        yield FieldError(path, getattr(detail, "code", "invalid"), str(detail))


def _join(path: str, key: Any) -> str:
    if key == api_settings.NON_FIELD_ERRORS_KEY:
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _model_errors(error: ModelValidationError) -> Iterator[FieldError]:
    tree = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, faults in tree.items():
        field = "" if name == NON_FIELD_ERRORS else camel(name)
        for fault in faults:
            yield FieldError(field, fault.code or "invalid", " ".join(fault.messages))


def as_problem(exc: Exception) -> Problem | None:
    """The problem an exception amounts to; None for one that is nobody's fault but ours."""
    match exc:
        case Problem():
            return exc
        case exceptions.ValidationError():
            return _of_errors(tuple(field_errors(exc.detail)))
        case ModelValidationError():
            return _of_errors(tuple(_model_errors(exc)))
        case Http404():
            return Problem(404, detail="There is nothing here, or nothing that you may see.")
        case Ratelimited():
            return RateLimited(60)
        case PermissionDenied():
            return Problem(403, detail=str(exc) or "You may not do this.")
        case exceptions.APIException():
            return _of_framework(exc)
        case RequestDataTooBig():
            return Problem(413, "Body too large", "The body is too large.", "body-too-large")
        case ProtectedError() | RestrictedError():
            return Problem(409, "In use", "It is still in use elsewhere.", "in-use")
        case IntegrityError() | DataError() | OperationalError() | InterfaceError():
            return _of_database(exc)
    return None


def _of_errors(errors: tuple[FieldError, ...]) -> Problem:
    """Invalid; or, where all that is wrong is that it exists already, a duplicate."""
    if errors and all(error.code in UNIQUE_CODES for error in errors):
        return Duplicate("Something with the same values exists already.", errors)
    return ValidationProblem(errors)


def _of_framework(exc: exceptions.APIException) -> Problem:
    headers = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if isinstance(exc, exceptions.Throttled):
        return RateLimited(int(getattr(exc, "wait", None) or 60))
    detail = exc.detail if isinstance(exc.detail, str) else str(exc.default_detail)
    return Problem(exc.status_code, detail=str(detail), headers=headers)


def _of_database(exc: Exception) -> Problem | None:
    cause = exc.__cause__
    state = getattr(cause, "pgcode", None) or ""
    if state == UNIQUE_VIOLATION:
        fields = _unique_fields(getattr(getattr(cause, "diag", None), "constraint_name", None))
        errors = [FieldError(field, "unique", "Exists already.") for field in fields]
        return Duplicate("Something with the same values exists already.", errors)
    if state == FOREIGN_KEY_VIOLATION:
        return Problem(409, "Conflict", "What this refers to has just gone, or is still in use.", "in-use")
    if isinstance(exc, DataError):
        logger.warning("the database refused a value: %s", exc)
        return Problem(400, "Invalid request", "A value is outside what can be stored.", "validation")
    if isinstance(exc, OperationalError | InterfaceError):
        logger.error("the database failed", exc_info=exc)
        headers = {"Retry-After": str(RETRY_AFTER_OUTAGE)}
        return Problem(503, detail="The database does not answer: try again shortly.", type_="outage", headers=headers)
    return None


def _unique_fields(constraint_name: str | None) -> list[str]:
    """Wire names of the fields that a declared unique constraint spans."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == constraint_name and isinstance(constraint, UniqueConstraint):
                expressions: Any = constraint.expressions
                nodes = [node for expression in expressions for node in expression.flatten()]
                spanned = constraint.fields or [n.name for n in nodes if isinstance(n, F)]  # type: ignore[attr-defined]
                return [camel(name) for name in spanned]
    return []


def problem_exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler; what it does not know goes on to ``handler500``."""
    problem = as_problem(exc)
    if problem is None:
        return None
    return Response(problem.body(_request_id(context["request"])), problem.status_code, headers=problem.headers)


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as a plain Django response, for what happens outside REST framework."""
    return HttpResponse(
        orjson.dumps(problem.body(_request_id(request))),
        status=problem.status_code,
        content_type=PROBLEM_MEDIA_TYPE,
        headers=problem.headers,
    )


def _request_id(request: Any) -> str | None:
    return getattr(request, "request_id", None)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        if isinstance(exception, RequestDataTooBig):
            return _too_large_page(request)
        return defaults.bad_request(request, exception)
    # The exception names hosts and settings: a stranger is told no more than the status.
    return problem_response(request, as_problem(exception) or Problem(400, detail="The request cannot be read."))


def _too_large_page(request: HttpRequest) -> HttpResponse:
    # Without the request's own values: its form, which they would ask for, is what cannot be read.
    page = loader.render_to_string("413.html", {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    return HttpResponse(page, status=413)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.permission_denied(request, exception)
    return problem_response(request, as_problem(exception) or Problem(403, detail="You may not do this."))


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return problem_response(request, Problem(404, detail="There is no such address."))


def handler500(request: HttpRequest) -> HttpResponse:
    logger.error("request %s broke: %s %s", _request_id(request), request.method, request.path)
    if not _is_api(request):
        # Without the request: what its user and session need may be what broke.
        page = loader.render_to_string("500.html", {"request_id": _request_id(request)})
        return HttpResponse(page, status=500)
    return problem_response(request, Problem(500, detail="Something broke on our side; the request id finds it."))
