"""What master data offers the rest of the product."""

from masterdata.services.defaults import DesignDefaults, NoDesign, Source, UnknownName, design_defaults, unknown_names
from masterdata.services.items import item_delete, item_save, version_lock

__all__ = [
    "DesignDefaults",
    "NoDesign",
    "Source",
    "UnknownName",
    "design_defaults",
    "item_delete",
    "item_save",
    "unknown_names",
    "version_lock",
]
