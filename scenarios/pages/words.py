"""The words that inputs, choices and faults are shown by, wherever a page names one."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from config.figures import shown_unit
from masterdata.choices import IncentiveKind
from scenarios.engine import InputProblem
from scenarios.engine.fields import walk
from scenarios.engine.inputs import ScenarioInputs

# Better than what the declared name says, by declared path; items of a list stand as ``feedstocks[]``.
_LABELS = {
    "choices": "Pathway, feedstock and country",
    "feedstocks": "Feedstocks",
    "utilities": "Utilities",
    "products": "Products",
    "incentives": "Incentives",
    "capital": "Capital investment",
    "operating": "Operating cost",
    "finance": "Finance and tax",
    "carbon": "Carbon",
    "plant.reference_load_hours": "Load hours of the capacity",
    "feedstocks[].share": "Share of the fuel",
    "feedstocks[].yield": "Feedstock per fuel",
    "feedstocks[].corsia_row": "Row of the CORSIA table",
    "utilities[].consumption": "Use per fuel",
    "products[].yield": "Product per fuel",
    "products[].liquid_fuel": "Is a liquid fuel",
    "capital.tci_reference": "TCI of the reference plant",
    "capital.capacity_reference": "Capacity of the reference plant",
    "capital.working_capital_ratio": "Working capital in TCI",
    "capital.reference_year": "Year of the estimate",
    "operating.indirect_opex_ratio": "Fixed cost, share of TCI",
    "operating.other_variable": "Other variable cost",
    "operating.startup": "Start-up",
    "finance.rate_basis": "The rate is",
    "finance.lifetime": "Years of operation",
    "finance.operation_start": "First year of operation",
    "finance.loss_rule": "Tax losses",
    "finance.tax_rate": "Income tax",
    "finance.depreciation": "Depreciation",
    "finance.debt": "Loan",
    "finance.debt.share": "Share of FCI borrowed",
    "finance.debt.interest": "Interest rate",
    "finance.debt.construction_interest": "Interest while building",
    "finance.escalation": "Real price changes",
    "finance.escalation.fixed": "Fixed cost",
    "finance.salvage_share": "Salvage, share of FCI",
    "finance.reference_year": "NPV refers to the",
    "finance.basis": "NPV and IRR are",
    "finance.priced_product": "Product whose price is sought",
    "carbon.process_intensity": "Process emissions",
    "carbon.transport_intensity": "Transport emissions",
    "carbon.avoided": "Avoided emissions",
    "carbon.allocation": "Allocated by",
    "carbon.route": "CORSIA value",
    "carbon.blend_share": "Wanted share in the blend",
    "incentives[].share": "Share of the product",
    "incentives[].product": "Paid on",
    "incentives[].minimum_reduction": "Least reduction",
    "incentives[].rins_per_gallon": "RINs per gallon",
    "incentives[].north_american": "North American feedstock",
    "incentives[].indexed": "Follows inflation",
    "reference.cost_index": "CEPCI of the cost year",
    "reference.cost_index_reference": "CEPCI of the estimate",
    "reference.corsia_core": "CORSIA core value",
    "reference.corsia_land_use_change": "CORSIA land-use change",
    "reference.blend_limit": "Blend limit (ASTM)",
}
_CHOICES = {
    **{str(kind.value): str(kind.label[0].upper() + kind.label[1:]) for kind in IncentiveKind},
    "macrs": "MACRS",
    "none": "None",
    "biosteam": "BioSTEAM",
    "annual_year_zero": "Ends of years from year 0 (OpenPyTEA)",
    "actual": "Computed from the inputs",
    "corsia_default": "Default of the CORSIA table",
    "unlevered": "of the project (unlevered)",
    "levered": "of the owners (levered)",
    "end_of_construction": "end of construction",
    "start_of_construction": "start of construction",
    "capitalised": "Added to the loan",
    "paid": "Paid by the owners",
    "carry_forward": "Carried forward",
    "refund": "Refunded",
    "no_offset": "Lost",
}
# What an item of a list is called by its place.
_ONE_OF = {"feedstocks": "feedstock", "utilities": "utility", "products": "product", "incentives": "incentive"}
_INDEX = re.compile(r"\[\d+\]")
_PATH = re.compile(r"\b([a-z]+)(?:\[(\d+)\])?(?:\.[a-zA-Z]+)*")
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


def declared(path: str) -> str:
    """The declared path of a wire path, without the numbers of items: ``feedstocks[0].carbonContent`` is
    ``feedstocks[].carbon_content``."""
    return _CAPITAL.sub(r"_\1", _INDEX.sub("[]", path)).lower()


@lru_cache(maxsize=2048)
def label_of(path: str) -> str:
    """What an input is called on pages, by its declared or wire path: ``finance.discountRate`` is "Discount rate"."""
    known = declared(path)
    if known in _LABELS:
        return _LABELS[known]
    name = known.rpartition(".")[2].removesuffix("[]")
    return (name[:1].upper() + name[1:]).replace("_", " ")


@lru_cache(maxsize=2048)
def label_within(path: str) -> str:
    """The label with that of the list or the part of a group it stands in: "Loan: Term", "Feedstocks: Price"."""
    steps = _INDEX.sub("", path).split(".")
    if "[" in path and len(steps) > 1:
        return f"{label_of(steps[0])}: {label_of(path)}"
    return f"{label_of('.'.join(steps[:-1]))}: {label_of(path)}" if len(steps) > 2 else label_of(path)


@lru_cache(maxsize=512)
def choice_label(word: str) -> str:
    """A word of a choice as people read it: ``straight_line`` is "Straight line"."""
    return _CHOICES.get(word) or (word[:1].upper() + word[1:]).replace("_", " ")


def sentence(message: str) -> str:
    """The engine's words for a fault as a sentence, inputs by their labels and units as they are shown."""
    told = reworded(message)
    return f"{told[:1].upper()}{told[1:]}{'' if told.endswith('.') else '.'}" if told else ""


def reworded(message: str) -> str:
    """Words of the engine for people: "blend share is not known" for ``carbon.blendShare is not known``."""
    return shown_unit(_PATH.sub(_spoken, message))


def _spoken(found: re.Match[str]) -> str:
    path, group, index = found[0], found[1], found[2]
    item = f"{_ONE_OF[group]} {int(index) + 1}" if index is not None and group in _ONE_OF else ""
    if item and path.endswith("]"):
        return item
    if "." not in path or declared(path) not in _declared_paths():
        return path
    label = label_of(path)
    is_word = label[1:2].islower()
    spoken = f"{label[:1].lower()}{label[1:]}" if is_word else label
    return f"{spoken} of {item}" if item else spoken


@cache
def _declared_paths() -> frozenset[str]:
    return frozenset(path for path, _ in walk(ScenarioInputs))


def sentences(problems: Iterable[InputProblem]) -> str:
    return " ".join(sentence(problem.message) for problem in problems)
