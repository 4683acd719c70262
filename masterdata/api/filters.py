import django_filters
from django.db.models import QuerySet
from rest_framework.serializers import ValidationError

from config.http.filters import WireFilterSet
from masterdata import catalogue, services
from masterdata.choices import Confidence, IncentiveKind
from masterdata.models import CarbonFactor, CorsiaValue, Incentive

KINDS = [(kind, kind) for kind in ("grid", "corsia", "utility", "hydrogen")]
# A form's own yes or no takes "ture" for "no filter".
FLAG = [("true", "true"), ("false", "false")]


class IncentiveFilterSet(WireFilterSet):
    scheme = django_filters.CharFilter(lookup_expr="iexact")
    region = django_filters.CharFilter(lookup_expr="iexact")
    confidence = django_filters.ChoiceFilter(choices=Confidence.choices)
    kind = django_filters.ChoiceFilter(choices=IncentiveKind.choices)
    stackable = django_filters.ChoiceFilter(
        choices=FLAG, method="by_stackable", help_text="Whether it can be put into a stack, which takes a kind."
    )

    class Meta:
        model = Incentive
        fields: list[str] = []

    def by_stackable(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.exclude(kind="") if value == "true" else queryset.filter(kind="")


class CorsiaValueFilterSet(WireFilterSet):
    process = django_filters.CharFilter(
        method="by_process", help_text="Name or code of a process technology: the rows that serve it."
    )
    pathway = django_filters.CharFilter(lookup_expr="iexact")
    feedstock = django_filters.CharFilter(lookup_expr="iexact")
    region = django_filters.CharFilter(lookup_expr="iexact")

    class Meta:
        model = CorsiaValue
        fields: list[str] = []

    def by_process(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        known = catalogue.current()
        pathway = known.pathway(value)
        if pathway is None:
            unknown = services.UnknownName("process", value, (record.code for record in known.pathways))
            raise ValidationError({name: [str(unknown)]}, code="does_not_exist")
        return queryset.filter(pathway__in=pathway.corsia_pathways)


class CarbonFactorFilterSet(WireFilterSet):
    kind = django_filters.ChoiceFilter(choices=KINDS)
    code = django_filters.CharFilter(lookup_expr="iexact")
    pathway = django_filters.CharFilter(lookup_expr="iexact")
    region = django_filters.CharFilter(lookup_expr="iexact")
    confidence = django_filters.ChoiceFilter(choices=Confidence.choices)

    class Meta:
        model = CarbonFactor
        fields: list[str] = []
