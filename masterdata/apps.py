from django.apps import AppConfig

from config import health


class MasterdataConfig(AppConfig):
    name = "masterdata"

    def ready(self) -> None:
        from masterdata import caching

        caching.connect()
        health.register("masterdata", missing_masterdata)


def missing_masterdata() -> str | None:
    """For /health/ready: without pathways there is nothing to calculate."""
    from masterdata.models import Pathway

    return None if Pathway.objects.exists() else "not loaded"
