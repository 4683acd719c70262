from typing import Any, cast
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.choices import WRITING_ROLES
from accounts.models import User
from accounts.permissions import RoleAllows
from config.http.conditional import ConditionalMixin, check_if_match, etag
from config.http.filters import unknown_query
from config.http.limits import rate_limited
from config.http.problems import PROBLEM_MEDIA_TYPE, FieldError, Problem, ValidationProblem
from config.http.schema import ProblemSerializer
from config.http.viewsets import ModelViewSet, ReadOnlyModelViewSet
from projects.models import Project
from scenarios import services
from scenarios.api import serializers
from scenarios.api.errors import EngineErrorsMixin, field_errors
from scenarios.api.filters import CalculationFilterSet, ScenarioFilterSet
from scenarios.choices import RunState
from scenarios.engine.fields import camel
from scenarios.engine.unit_choices import offered_units
from scenarios.models import Calculation, Scenario
from scenarios.querysets import HEADLINE
from scenarios.services.calculations import EarlierEngine, UnknownKpi
from scenarios.services.execution import BROKE

# Each comes with its whole result.
MAX_COMPARED = 100


class ScenarioViewSet(EngineErrorsMixin, ModelViewSet):
    """Scenarios of the user's projects; lists and new ones stand under their project."""

    queryset = Scenario.objects.none()
    serializer_class = serializers.ScenarioSerializer
    permission_classes = [IsAuthenticated, RoleAllows]
    filterset_class = ScenarioFilterSet
    search_fields = ["name"]
    ordering_fields = ["order", "name", "created_at", "updated_at"]
    ordering = ["order"]

    def get_queryset(self) -> QuerySet[Scenario]:
        visible = Scenario.objects.visible_to(self.request.user)
        if self.action == "list":
            project = self._project()
            return visible.filter(project_id=project.pk).for_list()
        return visible.for_detail()

    def get_serializer_class(self) -> type[BaseSerializer]:
        return serializers.ScenarioListSerializer if self.action == "list" else self.serializer_class

    def etag_of(self, instance: Scenario) -> str:
        # A move of another scenario changes the place of this one, though not its version.
        return etag(instance.pk, instance.version, instance.order, instance.my_role)

    def _project(self) -> Project:
        visible = Project.objects.visible_to(self.request.user).only("id")
        return get_object_or_404(visible, pk=self.kwargs["project_id"])

    def perform_create(self, serializer: BaseSerializer) -> None:
        project = self._project()
        if project.my_role not in WRITING_ROLES:
            raise PermissionDenied(RoleAllows.message)
        user = cast(User, self.request.user)
        serializer.instance = services.scenario_create(project=project, user=user, **serializer.validated_data)

    def perform_update(self, serializer: BaseSerializer) -> None:
        scenario = cast(Scenario, serializer.instance)
        serializer.instance = services.scenario_update(scenario=scenario, **serializer.validated_data)

    def perform_destroy(self, instance: Scenario) -> None:
        services.scenario_delete(scenario=instance)

    def validated(self, serializer_class: type[BaseSerializer]) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @extend_schema(request=serializers.RequiredInputsSerializer, responses=serializers.DraftSerializer)
    @action(detail=True, methods=["patch"])
    def draft(self, request: Request, pk: str) -> Response:
        """Merge some inputs into the saved ones and keep them though incomplete; says what is still missing."""
        changes = self.validated(serializers.RequiredInputsSerializer)["inputs"]
        with transaction.atomic():
            scenario = self.get_locked_object()
            problems = services.scenario_draft(scenario=scenario, changes=changes)
            instance = self.fresh(scenario)
        instance.missing = field_errors(problems)
        return Response(serializers.DraftSerializer(instance).data, headers={"ETag": self.etag_of(instance)})

    @extend_schema(request=serializers.DuplicateSerializer, responses={201: serializers.ScenarioSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: str) -> Response:
        """A copy at the end of the same project."""
        changes = self.validated(serializers.DuplicateSerializer)
        copy = services.scenario_duplicate(scenario=self.get_object(), user=cast(User, request.user), **changes)
        instance = self.fresh(copy)
        return self.detail_response(instance, status=201, headers=self.location_of(instance))

    @extend_schema(request=serializers.MoveSerializer, responses=serializers.ScenarioSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Put the scenario in another place of its project; the others close up."""
        scenario = self.get_object()
        services.scenario_move(scenario=scenario, **self.validated(serializers.MoveSerializer))
        return self.detail_response(self.fresh(scenario))

    @extend_schema(
        parameters=[OpenApiParameter("If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER)],
        request=serializers.InputsSerializer,
        responses={200: serializers.ResultSerializer, (412, PROBLEM_MEDIA_TYPE): ProblemSerializer},
    )
    @action(detail=True, methods=["post"], url_path="calculate/sync")
    @rate_limited("calculate", "user_or_ip")
    def calculate_sync(self, request: Request, pk: str) -> Response:
        """Calculate on the inputs of the body, which are then saved, or on the saved ones, and wait for the result."""
        inputs = self.validated(serializers.InputsSerializer).get("inputs")
        with transaction.atomic():
            scenario = self._locked_with_result()
            calculation = services.calculation_run(scenario=scenario, user=cast(User, request.user), inputs=inputs)
        if calculation.state == RunState.ERRORED:
            raise Problem(500, detail=BROKE, type_="calculation-errored")
        return Response(serializers.result_body(scenario), headers={"ETag": self.etag_of(scenario)})

    def _locked_with_result(self) -> Scenario:
        visible = Scenario.objects.visible_to(self.request.user).fetch_mode(models.FETCH_RAISE)
        visible = visible.select_for_update(of=("self",))
        scenario = get_object_or_404(visible, pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, scenario)
        check_if_match(self.request, self.etag_of(scenario))
        return scenario

    @extend_schema(responses=serializers.ResultSerializer)
    @action(detail=True, methods=["get"], url_path="calculate/status")
    def calculate_status(self, request: Request, pk: str) -> Response:
        """How the calculation stands, and its result once there is one."""
        return Response(serializers.result_body(self._with_result()))

    def _with_result(self) -> Scenario:
        visible = Scenario.objects.visible_to(self.request.user).with_result()
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    @extend_schema(request=serializers.RequiredInputsSerializer, responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["post"])
    @rate_limited("preview", "user_or_ip")
    def preview(self, request: Request, pk: str) -> Response:
        """The result of inputs that are not saved; nothing is stored."""
        get_object_or_404(Scenario.objects.visible_to(request.user).only("id"), pk=pk)
        return Response(services.inputs_preview(inputs=self.validated(serializers.RequiredInputsSerializer)["inputs"]))

    @extend_schema(responses={200: OpenApiTypes.OBJECT, (409, PROBLEM_MEDIA_TYPE): ProblemSerializer})
    @action(detail=True, methods=["get"], url_path=r"trace/(?P<kpi>\w{1,60})")
    def trace(self, request: Request, pk: str, kpi: str) -> Response:
        """Why a number is what it is: formulas, inputs and sources as a tree."""
        calculation = self._with_result().calculated
        if calculation is None:
            raise Problem(409, "Not calculated", "Calculate the scenario first.", "not-calculated")
        try:
            return Response(services.calculation_explain(calculation=calculation, kpi=kpi))
        except UnknownKpi as error:
            known = ", ".join(error.known)
            raise Problem(404, detail=f"There is no result {kpi}; there is {known}.") from None
        except EarlierEngine as error:
            detail = f"This result was {error}: calculate it again to have it explained."
            raise Problem(409, "Earlier engine", detail, "earlier-engine") from None


class CalculationViewSet(ReadOnlyModelViewSet):
    """Runs of a scenario, the newest first."""

    queryset = Calculation.objects.none()
    serializer_class = serializers.CalculationSerializer
    filterset_class = CalculationFilterSet
    ordering_fields = ["queued_at"]
    ordering = ["-queued_at"]

    def get_queryset(self) -> QuerySet[Calculation]:
        visible = Calculation.objects.visible_to(self.request.user)
        if self.action != "list":
            return visible.for_detail()
        scenarios = Scenario.objects.visible_to(self.request.user).only("id")
        scenario = get_object_or_404(scenarios, pk=self.kwargs["scenario_id"])
        return visible.filter(scenario_id=scenario.pk).for_list()

    def get_serializer_class(self) -> type[BaseSerializer]:
        return serializers.CalculationListSerializer if self.action == "list" else self.serializer_class

    @extend_schema(
        parameters=[OpenApiParameter("other", OpenApiTypes.UUID, OpenApiParameter.PATH)], responses=OpenApiTypes.OBJECT
    )
    @action(detail=True, methods=["get"], url_path=r"diff/(?P<other>[0-9a-fA-F-]{36})")
    def diff(self, request: Request, pk: str, other: str) -> Response:
        """What changed from one run to another: inputs by path, headline figures."""
        runs = self.get_queryset().in_bulk([_uuid(pk), _uuid(other)])
        if _uuid(pk) not in runs or _uuid(other) not in runs:
            raise Http404
        found = services.calculation_diff(before=runs[_uuid(pk)], after=runs[_uuid(other)])
        kpis = {camel(name): {"before": old, "after": new} for name, (old, new) in found["kpis"].items()}
        return Response({"inputs": found["inputs"], "kpis": kpis})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


class ComparisonView(ConditionalMixin, APIView):
    """Scenarios of a project side by side."""

    extra_query_names = ("scenarios",)
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("scenarios", OpenApiTypes.STR, description="Ids, comma-separated; all where left out.")
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, project_id: UUID) -> Response:
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


class UnitsView(ConditionalMixin, APIView):
    """The units every input may be given in, its own first."""

    extra_query_names = ()
    filter_backends = ()

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        if errors := unknown_query(request, self):
            raise ValidationProblem(errors)
        return Response({"items": offered_units()})
