from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers

from accounts.api.serializers import UserBriefSerializer
from config.http.rendering import FiniteDict
from config.http.serializers import WireModelSerializer, WireSerializer
from scenarios.api.fields import InputsField
from scenarios.choices import ScenarioStatus
from scenarios.models import Calculation, Scenario
from scenarios.querysets import HEADLINE
from scenarios.services import Progress

NOT_CALCULATED = "Not calculated yet."


class KpisSerializer(WireModelSerializer):
    """Headline figures of the current result."""

    class Meta:
        model = Calculation
        fields = list(HEADLINE)
        read_only_fields = fields


class ScenarioListSerializer(WireModelSerializer):
    project_id = serializers.UUIDField(read_only=True)
    kpis = KpisSerializer(source="current", read_only=True, allow_null=True)
    calculated_at = serializers.DateTimeField(
        source="current.finished_at", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Scenario
        fields = [
            "id",
            "project_id",
            "name",
            "order",
            "status",
            "kpis",
            "calculated_at",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [name for name in fields if name != "name"]


class ScenarioSerializer(ScenarioListSerializer):
    """A scenario with its inputs as they were sent; they may lack values, which calculating them then asks for."""

    inputs = InputsField(required=False)
    my_role = serializers.CharField(read_only=True)

    class Meta(ScenarioListSerializer.Meta):
        fields = [*ScenarioListSerializer.Meta.fields, "inputs", "my_role"]


class InputsSerializer(WireSerializer):
    inputs = InputsField(required=False, help_text="The saved inputs where left out.")


class RequiredInputsSerializer(WireSerializer):
    inputs = InputsField()


class DuplicateSerializer(WireSerializer):
    name = serializers.CharField(max_length=200, required=False, help_text='The source\'s name and "(copy)" if absent.')


class MoveSerializer(WireSerializer):
    order = serializers.IntegerField(
        min_value=0, max_value=1_000_000, help_text="New place within the project, from 0."
    )


class NothingSerializer(WireSerializer):
    """An empty body."""


class MissingSerializer(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class DraftSerializer(ScenarioSerializer):
    """A scenario with what its inputs still lack."""

    missing = MissingSerializer(many=True, read_only=True)

    class Meta(ScenarioSerializer.Meta):
        fields = [*ScenarioSerializer.Meta.fields, "missing"]


class ResultSerializer(serializers.Serializer):
    """A result in USD, t, kWh, MJ, gCO2e, years and fractions; ``units`` by path; null has a ``reasons`` entry."""

    scenarioId = serializers.UUIDField()  # noqa: N815
    calculationId = serializers.UUIDField(allow_null=True)  # noqa: N815
    status = serializers.ChoiceField(ScenarioStatus.choices)
    progress = serializers.FloatField(help_text="The fraction that is done, 0 to 1.")
    position = serializers.IntegerField(
        allow_null=True, help_text="Place in the queue, 1 for the next; null unless it waits there."
    )
    message = serializers.CharField(help_text="How it stands; while it waits, what for.")
    technoEconomics = serializers.DictField(allow_null=True)  # noqa: N815
    financials = serializers.DictField(allow_null=True)
    carbon = serializers.DictField(allow_null=True)
    units = serializers.DictField(child=serializers.CharField(), allow_null=True)
    reasons = serializers.DictField(child=serializers.CharField(), allow_null=True)
    resolvedInputs = serializers.DictField(allow_null=True)  # noqa: N815


class LinksSerializer(serializers.Serializer):
    """Where to go on from here, as paths of this host."""

    status = serializers.CharField()
    calculation = serializers.CharField()
    cancel = serializers.CharField()


class StartedSerializer(serializers.Serializer):
    """How a scenario stands after one of its calculations was asked for, or cancelled."""

    status = serializers.ChoiceField(ScenarioStatus.choices)
    scenarioId = serializers.UUIDField()  # noqa: N815
    calculationId = serializers.UUIDField()  # noqa: N815
    links = LinksSerializer()


class CalculationListSerializer(WireModelSerializer):
    scenario_id = serializers.UUIDField(read_only=True)
    user = UserBriefSerializer(read_only=True, allow_null=True)
    position = serializers.IntegerField(
        read_only=True, allow_null=True, default=None, help_text="Place in the queue; null unless it waits there."
    )

    class Meta:
        model = Calculation
        fields = [
            "id",
            "scenario_id",
            "user",
            "trigger",
            "state",
            "attempt",
            "progress",
            "position",
            "message",
            "error_code",
            "engine_version",
            "masterdata_version",
            "queued_at",
            "started_at",
            "finished_at",
            *HEADLINE,
        ]
        read_only_fields = fields


class CalculationSerializer(CalculationListSerializer):
    """A run with what went in and what came out."""

    inputs = serializers.DictField(read_only=True)
    resolved_inputs = serializers.DictField(read_only=True)
    result = serializers.DictField(read_only=True, allow_null=True)

    class Meta(CalculationListSerializer.Meta):
        fields = [*CalculationListSerializer.Meta.fields, "inputs", "resolved_inputs", "result"]


def started_body(scenario: Scenario, calculation_id: UUID) -> dict[str, Any]:
    """What a client goes on with that has asked for a calculation, or cancelled one."""
    return {
        "status": scenario.status,
        "scenarioId": scenario.pk,
        "calculationId": calculation_id,
        "links": {
            "status": reverse("scenario-calculate-status", args=[scenario.pk]),
            "calculation": reverse("calculation-detail", args=[calculation_id]),
            "cancel": reverse("calculation-cancel", args=[calculation_id]),
        },
    }


def result_body(scenario: Scenario, *, progress: Progress | None = None, message: str | None = None) -> dict[str, Any]:
    """How the calculation of a scenario stands: the result where there is one for its present inputs.

    ``progress`` of the run that is queued or running; ``message`` instead of what the last run said.
    """
    run = scenario.current if progress is None else progress.calculation
    calculated = scenario.calculated
    result = calculated.result if calculated else None
    if progress is not None:
        message = progress.message
    parts = ("technoEconomics", "financials", "carbon", "units", "reasons")
    body = {
        "scenarioId": scenario.pk,
        "calculationId": run.pk if run is not None else None,
        "status": scenario.status,
        "progress": run.progress if run is not None else 0.0,
        "position": progress.position if progress is not None else None,
        "message": message or (run.message if run is not None else NOT_CALCULATED),
        **{part: result[part] if result else None for part in parts},
        "resolvedInputs": calculated.resolved_inputs if calculated else None,
    }
    # From the engine, which states no other numbers, or from the database, which keeps none.
    return FiniteDict(body)
