"""Which incentives may stand together, and what each asks for (method.md 29), checked on a resolved tree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.engine.fields import declarations
from scenarios.engine.incentive import CAPITAL_KINDS, US_45Z_CHANGED, Incentive
from scenarios.engine.problems import InputProblem

_TOLERANCE = 1e-9
_US_MARKET = frozenset({"us_40b", "rin", "lcfs"})
_EUROPEAN_MARKET = frozenset({"ets", "mandate_certificate"})
# Fields that mean something for some kinds only; set for another they would be ignored, and so are refused.
_ONLY_FOR = {
    "rins_per_gallon": frozenset({"rin"}),
    "wage_rules_met": frozenset({"us_45z"}),
    "north_american": frozenset({"us_45z"}),
}
_NOT_FOR_CAPITAL = ("product", "share", "first_year", "last_year", "minimum_reduction", "indexed")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Two sorts of incentive that exclude each other: on the same fuel, or for the whole plant."""

    kinds: frozenset[str]
    others: frozenset[str]
    reason: str
    whole_plant: bool = False

    def concerns(self, one: str, other: str) -> bool:
        return (one in self.kinds and other in self.others) or (other in self.kinds and one in self.others)


_RULES = (
    _Rule(
        frozenset({"us_45z"}), frozenset({"us_45q", "us_45v"}),
        "26 USC 45Z(d)(4): a plant that takes 45Q or 45V takes no 45Z in the same year", whole_plant=True,
    ),
    _Rule(frozenset({"us_45z"}), frozenset({"us_40b"}), "45Z took the place of 40B: a gallon earns one of them"),
    _Rule(
        _US_MARKET, _EUROPEAN_MARKET,
        "a tonne is used in one market: 40B, RINs and LCFS credits end where fuel leaves the United States",
    ),
    _Rule(frozenset({"ets"}), frozenset({"lcfs"}), "the same reduction cannot be sold twice"),
    *(
        _Rule(frozenset({kind}), frozenset({kind}), "the same fuel earns it once")
        for kind in ("us_45z", "us_40b", "rin", "lcfs", "ets", "mandate_certificate", "us_45q", "us_45v")
    ),
)  # fmt: skip


