"""Lists of master data, one call with all of it, and the defaults of a new scenario."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from config.http.cached import CachedMixin
from config.http.conditional import ConditionalMixin, etag
from config.http.filters import unknown_query
from config.http.naming import camel
from config.http.problems import FieldError, ValidationProblem
from config.http.viewsets import ModelViewSet, ReadOnlyModelViewSet
from masterdata import catalogue, services
from masterdata.api import serializers
from masterdata.api.everything import master_data
from masterdata.api.filters import CarbonFactorFilterSet, CorsiaValueFilterSet, IncentiveFilterSet
from masterdata.api.permissions import StaffWrites
from masterdata.caching import MASTER_DATA, MASTERDATA
from masterdata.models import CarbonFactor, CorsiaValue, Country, Feedstock, Incentive, Pathway, Product, Utility


class MasterDataViewSet(ModelViewSet):
    """Reads for everybody, writes for staff; figures are written as a whole with their item."""

    cache_name = MASTER_DATA
    cache_ttl_s = settings.CACHE_TTL
    is_shared = True
    permission_classes = [IsAuthenticated, StaffWrites]
    ordering = ["pk"]
    ordering_fields: list[str] = ["code", "name"]
    search_fields: list[str] = ["code", "name"]

    def cache_tags(self) -> tuple[str, ...]:
        return (MASTERDATA,)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().model.objects.visible_to(self.request.user).for_detail()

    def list_queryset(self, user: Any, **kwargs: Any) -> QuerySet[Any]:
        return super().get_queryset().model.objects.visible_to(user).for_list()

    def get_locked_object(self) -> Any:
        services.version_lock()
        return super().get_locked_object()

    def perform_create(self, serializer: BaseSerializer) -> None:
        self._save(serializer, super().get_queryset().model())

    def perform_update(self, serializer: BaseSerializer) -> None:
        self._save(serializer, serializer.instance)

    def perform_destroy(self, instance: Any) -> None:
        services.item_delete(item=instance)

    def _save(self, serializer: BaseSerializer, item: Any) -> None:
        values = dict(serializer.validated_data)
        figures = values.pop("figures", None)
        serializer.instance = services.item_save(item=item, values=values, figures=figures)


class ProcessTechnologyViewSet(MasterDataViewSet):
    """Pathways that ASTM admits, with the limit of each in a blend."""

    queryset = Pathway.objects.none()
    serializer_class = serializers.PathwaySerializer


class FeedstockViewSet(MasterDataViewSet):
    queryset = Feedstock.objects.none()
    serializer_class = serializers.FeedstockSerializer


class ProductViewSet(MasterDataViewSet):
    queryset = Product.objects.none()
    serializer_class = serializers.ProductSerializer


class UtilityViewSet(MasterDataViewSet):
    queryset = Utility.objects.none()
    serializer_class = serializers.UtilitySerializer


class CountryViewSet(MasterDataViewSet):
    queryset = Country.objects.none()
    serializer_class = serializers.CountrySerializer


class IncentiveViewSet(MasterDataViewSet):
    queryset = Incentive.objects.none()
    serializer_class = serializers.IncentiveSerializer
    filterset_class = IncentiveFilterSet
    search_fields = ["code", "name", "scheme", "note"]
    ordering_fields = ["code", "name", "scheme", "region"]


class CorsiaValueViewSet(MasterDataViewSet):
    """The CORSIA table of default life-cycle values."""

    queryset = CorsiaValue.objects.none()
    serializer_class = serializers.CorsiaValueSerializer
    filterset_class = CorsiaValueFilterSet
    search_fields = ["pathway", "feedstock", "region"]
    ordering_fields = ["pathway", "feedstock", "region", "core"]


class CarbonFactorViewSet(ReadOnlyModelViewSet):
    """Grid factors, CORSIA values, utilities and hydrogen routes in one list.

    Each is written where it is kept: countries, corsia-values, utilities.
    """

    cache_name = MASTER_DATA
    cache_ttl_s = settings.CACHE_TTL
    is_shared = True
    permission_classes = [IsAuthenticated, StaffWrites]
    queryset = CarbonFactor.objects.none()
    serializer_class = serializers.CarbonFactorSerializer
    filterset_class = CarbonFactorFilterSet
    search_fields = ["code", "subject", "pathway", "region"]
    ordering = ["kind", "subject"]
    ordering_fields = ["kind", "subject", "pathway", "region", "value"]

    def cache_tags(self) -> tuple[str, ...]:
        return (MASTERDATA,)

    def list_queryset(self, user: Any, **kwargs: Any) -> QuerySet[CarbonFactor]:
        return CarbonFactor.objects.visible_to(user).for_list()

    def get_queryset(self) -> QuerySet[CarbonFactor]:
        return CarbonFactor.objects.visible_to(self.request.user).for_detail()


def _refuse_query(request: Request, view: APIView) -> None:
    """A filter that is not there must not pass for one that found everything."""
    if errors := unknown_query(request, view):
        raise ValidationProblem(errors)


class MasterDataView(CachedMixin, ConditionalMixin, APIView):
    """Everything a client needs in one call."""

    cache_name = MASTER_DATA
    cache_ttl_s = settings.CACHE_TTL
    is_shared = True
    extra_query_names = ()
    filter_backends = ()

    def cache_tags(self) -> tuple[str, ...]:
        return (MASTERDATA,)

    @extend_schema(responses=serializers.MasterDataSerializer, operation_id="masterData")
    def get(self, request: Request) -> HttpResponse | Response:
        """Pathways, feedstocks, products, utilities, countries, design defaults, exchange rates and incentives."""
        _refuse_query(request, self)
        return self.cached(request, _everything)


class FreshMasterDataView(ConditionalMixin, APIView):
    extra_query_names = ()
    filter_backends = ()

    @extend_schema(responses=serializers.MasterDataSerializer, operation_id="masterDataFresh")
    def get(self, request: Request) -> Response:
        """The same, read from the database past the cache."""
        _refuse_query(request, self)
        return _everything()


def _everything() -> Response:
    data = master_data()
    return Response(data, headers={"ETag": etag("master-data", data["version"])})


class DefaultsView(ConditionalMixin, APIView):
    extra_query_names = ("process", "feedstock", "country")
    filter_backends = ()

    @extend_schema(
        parameters=[OpenApiParameter(name, str, required=True) for name in extra_query_names],
        responses=serializers.DefaultsSerializer,
        operation_id="masterDataDefaults",
    )
    def get(self, request: Request) -> Response:
        """A complete, sourced set of inputs for a new scenario; each parameter is a name or a code."""
        errors = unknown_query(request, self)
        asked = {name: request.query_params.get(name, "").strip() for name in self.extra_query_names}
        errors += [FieldError(name, "required", "Name one.") for name, value in asked.items() if not value]
        names = {"pathway": asked["process"], "feedstock": asked["feedstock"], "country": asked["country"]}
        if not errors:
            try:
                return Response(_defaults(services.design_defaults(**names)))
            except services.UnknownName:
                pass  # one of perhaps several, which are all named below
        for unknown in services.unknown_names(catalogue.current(), **names):
            name = "process" if unknown.field == "pathway" else unknown.field
            if asked[name]:
                errors.append(FieldError(name, "does_not_exist", str(unknown)))
        raise ValidationProblem(errors)


def _defaults(defaults: services.DesignDefaults) -> dict[str, Any]:
    return {
        "inputs": _wire(defaults.inputs),
        "sources": {camel(path): asdict(source) for path, source in defaults.sources.items()},
        "masterdataVersion": defaults.masterdata_version,
    }


def _wire(tree: Any) -> Any:
    """The inputs with their declared names in camelCase; the values are left alone."""
    if isinstance(tree, dict):
        return {camel(name): _wire(branch) for name, branch in tree.items()}
    if isinstance(tree, list):
        return [_wire(branch) for branch in tree]
    return tree
