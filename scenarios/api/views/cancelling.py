"""Ending a run that is queued or running, by its own address or by that of its scenario."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.problems import PROBLEM_MEDIA_TYPE, Problem
from config.http.schema import ProblemSerializer
from scenarios import services
from scenarios.api import serializers
from scenarios.models import Calculation, Scenario
from scenarios.services.running import NotActive

CANCEL: dict[str, Any] = {
    "request": None,
    "responses": {202: serializers.StartedSerializer, (409, PROBLEM_MEDIA_TYPE): ProblemSerializer},
}


def nothing_to_cancel(detail: str) -> Problem:
    return Problem(409, "Nothing to cancel", detail, "not-active")


def cancelled(request: Request, calculation: Calculation) -> Response:
    """Cancel a run that ``request`` may cancel, and say how its scenario stands now."""
    try:
        services.calculation_cancel(calculation=calculation)
    except NotActive as error:
        raise nothing_to_cancel(f"The calculation has {error.state} already.") from None
    except Calculation.DoesNotExist:
        raise Http404 from None
    scenario = Scenario.objects.visible_to(request.user).for_status().filter(pk=calculation.scenario_id).first()
    if scenario is None:
        raise Http404
    return Response(serializers.started_body(scenario, calculation.pk), status=202)
