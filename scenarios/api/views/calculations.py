from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from accounts.permissions import RoleAllows
from config.database.compiled import counted
from config.http.viewsets import ReadOnlyModelViewSet
from scenarios import services
from scenarios.api import serializers
from scenarios.api.filters import CalculationFilterSet
from scenarios.api.views.cancelling import CANCEL, cancelled
from scenarios.choices import ACTIVE_STATES
from scenarios.engine.fields import camel
from scenarios.models import Calculation, Scenario


class CalculationViewSet(ReadOnlyModelViewSet):
    """Runs of a scenario, the newest first; one that waits says why."""

    queryset = Calculation.objects.none()
    serializer_class = serializers.CalculationSerializer
    permission_classes = [IsAuthenticated, RoleAllows]
    filterset_class = CalculationFilterSet
    ordering_fields = ["queued_at"]
    ordering = ["-queued_at"]
    read_always = ("id", "state", "message", "position")

    def get_queryset(self) -> QuerySet[Calculation]:
        visible = Calculation.objects.visible_to(self.request.user)
        if self.action == "cancel":
            return visible.for_progress()
        return visible.for_detail()

    def list_queryset(self, user: User, **kwargs: UUID) -> QuerySet[Calculation]:
        return Calculation.objects.visible_to(user).filter(scenario_id=kwargs["scenario_id"]).for_list()

    def total(self, queryset: QuerySet[Calculation]) -> RawSQL:
        # Whoever sees one run of a scenario sees all: four joins less to plan, which takes longer than to run them.
        return counted(self.filter_queryset(Calculation.objects.filter(scenario_id=self.kwargs["scenario_id"])))

    def check_parent(self) -> None:
        get_object_or_404(Scenario.objects.visible_to(self.request.user).only("id"), pk=self.kwargs["scenario_id"])

    def get_serializer_class(self) -> type[BaseSerializer]:
        return serializers.CalculationListSerializer if self.action == "list" else self.serializer_class

    def finish(self, items: list[dict[str, Any]]) -> None:
        for item in items:
            if item["state"] in ACTIVE_STATES:
                item |= _why_pending(self.kwargs["scenario_id"], item["id"])
                break

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        run = self.get_object()
        if run.state in ACTIVE_STATES:
            for name, value in _why_pending(run.scenario_id, run.pk).items():
                setattr(run, name, value)
        return self.detail_response(run)

    @extend_schema(**CANCEL)
    @action(detail=True, methods=["post"], serializer_class=serializers.NothingSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """End a run that is queued or running; its scenario is what it would be without it."""
        return cancelled(request, self.get_object())

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


def _why_pending(scenario_id: UUID, run_id: object) -> dict[str, Any]:
    """What the queue says of a run; of the runs of one scenario at most one is pending."""
    progress = services.calculation_progress(scenario=Scenario(pk=scenario_id))
    if progress is None or str(progress.calculation.pk) != str(run_id):
        return {}
    return {"message": progress.message, "position": progress.position}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
