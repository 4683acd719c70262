from typing import Any, cast

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from config.http.cached import TransientResponse
from config.http.conditional import check_if_match, etag
from config.http.limits import rate_limited
from config.http.problems import PROBLEM_MEDIA_TYPE, FieldError, Problem
from config.http.schema import ProblemSerializer
from config.http.serializers import sent
from config.http.viewsets import ModelViewSet
from projects.caching import project_tag
from scenarios import services
from scenarios.access import locked_scenario
from scenarios.api import serializers
from scenarios.api.errors import EngineErrorsMixin
from scenarios.api.views.cancelling import CANCEL, cancelled, nothing_to_cancel
from scenarios.caching import scenario_tag, scenarios_tag
from scenarios.choices import RunState, ScenarioStatus
from scenarios.models import Calculation, Scenario
from scenarios.querysets import ScenarioQuerySet
from scenarios.services.execution import BROKE
from scenarios.services.idempotency import KeyReused, calculation_of_key

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 200
# A run may end between the reading of its scenario and its own; that another one does so again is rare.
READINGS = 3

_IF_MATCH = OpenApiParameter("If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER)
_KEY = OpenApiParameter(
    KEY_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        f"Printable ASCII, at most {LONGEST_KEY} characters. The same request sent again with it within 24 hours is "
        "served once and names the same calculation."
    ),
)
_LOCATION = OpenApiParameter(
    "Location", OpenApiTypes.URI_REF, OpenApiParameter.HEADER, response=[202], description="The calculation."
)