def check(tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    """Every fault of the stack; what cannot be judged yet is passed over."""
    stack = [(index, item) for index, item in enumerate(tree.get("incentives") or []) if item.get("kind")]
    for index, item in stack:
        yield from _fields(index, item)
        yield from _years(index, item)
        yield from _place(index, item, tree)
        yield from _product(index, item, tree)
        yield from _carbon_price(index, item, tree)
    yield from _calendar(stack, tree)
    yield from _grants(stack)
    yield from _pairs(stack, tree)


def _fault(index: int, field: str, message: str, code: str = "consistency") -> InputProblem:
    return InputProblem(f"incentives[{index}]{'.' if field else ''}{field}", code, message)


def _fields(index: int, item: Mapping[str, Any]) -> Iterator[InputProblem]:
    kind = item["kind"]
    defaults = {declared.attribute: declared.default for declared in declarations(Incentive)}
    idle = [name for name, kinds in _ONLY_FOR.items() if kind not in kinds]
    idle += _NOT_FOR_CAPITAL if kind in CAPITAL_KINDS else ()
    for name in idle:
        if name in item and item[name] != defaults[name]:
            yield _fault(index, name, f"means nothing for {kind}: leave it out")
    if kind == "rin" and "rins_per_gallon" in item and item["rins_per_gallon"] is None:
        yield _fault(index, "rins_per_gallon", "is required for RINs", "required")
    if kind == "capital_grant_share" and (item.get("amount") or 0) > 1:
        yield _fault(index, "amount", f"must be at most 1, the whole of FCI, not {item['amount']:g}")


def _years(index: int, item: Mapping[str, Any]) -> Iterator[InputProblem]:
    first, last = item.get("first_year"), item.get("last_year")
    if first and last and first > last:
        yield _fault(index, "last_year", f"must not be before the first year, {first}")
    elif item["kind"] == "us_45z" and (first or last) and (first or 0) < US_45Z_CHANGED <= (last or US_45Z_CHANGED):
        before = US_45Z_CHANGED - 1
        message = f"45Z changed in {US_45Z_CHANGED}: give one item up to {before} and one from {US_45Z_CHANGED}"
        yield _fault(index, "first_year", message)


def _calendar(stack: list[tuple[int, Mapping[str, Any]]], tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    """Items paid in calendar years ask for the one in which operation starts."""
    dated = [
        str(item.get("incentive"))
        for _, item in stack
        if item["kind"] not in CAPITAL_KINDS and (item.get("first_year") or item.get("last_year"))
    ]
    finance = tree.get("finance") or {}
    if dated and "operation_start" in finance and finance["operation_start"] is None:
        message = f"is required: {', '.join(dated)} is paid in certain calendar years"
        yield InputProblem("finance.operation_start", "required", message)


def _place(index: int, item: Mapping[str, Any], tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    countries, country = item.get("made_in"), tree.get("country")
    allowed = [code.strip().upper() for code in (countries or "").split(";")]
    if countries and country and country.upper() not in allowed:
        yield _fault(index, "made_in", f"is paid on fuel made in {countries}; this plant stands in {country}")


def _product(index: int, item: Mapping[str, Any], tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    names = [entry.get("product") for entry in tree.get("products") or []]
    wanted = _product_of(item, tree)
    if item["kind"] in CAPITAL_KINDS or not wanted or not names or not all(names):
        return
    if wanted not in {name.casefold() for name in names if name}:
        message = f"the plant sells no {item.get('product') or wanted}; it sells {', '.join(map(str, names))}"
        yield _fault(index, "product", message)


def _product_of(item: Mapping[str, Any], tree: Mapping[str, Any]) -> str:
    named = item.get("product") or (tree.get("finance") or {}).get("priced_product") or ""
    return named.casefold()


def _carbon_price(index: int, item: Mapping[str, Any], tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    if item["kind"] in ("lcfs", "ets") and (tree.get("carbon") or {}).get("carbon_price"):
        message = "the same reduction cannot be sold twice: set carbon.carbonPrice to 0, or leave this out"
        yield _fault(index, "", message, "stacking")


def _grants(stack: list[tuple[int, Mapping[str, Any]]]) -> Iterator[InputProblem]:
    shares = [(index, item.get("amount") or 0.0) for index, item in stack if item["kind"] == "capital_grant_share"]
    if len(shares) > 1 and sum(amount for _, amount in shares) > 1 + _TOLERANCE:
        yield _fault(shares[-1][0], "amount", "the grants sum to more than the whole of FCI", "stacking")


def _pairs(stack: list[tuple[int, Mapping[str, Any]]], tree: Mapping[str, Any]) -> Iterator[InputProblem]:
    for place, (index, item) in enumerate(stack):
        for other_index, other in stack[:place]:
            rule = next((rule for rule in _RULES if rule.concerns(item["kind"], other["kind"])), None)
            if rule is None or not _overlap(item, other):
                continue
            same_fuel = _product_of(item, tree) == _product_of(other, tree)
            covered = sum(entry.get("share") or 0.0 for entry in (item, other))
            if rule.whole_plant or (same_fuel and covered > 1 + _TOLERANCE):
                hint = "" if rule.whole_plant else "; or let their shares sum to at most 1"
                message = f"may not be stacked with {other.get('incentive') or f'incentives[{other_index}]'}"
                yield _fault(index, "", f"{message}: {rule.reason}{hint}", "stacking")


def _overlap(item: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether some calendar year belongs to both; years left out are open."""
    first = max(item.get("first_year") or 0, other.get("first_year") or 0)
    last = min(item.get("last_year") or 9999, other.get("last_year") or 9999)
    return first <= last
