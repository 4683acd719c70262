import django_filters

from config.http.filters import WireFilterSet
from masterdata.choices import Confidence
from masterdata.models import CarbonFactor, CorsiaValue, Incentive

KINDS = [(kind, kind) for kind in ("grid", "corsia", "utility", "hydrogen")]


class IncentiveFilterSet(WireFilterSet):
    scheme = django_filters.CharFilter(lookup_expr="iexact")
    region = django_filters.CharFilter(lookup_expr="iexact")
    confidence = django_filters.ChoiceFilter(choices=Confidence.choices)

    class Meta:
        model = Incentive
        fields: list[str] = []


class CorsiaValueFilterSet(WireFilterSet):
    pathway = django_filters.CharFilter(lookup_expr="iexact")
    feedstock = django_filters.CharFilter(lookup_expr="iexact")
    region = django_filters.CharFilter(lookup_expr="iexact")

    class Meta:
        model = CorsiaValue
        fields: list[str] = []


class CarbonFactorFilterSet(WireFilterSet):
    kind = django_filters.ChoiceFilter(choices=KINDS)
    code = django_filters.CharFilter(lookup_expr="iexact")
    pathway = django_filters.CharFilter(lookup_expr="iexact")
    region = django_filters.CharFilter(lookup_expr="iexact")
    confidence = django_filters.ChoiceFilter(choices=Confidence.choices)

    class Meta:
        model = CarbonFactor
        fields: list[str] = []
