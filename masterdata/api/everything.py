"""All of the master data as one body, kept in the cache under its version."""

from typing import Any

from django.core.cache import cache

from config.http.rendering import encode
from masterdata import models as md
from masterdata.api.serializers import MasterDataSerializer

# Raised when the shape of the body changes, so that a new release does not serve what an old one cached.
SHAPE = 2


def cache_key(version: int) -> str:
    return f"master-data:{SHAPE}:{version}"


def master_data_cached(version: int) -> tuple[int, bytes]:
    """The version and the JSON at ``version``, from the cache when it is there.

    The version is in the key, so what is found cannot be stale.
    """
    body = cache.get(cache_key(version))
    return master_data() if body is None else (version, body)


def master_data() -> tuple[int, bytes]:
    """The version and the JSON as the database has it now; the cache gets it too."""
    while True:
        before = md.MasterDataVersion.objects.first()
        data = _read(before)
        # A writer may have committed between two of the queries: then the parts do not belong together.
        if md.MasterDataVersion.objects.first() == before:
            break
    body = encode(data)
    cache.set(cache_key(data["version"]), body)
    return data["version"], body


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
    return dict(MasterDataSerializer(parts).data)
