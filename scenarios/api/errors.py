"""What is wrong with inputs, and what has gone meanwhile, as problems of HTTP."""

from collections.abc import Iterable, Mapping

from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from config.http import problems
from config.http.problems import FieldError, ValidationProblem
from projects.models import Project
from scenarios.engine import InputError, InputProblem
from scenarios.engine.fields import camel_path
from scenarios.engine.resolution import INCOMPLETE
from scenarios.models import Scenario
from scenarios.services import inputs_examine
from scenarios.services.scenarios import MISSING

# Faults that wait until the scenario is calculated, by action; the other actions tolerate none.
_TOLERATED = {
    "create": MISSING,
    "update": MISSING,
    "partial_update": MISSING,
    "draft": MISSING | INCOMPLETE,
}


def field_errors(found: Iterable[InputProblem]) -> list[FieldError]:
    """The engine's problems at their place in the body."""
    return [FieldError(f"inputs.{_wire_path(problem)}", problem.code, problem.message) for problem in found]


def _wire_path(problem: InputProblem) -> str:
    """The path as the client knows it; a key that is none of ours stays as it was sent."""
    parent, dot, key = problem.field.rpartition(".")
    return f"{camel_path(parent)}{dot}{key if problem.code == 'unknown' else camel_path(key)}"


class EngineErrorsMixin(APIView):
    """Answers 400 for inputs that the engine refuses, naming every field, and 404 for what has gone meanwhile."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, InputError):
            exc = ValidationProblem(field_errors(exc.problems))
        elif isinstance(exc, ValidationError):
            exc = ValidationProblem([*problems.field_errors(exc.detail), *self._faults_of_inputs()])
        elif isinstance(exc, Project.DoesNotExist | Scenario.DoesNotExist):
            exc = Http404()
        return super().handle_exception(exc)

    def _faults_of_inputs(self) -> list[FieldError]:
        """The engine never saw inputs whose body was refused for another field; yet all faults are told at once."""
        body = self.request.data
        inputs = body.get("inputs") if isinstance(body, Mapping) else None
        if not isinstance(inputs, Mapping):
            return []
        tolerated = _TOLERATED.get(getattr(self, "action", ""), frozenset())
        return field_errors(fault for fault in inputs_examine(inputs).problems if fault.code not in tolerated)