class CalculatingViewSet(EngineErrorsMixin, ModelViewSet):
    """Having a scenario calculated, and how that stands."""

    # Without TRACE, which would find an action of its name.
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]

    cache_name = "scenarios"
    more_cache_names = ("results", "traces")

    def cache_tags(self) -> tuple[str, ...]:
        if "pk" in self.kwargs:
            return (scenario_tag(self.kwargs["pk"]),)
        return (scenarios_tag(self.kwargs["project_id"]), project_tag(self.kwargs["project_id"]))

    def etag_of(self, instance: Scenario) -> str:
        # A move of another scenario changes the place of this one, though not its version.
        return etag(instance.pk, instance.version, instance.order, instance.my_role)

    def locked(self, key: Any) -> Scenario:
        # An update compares what is sent with what is shown, which the others need not read.
        is_shown = self.action in {"update", "partial_update"}
        return super().locked(key) if is_shown else locked_scenario(self.request.user, key)

    @extend_schema(
        parameters=[_KEY, _IF_MATCH, _LOCATION],
        request=serializers.InputsSerializer,
        responses={
            202: OpenApiResponse(
                serializers.StartedSerializer,
                description="``calculating``; or ``calculated``, where the result of the same inputs is known.",
            ),
            (412, PROBLEM_MEDIA_TYPE): ProblemSerializer,
            (422, PROBLEM_MEDIA_TYPE): OpenApiResponse(
                ProblemSerializer, description=f"The {KEY_HEADER} came with another request."
            ),
        },
    )
    @action(detail=True, methods=["post"], serializer_class=serializers.InputsSerializer)
    @rate_limited("calculate", "user_or_ip")
    def calculate(self, request: Request, pk: str) -> Response:
        """Queue a calculation on the inputs of the body, which are then saved, or on the saved ones.

        The same inputs as those being calculated are the same run; others take its place, and it is cancelled.
        """
        inputs, key = self._asked()
        user = cast(User, request.user)
        try:
            with transaction.atomic():
                scenario = self.locked(pk)
                self.check_object_permissions(request, scenario)
                if not self._is_repeated(scenario, inputs, key):
                    check_if_match(request, self.etag_of(scenario))
                calculation = services.calculation_start(
                    scenario=scenario, user=user, inputs=inputs, idempotency_key=key
                )
        except KeyReused as error:
            detail = f"{KEY_HEADER}: {error}."
            errors = [FieldError(KEY_HEADER, "reused", "Came with another request: take a new one.")]
            raise Problem(422, "Idempotency key reused", detail, "idempotency-key-reused", errors) from None
        body = serializers.started_body(scenario, calculation.pk)
        headers = {"Location": body["links"]["calculation"], "ETag": self.etag_of(scenario)}
        return Response(body, status=202, headers=headers)

    def _asked(self) -> tuple[dict[str, Any] | None, str | None]:
        """Inputs and idempotency key, if any. Raises ValidationError naming every fault of both."""
        given: dict[str, Any] = {}
        faults: dict[str, Any] = {}
        try:
            given = sent(self.request, serializers.InputsSerializer)
        except ValidationError as error:
            faults = cast(dict[str, Any], error.detail)
        key = self.request.headers.get(KEY_HEADER)
        if key is not None and not (key.isascii() and key.isprintable() and key.strip()):
            faults[KEY_HEADER] = [ErrorDetail("Must be printable ASCII characters.", "invalid")]
        elif key is not None and len(key) > LONGEST_KEY:
            faults[KEY_HEADER] = [ErrorDetail(f"May have at most {LONGEST_KEY} characters.", "max_length")]
        if faults:
            raise ValidationError(faults)
        return given.get("inputs"), key

    def _is_repeated(self, scenario: Scenario, inputs: dict[str, Any] | None, key: str | None) -> bool:
        """Whether this very request was served before; it then stands on a version that it has changed itself."""
        if key is None or "HTTP_IF_MATCH" not in self.request.META:
            return False
        user = cast(User, self.request.user)
        return calculation_of_key(user=user, key=key, scenario_id=scenario.pk, inputs=inputs) is not None

    @extend_schema(
        parameters=[_IF_MATCH],
        request=serializers.InputsSerializer,
        responses={200: serializers.ResultSerializer, (412, PROBLEM_MEDIA_TYPE): ProblemSerializer},
    )
    @action(detail=True, methods=["post"], url_path="calculate/sync", serializer_class=serializers.InputsSerializer)
    @rate_limited("calculate", "user_or_ip")
    def calculate_sync(self, request: Request, pk: str) -> Response:
        """Calculate on the inputs of the body, which are then saved, or on the saved ones, and wait for the result."""
        inputs = sent(request, serializers.InputsSerializer).get("inputs")
        with transaction.atomic():
            scenario = self.get_locked_object()
            calculation = services.calculation_run(scenario=scenario, user=cast(User, request.user), inputs=inputs)
        if calculation.state == RunState.ERRORED:
            raise Problem(500, detail=BROKE, type_="calculation-errored")
        return Response(serializers.result_body(scenario), headers={"ETag": self.etag_of(scenario)})

    def _visible(self) -> ScenarioQuerySet:
        return Scenario.objects.visible_to(self.request.user)

    @extend_schema(responses=serializers.ResultSerializer)
    @action(detail=True, methods=["get"], url_path="calculate/status")
    def calculate_status(self, request: Request, pk: str) -> Response | HttpResponse:
        """How the calculation stands and what it waits for, and its result once there is one."""
        return self.cached(request, self._status, name="results", is_guarded=False)

    def _status(self) -> Response:
        scenario, progress = self._standing()
        if scenario.status == ScenarioStatus.CALCULATING:
            # No version moves with the queue: the tag is that of the bytes.
            return TransientResponse(serializers.result_body(scenario, progress=progress))
        tag = etag(scenario.pk, scenario.version, "status")
        if scenario.calculated is not None:
            scenario.current = get_object_or_404(Calculation.objects.with_result(), pk=scenario.current_id)
        message = _why_not_calculated(scenario) if scenario.status == ScenarioStatus.DRAFT else None
        return Response(serializers.result_body(scenario, message=message), headers={"ETag": tag})

    def _standing(self) -> tuple[Scenario, services.Progress | None]:
        for _ in range(READINGS):
            scenario = get_object_or_404(self._visible().for_status(), pk=self.kwargs["pk"])
            if scenario.status != ScenarioStatus.CALCULATING:
                break
            progress = services.calculation_progress(scenario=scenario)
            if progress is not None:
                return scenario, progress
        return scenario, None

    @extend_schema(**CANCEL)
    @action(detail=True, methods=["post"], url_path="calculate/cancel", serializer_class=serializers.NothingSerializer)
    def calculate_cancel(self, request: Request, pk: str) -> Response:
        """End what is queued or running for the scenario, which is then what it would be without it."""
        scenario = get_object_or_404(self._visible().for_status(), pk=pk)
        self.check_object_permissions(request, scenario)
        calculation = Calculation.objects.filter(scenario_id=scenario.pk).active().for_progress().first()
        if calculation is None:
            raise nothing_to_cancel("The scenario is not being calculated.")
        return cancelled(request, calculation)


def _why_not_calculated(scenario: Scenario) -> str | None:
    """Who waits for a run that was cancelled learns so, even where it was somebody else who cancelled it."""
    last = Calculation.objects.filter(scenario_id=scenario.pk).for_progress().order_by("-queued_at").first()
    return last.message if last is not None and last.state == RunState.CANCELLED else None
