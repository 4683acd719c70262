from django.apps import AppConfig

from config import health

# What a client reads before it can show anything: all of the master data, and the first page of each list.
ASKED_FOR = (
    "master-data",
    "process-technologies",
    "feedstocks",
    "products",
    "utilities",
    "countries",
    "incentives",
    "corsia-values",
    "carbon-factors",
)


class MasterdataConfig(AppConfig):
    name = "masterdata"

    def ready(self) -> None:
        from config.cache import warming
        from config.cache.answers import kind_tag
        from masterdata import caching, catalogue

        caching.connect()
        warming.register(
            [f"/api/v1/{route}" for route in ASKED_FOR],
            tags=(caching.MASTERDATA, kind_tag(caching.MASTER_DATA)),
            steps=[catalogue.current],
        )
        health.register("masterdata", missing_masterdata)


def missing_masterdata() -> str | None:
    """For /health/ready: without pathways there is nothing to calculate."""
    from masterdata.models import Pathway

    return None if Pathway.objects.exists() else "not loaded"
