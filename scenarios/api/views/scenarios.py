from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.choices import WRITING_ROLES
from accounts.models import User
from accounts.permissions import RoleAllows
from config.database.compiled import counted
from config.http.limits import rate_limited
from config.http.problems import PROBLEM_MEDIA_TYPE, Problem
from config.http.schema import ProblemSerializer
from config.http.serializers import sent
from projects.models import Project
from scenarios import services
from scenarios.api import serializers
from scenarios.api.errors import field_errors
from scenarios.api.filters import ScenarioFilterSet
from scenarios.api.views.calculating import CalculatingViewSet
from scenarios.models import Scenario
from scenarios.services.calculations import EarlierEngine, UnknownKpi


class ScenarioViewSet(CalculatingViewSet):
    """Scenarios of the user's projects; lists and new ones stand under their project."""

    queryset = Scenario.objects.none()
    serializer_class = serializers.ScenarioSerializer
    permission_classes = [IsAuthenticated, RoleAllows]
    filterset_class = ScenarioFilterSet
    search_fields = ["name"]
    ordering_fields = ["order", "name", "created_at", "updated_at"]
    ordering = ["order"]

    def get_queryset(self) -> QuerySet[Scenario]:
        return Scenario.objects.visible_to(self.request.user).for_detail()

    def list_queryset(self, user: User, **kwargs: UUID) -> QuerySet[Scenario]:
        return Scenario.objects.visible_to(user).filter(project_id=kwargs["project_id"]).for_list()

    def total(self, queryset: QuerySet[Scenario]) -> RawSQL:
        # Whoever sees one scenario of a project sees all, so the count need not ask again whether they may.
        return counted(self.filter_queryset(Scenario.objects.filter(project_id=self.kwargs["project_id"])))

    def check_parent(self) -> None:
        self._project()

    def get_serializer_class(self) -> type[BaseSerializer]:
        return serializers.ScenarioListSerializer if self.action == "list" else self.serializer_class

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

    @extend_schema(request=serializers.RequiredInputsSerializer, responses=serializers.DraftSerializer)
    @action(detail=True, methods=["patch"])
    def draft(self, request: Request, pk: str) -> Response:
        """Merge some inputs into the saved ones and keep them though incomplete; says what is still missing."""
        changes = sent(request, serializers.RequiredInputsSerializer)["inputs"]
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
        changes = sent(request, serializers.DuplicateSerializer)
        copy = services.scenario_duplicate(scenario=self.get_object(), user=cast(User, request.user), **changes)
        instance = self.fresh(copy)
        return self.detail_response(instance, status=201, headers=self.location_of(instance))

    @extend_schema(request=serializers.MoveSerializer, responses=serializers.ScenarioSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Put the scenario in another place of its project; the others close up."""
        scenario = self.get_object()
        services.scenario_move(scenario=scenario, **sent(request, serializers.MoveSerializer))
        return self.detail_response(self.fresh(scenario))

    def _with_result(self) -> Scenario:
        visible = Scenario.objects.visible_to(self.request.user).with_result()
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    @extend_schema(request=serializers.RequiredInputsSerializer, responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["post"])
    @rate_limited("preview", "user_or_ip")
    def preview(self, request: Request, pk: str) -> Response:
        """The result of inputs that are not saved; nothing is stored."""
        get_object_or_404(Scenario.objects.visible_to(request.user).only("id"), pk=pk)
        return Response(services.inputs_preview(inputs=sent(request, serializers.RequiredInputsSerializer)["inputs"]))

    @extend_schema(responses={200: OpenApiTypes.OBJECT, (409, PROBLEM_MEDIA_TYPE): ProblemSerializer})
    @action(detail=True, methods=["get"], url_path=r"trace/(?P<kpi>\w{1,60})")
    def trace(self, request: Request, pk: str, kpi: str) -> Response | HttpResponse:
        """Why a number is what it is: formulas, inputs and sources as a tree."""
        return self.cached(request, lambda: self._trace(kpi), name="traces")

    def _trace(self, kpi: str) -> Response:
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
