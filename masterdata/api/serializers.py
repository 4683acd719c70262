"""Master data on the wire: items with their figures, each figure with its source and confidence."""

from typing import Any

from rest_framework import serializers

from config.http.serializers import WireModelSerializer, WireSerializer
from masterdata import models as md

FIGURE_FIELDS = ["parameter", "value", "unit", "source", "confidence", "valid_from", "note"]


def _figures_of(figures: type[md.ItemFigure]) -> serializers.BaseSerializer[Any]:
    """The nested list of an item's figures: written whole, or left out and kept."""

    class Meta:
        model = figures
        fields = FIGURE_FIELDS

    serializer = type(f"{figures.__name__}Serializer", (WireModelSerializer,), {"Meta": Meta, "__doc__": None})
    return serializer(many=True, required=False)


class PathwaySerializer(WireModelSerializer):
    figures = _figures_of(md.PathwayFigure)

    class Meta:
        model = md.Pathway
        fields = ["id", "code", "name", "astm_annex", "corsia_pathways", "figures"]


class FeedstockSerializer(WireModelSerializer):
    figures = _figures_of(md.FeedstockFigure)

    class Meta:
        model = md.Feedstock
        fields = ["id", "code", "name", "corsia_feedstock", "corsia_note", "figures"]


class ProductSerializer(WireModelSerializer):
    figures = _figures_of(md.ProductFigure)

    class Meta:
        model = md.Product
        fields = ["id", "code", "name", "liquid_fuel", "figures"]


class UtilitySerializer(WireModelSerializer):
    figures = _figures_of(md.UtilityFigure)

    class Meta:
        model = md.Utility
        fields = ["id", "code", "name", "unit", "figures"]


class CountrySerializer(WireModelSerializer):
    figures = _figures_of(md.CountryFigure)

    class Meta:
        model = md.Country
        fields = ["id", "code", "name", "corsia_regions", "figures"]


class IncentiveSerializer(WireModelSerializer):
    """A figure as it was published; with a ``kind``, an item that can be put into a scenario's incentive stack."""

    class Meta:
        model = md.Incentive
        fields = [
            "id",
            "code",
            "name",
            "scheme",
            "region",
            "kind",
            "first_year",
            "last_year",
            "minimum_reduction",
            "reference_intensity",
            "rins_per_gallon",
            "indexed",
            "country",
            "value",
            "value_text",
            "unit",
            "source",
            "confidence",
            "valid_from",
            "note",
        ]


class CorsiaValueSerializer(WireModelSerializer):
    """A CORSIA default value; ``landUseChange`` is null where none is published."""

    class Meta:
        model = md.CorsiaValue
        fields = [
            "id",
            "pathway",
            "feedstock",
            "region",
            "year",
            "core",
            "land_use_change",
            "unit",
            "source",
            "confidence",
            "land_use_change_source",
            "land_use_change_confidence",
            "valid_from",
            "note",
        ]
        # Without these it would be the serializer that judges uniqueness, and answer 400 instead of 409.
        validators: list[Any] = []


class CarbonFactorSerializer(WireModelSerializer):
    class Meta:
        model = md.CarbonFactor
        fields = [
            "id",
            "kind",
            "code",
            "subject",
            "pathway",
            "region",
            "year",
            "parameter",
            "value",
            "value_text",
            "unit",
            "source",
            "confidence",
            "valid_from",
            "note",
        ]


class ExchangeRateSerializer(WireModelSerializer):
    class Meta:
        model = md.ExchangeRate
        fields = ["currency", "year", "value", "unit", "source", "confidence", "valid_from", "note"]


class DesignFigureSerializer(WireModelSerializer):
    product = serializers.CharField(source="product.name", default=None, allow_null=True)
    utility = serializers.CharField(source="utility.name", default=None, allow_null=True)

    class Meta:
        model = md.DesignFigure
        fields = ["product", "utility", *FIGURE_FIELDS]


class DesignDefaultSerializer(WireModelSerializer):
    """The design basis of a pathway (its code) on a feedstock (its name)."""

    pathway = serializers.CharField(source="pathway.code")
    feedstock = serializers.CharField(source="feedstock.name")
    figures = DesignFigureSerializer(many=True)

    class Meta:
        model = md.DesignDefault
        fields = ["id", "pathway", "feedstock", "source", "confidence", "valid_from", "note", "figures"]


class MasterDataSerializer(WireSerializer):
    """Everything a client needs, at one version."""

    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField(allow_null=True)
    pathways = PathwaySerializer(many=True)
    feedstocks = FeedstockSerializer(many=True)
    products = ProductSerializer(many=True)
    utilities = UtilitySerializer(many=True)
    countries = CountrySerializer(many=True)
    design_defaults = DesignDefaultSerializer(many=True)
    exchange_rates = ExchangeRateSerializer(many=True)
    incentives = IncentiveSerializer(many=True)


class SourceSerializer(WireSerializer):
    source = serializers.CharField()  # type: ignore[assignment]
    confidence = serializers.CharField()


class DefaultsSerializer(WireSerializer):
    """Inputs for a new scenario; ``sources`` has the source of each by its path, as in ``feedstocks[0].price``."""

    inputs = serializers.DictField()
    sources = serializers.DictField(child=SourceSerializer())
    masterdata_version = serializers.IntegerField()
