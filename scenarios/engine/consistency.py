"""What inputs must satisfy together, checked on a resolved tree in which single values may still be missing."""

from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.engine import stacking
from scenarios.engine.problems import InputProblem
from scenarios.engine.tables import MACRS_HALF_YEAR

YIELD_TOLERANCE = 1e-3
SHARE_TOLERANCE = 1e-6


def check(tree: Mapping[str, Any]) -> list[InputProblem]:
    """Every inconsistency of a resolved tree (dicts by attribute name); what cannot be judged yet is passed over."""
    checks = (
        stacking.check,
        _shares,
        _yields,
        _heating_values,
        _carbon,
        _construction,
        _ramp,
        _depreciation,
        _loan,
        _startup,
        _years,
    )
    return [problem for found in checks for problem in found(tree)]


def _column(tree: Mapping[str, Any], group: str, *names: str) -> list[tuple[Any, ...]] | None:
    """The named values of every item of a list, or None if any is missing."""
    rows = [tuple([item.get(name) for name in names]) for item in tree.get(group) or []]
    return None if not rows or any(None in row for row in rows) else rows


def _shares(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    rows = _column(tree, "feedstocks", "share")
    total = sum(share for (share,) in rows) if rows else 1.0
    if abs(total - 1) > SHARE_TOLERANCE:
        yield InputProblem("feedstocks", "sum", f"the shares sum to {total:.6g}, not to 1")


def _yields(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    rows = _column(tree, "products", "yield_", "liquid_fuel")
    if not rows:
        return
    total = sum(produced for produced, liquid in rows if liquid)
    if abs(total - 1) > YIELD_TOLERANCE:
        yield InputProblem("products", "sum", f"the yields of the liquid fuels sum to {total:.6g}, not to 1")


def _heating_values(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    for index, item in enumerate(tree.get("products") or []):
        if item.get("liquid_fuel") and item.get("yield_") and item.get("lower_heating_value") == 0:
            yield InputProblem(
                f"products[{index}].lower_heating_value", "consistency", "must be above 0 for a liquid fuel"
            )


def _carbon(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    feeds = _column(tree, "feedstocks", "share", "yield_", "carbon_content")
    products = _column(tree, "products", "yield_", "carbon_content")
    if not feeds or not products:
        return
    carbon_in = sum(share * used * content for share, used, content in feeds)
    carbon_out = sum(produced * content for produced, content in products)
    if carbon_in > 0 and carbon_out > carbon_in * (1 + 1e-9):
        message = f"the products hold {carbon_out / carbon_in:.4g} times the carbon of the feedstock"
        yield InputProblem("products", "consistency", message)


def _construction(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    shares = (tree.get("finance") or {}).get("construction_shares")
    if shares and abs(sum(shares) - 1) > SHARE_TOLERANCE:
        yield InputProblem("finance.construction_shares", "sum", f"the shares sum to {sum(shares):.6g}, not to 1")


def _ramp(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    ramp, life = (tree.get("plant") or {}).get("utilisation"), (tree.get("finance") or {}).get("lifetime")
    if isinstance(ramp, tuple) and life and len(ramp) > life:
        message = f"the ramp has {len(ramp)} years, the project {life}"
        yield InputProblem("plant.utilisation", "consistency", message)
    if isinstance(ramp, float) and ramp == 0:
        yield InputProblem("plant.utilisation", "consistency", "must be above 0: the plant would make nothing")


def _depreciation(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    chosen = (tree.get("finance") or {}).get("depreciation") or {}
    if chosen.get("method") == "macrs" and chosen.get("years") not in MACRS_HALF_YEAR:
        classes = ", ".join(str(years) for years in MACRS_HALF_YEAR)
        yield InputProblem("finance.depreciation.years", "consistency", f"MACRS has the classes {classes}")


def _loan(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    finance = tree.get("finance") or {}
    loan, life = finance.get("debt") or {}, finance.get("lifetime")
    if loan.get("share") and loan.get("term") and life and loan["term"] > life:
        message = f"the loan runs {loan['term']} years, the project {life}"
        yield InputProblem("finance.debt.term", "consistency", message)


def _startup(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    months = ((tree.get("operating") or {}).get("startup") or {}).get("months")
    life = (tree.get("finance") or {}).get("lifetime")
    if months and life and months > 12 * life:
        message = f"start-up takes {months:g} months, the project {12 * life}"
        yield InputProblem("operating.startup.months", "consistency", message)


def _years(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    capital, reference = tree.get("capital") or {}, tree.get("reference") or {}
    given = {name: capital.get(name) for name in ("cost_year", "reference_year")}
    if any(given.values()) and not all(given.values()):
        missing = next(name for name, year in given.items() if not year)
        yield InputProblem(f"capital.{missing}", "required", "the cost year and the reference year go together")
        return
    for name, index in (("cost_year", "cost_index"), ("reference_year", "cost_index_reference")):
        if given[name] and reference.get(index) is None:
            yield InputProblem(f"capital.{name}", "consistency", f"there is no CEPCI for {given[name]}")
