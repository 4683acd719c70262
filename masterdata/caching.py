"""What changes of master data outdate: every answer made of them."""

from django.apps import apps

from config.cache.rows import outdates

MASTERDATA = "masterdata"
# What the answers made of it are called.
MASTER_DATA = "master-data"


def connect() -> None:
    for model in apps.get_app_config("masterdata").get_models():
        outdates(model, lambda _: (MASTERDATA,))
