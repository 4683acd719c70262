"""All of the master data as one body."""

from functools import cache
from typing import Any

from masterdata import models as md
from masterdata.api.serializers import MasterDataSerializer


def master_data() -> dict[str, Any]:
    """All of it, as the database has it now: of one version, whoever writes meanwhile."""
    while True:
        before = md.MasterDataVersion.objects.first()
        data = _read(before)
        # A writer may have committed between two of the queries: then the parts do not belong together.
        if md.MasterDataVersion.objects.first() == before:
            return data


def _read(version: md.MasterDataVersion | None) -> dict[str, Any]:
    parts = {
        "version": version.number if version else 0,
        "updated_at": version.updated_at if version else None,
        "pathways": md.Pathway.objects.for_list().order_by("pk"),
        "feedstocks": md.Feedstock.objects.for_list().order_by("pk"),
        "products": md.Product.objects.for_list().order_by("pk"),
        "utilities": md.Utility.objects.for_list().order_by("pk"),
        "countries": md.Country.objects.for_list().order_by("pk"),
        "design_defaults": md.DesignDefault.objects.for_detail().order_by("pk"),
        "exchange_rates": md.ExchangeRate.objects.for_list().order_by("pk"),
        "incentives": md.Incentive.objects.for_list().order_by("pk"),
    }
    return dict(_shape().to_representation(parts))


@cache
def _shape() -> MasterDataSerializer:
    """One for all calls of this process: making its hundred fields takes as long as a third of the rest."""
    return MasterDataSerializer()
