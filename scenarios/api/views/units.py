from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.http.conditional import ConditionalMixin
from config.http.filters import unknown_query
from config.http.problems import ValidationProblem
from scenarios.engine.unit_choices import offered_units


class UnitsView(ConditionalMixin, APIView):
    """The units every input may be given in, its own first."""

    extra_query_names = ()
    filter_backends = ()

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        if errors := unknown_query(request, self):
            raise ValidationProblem(errors)
        return Response({"items": offered_units()})
