import django_filters

from config.http.filters import WireFilterSet
from scenarios.choices import RunState, ScenarioStatus
from scenarios.models import Calculation, Scenario


class ScenarioFilterSet(WireFilterSet):
    status = django_filters.ChoiceFilter(choices=ScenarioStatus.choices)

    class Meta:
        model = Scenario
        fields: list[str] = []


class CalculationFilterSet(WireFilterSet):
    state = django_filters.ChoiceFilter(choices=RunState.choices)

    class Meta:
        model = Calculation
        fields: list[str] = []
