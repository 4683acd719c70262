from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.http.cached import CachedMixin
from config.http.conditional import ConditionalMixin
from config.http.filters import unknown_query
from config.http.problems import FieldError, ValidationProblem
from projects.caching import project_tag
from projects.models import Project
from scenarios import services
from scenarios.caching import scenarios_tag
from scenarios.engine.fields import camel
from scenarios.models import Scenario
from scenarios.querysets import HEADLINE

# Each comes with its whole result.
MAX_COMPARED = 100


class ComparisonView(CachedMixin, ConditionalMixin, APIView):
    """Scenarios of a project side by side."""

    cache_name = "comparisons"
    extra_query_names = ("scenarios",)
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("scenarios", OpenApiTypes.STR, description="Ids, comma-separated; all where left out.")
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, project_id: UUID) -> Response | HttpResponse:
        return self.cached(request, lambda: self._compared(request, project_id))

    def cache_tags(self) -> tuple[str, ...]:
        return (scenarios_tag(self.kwargs["project_id"]), project_tag(self.kwargs["project_id"]))

    def _compared(self, request: Request, project_id: UUID) -> Response:
        if errors := unknown_query(request, self):
            raise ValidationProblem(errors)
        project = get_object_or_404(Project.objects.visible_to(request.user).only("id"), pk=project_id)
        scenarios = Scenario.objects.visible_to(request.user).filter(project_id=project.pk).with_result()
        wanted = self._wanted(request)
        if wanted is not None:
            scenarios = scenarios.filter(pk__in=wanted)
        found = list(scenarios.order_by("order")[: MAX_COMPARED + 1])
        if len(found) > MAX_COMPARED:
            message = f"At most {MAX_COMPARED} can be compared: name those you want."
            raise ValidationProblem([FieldError("scenarios", "max_length", message)])
        missing = [str(key) for key in wanted or () if key not in {s.pk for s in found}]
        if missing:
            message = f"There is no scenario {', '.join(missing)} in this project."
            raise ValidationProblem([FieldError("scenarios", "does_not_exist", message)])
        compared = services.scenarios_compare(scenarios=found)
        for part in ("kpis", "best"):
            compared[part] = {camel(name): compared[part][name] for name in HEADLINE}
        return Response(compared)

    @staticmethod
    def _wanted(request: Request) -> list[UUID] | None:
        text = request.query_params.get("scenarios", "").strip()
        if not text:
            return None
        try:
            return [UUID(part.strip()) for part in text.split(",")]
        except ValueError:
            message = "Must be ids of scenarios, separated by commas."
            raise ValidationProblem([FieldError("scenarios", "invalid", message)]) from None
