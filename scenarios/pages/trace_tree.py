"""The tree of a trace as it is shown: which nodes are open, what is left to be asked for, and what a search keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from scenarios.engine.results import kpi_keys
from scenarios.pages import kpis
from scenarios.pages.cash_flow import BASES
from scenarios.pages.resolved import ORIGINS, in_words, is_figure, item_names, source_in_words, unit_of
from scenarios.pages.substitution import Numbers
from scenarios.pages.words import label_of, sentence

type Node = Mapping[str, Any]

# Levels that come with the page; what lies deeper is asked for as it is opened.
LEVELS = 2
# Of a series by year, how many are shown at each end.
ENDS = 3


@cache
def _percent() -> frozenset[str]:
    """The quantities that results tell as percent."""
    told = [kpi.trace for kpi in kpis.KPIS.values() if kpi.unit == "%"]
    return frozenset(keys[name] for basis in BASES for keys in (kpi_keys(basis),) for name in told)


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a node: of an item, of a year, or the only one. ``words`` stands for what is no number."""

    name: str
    value: Any
    words: str
    unit: str
    reason: str = ""
    origin: str = ""
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A node as the page shows it.

    ``count`` says of how many numbers it consists; ``inputs`` are what stands below it; where ``is_lazy`` they are
    there and not part of the page yet.
    """

    key: str
    kind: str
    name: str
    help: str
    symbol: str
    formula: str
    numbers: str
    source: str
    parts: tuple[Part, ...]
    skipped: int = 0
    count: str = ""
    inputs: tuple["Shown", ...] = ()
    is_lazy: bool = False
    is_open: bool = False
    is_match: bool = False


@dataclass(slots=True)
class Tree:
    """A trace (scenarios/engine/trace.py) with the stored inputs of its run, to be shown in parts."""

    root: Node
    stored: Mapping[str, Mapping[str, Any]]
    _by_key: dict[str, Node] = field(default_factory=dict)
    _numbers: Numbers = field(default_factory=lambda: Numbers({}))
    _items: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._items = item_names(self.stored)
        numbers: dict[str, float] = {}
        for node in _walk(self.root):
            if "sameAs" not in node:
                self._by_key.setdefault(node["key"], node)
            if isinstance(node.get("value"), int | float) and not isinstance(node["value"], bool):
                numbers |= dict.fromkeys(_names(node), float(node["value"]))
        self._numbers = Numbers(numbers)

    def find(self, key: str) -> Node | None:
        return self._by_key.get(key)

    def shown(self, node: Node, *, levels: int = LEVELS) -> Shown:
        """``node`` with so many ``levels`` below it, open as far as they reach."""
        whole = self._by_key.get(node["key"], node)
        below = whole.get("inputs", ())
        if "sameAs" in node or levels == 0:
            return self._made(node if "sameAs" in node else whole, is_lazy=bool(below))
        return self._made(
            whole, inputs=tuple(self.shown(one, levels=levels - 1) for one in below), is_open=levels > 1 and bool(below)
        )

    def everything(self, node: Node) -> Shown:
        """The whole of it, open; a quantity that stands in several places is opened in the first."""
        below = tuple(self.everything(one) for one in node.get("inputs", ()))
        repeated = "sameAs" in node and bool(self._by_key[node["key"]].get("inputs"))
        return self._made(node, inputs=below, is_open=bool(below), is_lazy=repeated)

    def found(self, node: Node, text: str) -> Shown | None:
        """What of it says ``text``, with what leads there; None where nothing does."""
        below = tuple(one for part in node.get("inputs", ()) if (one := self.found(part, text)) is not None)
        is_match = self._says(node, text)
        return self._made(node, inputs=below, is_open=bool(below), is_match=is_match) if below or is_match else None

    def _says(self, node: Node, text: str) -> bool:
        says = [node["name"], node.get("symbol") or "", node.get("formula") or "", node.get("source") or ""]
        says += [label_of(node["path"])] if "path" in node else []
        says += [leaf.get("source") or "" for leaf in node.get("items", ())]
        says += [self._items.get(leaf["path"].partition(".")[0], "") for leaf in node.get("items", ())]
        return any(text in one.casefold() for one in says)

    def _made(self, node: Node, **rest: Any) -> Shown:
        is_input = node["kind"] == "input"
        parts, skipped = self._parts(node)
        value, words = node.get("value"), node.get("formula") or ""
        numbers = None
        if words and isinstance(value, int | float) and not isinstance(value, bool):
            numbers = self._numbers.put_into(words, float(value))
        return Shown(
            key=node["key"],
            kind=node["kind"],
            name=_titled(node),
            help=node["name"] if is_input else "",
            symbol=node.get("symbol") or "",
            formula=words,
            numbers=numbers or "",
            source="" if is_input else _cited(node.get("source") or ""),
            parts=parts,
            skipped=skipped,
            count=_counted(node, len(parts) + skipped),
            **rest,
        )

    def _parts(self, node: Node) -> tuple[tuple[Part, ...], int]:
        if "items" in node:
            return tuple(self._leaf(leaf, node) for leaf in node["items"]), 0
        value, unit = node.get("value"), node["unit"]
        if isinstance(value, dict):
            reasons = node.get("reasons", {})
            units = unit if isinstance(unit, dict) else dict.fromkeys(value, unit)
            return tuple(
                _part(name, one, str(units.get(name, "1")), reasons.get(name, "")) for name, one in value.items()
            ), 0
        own = "" if isinstance(unit, dict) else "%" if node["key"] in _percent() else unit
        if isinstance(value, list) and value and all(isinstance(one, int | float) for one in value):
            return _series(value, own, self._first_year(node["key"], len(value)))
        said = _origin(node) if node["kind"] != "formula" else {}
        path = node.get("path", "")
        return (_part("", value, own, node.get("reason", ""), path, **said),), 0

    def _first_year(self, key: str, count: int) -> int | None:
        """The year that a series by year begins with: of construction where it has those years, else the first."""
        shares = self.stored.get("finance.constructionShares", {}).get("value") or [1.0]
        years = self.stored.get("finance.lifetime", {}).get("value")
        if count == len(shares) and ("construction" in key or count != years):
            return 1 - len(shares)
        return {years: 1, years + len(shares): 1 - len(shares)}.get(count) if years is not None else None

    def _leaf(self, leaf: Node, node: Node) -> Part:
        name = self._items.get(leaf["path"].partition(".")[0], leaf["path"])
        unit = leaf.get("unit") or (node["unit"] if isinstance(node["unit"], str) else "1")
        return _part(name, leaf.get("value"), unit, leaf.get("reason", ""), leaf["path"], **_origin(leaf))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for below in node.get("inputs", ()):
        yield from _walk(below)


def _titled(node: Node) -> str:
    name = label_of(node["path"]) if "path" in node else node["name"]
    return str(name)


def _counted(node: Node, count: int) -> str:
    if count < 2:
        return ""
    return f"{count} values" if isinstance(node.get("value"), list) else f"{count} items"


def _cited(source: str) -> str:
    """ "method 9" says little by itself: it is a section of the method."""
    sections, _, rest = source.removeprefix("method ").partition(";")
    return f"section {sections} of the method{f';{rest}' if rest else ''}" if source.startswith("method ") else source


def _names(node: Node) -> Iterator[str]:
    """What formulas may call a quantity: its symbol, its name, the name of the input."""
    yield from (node.get("symbol") or "", node["name"])
    if "path" in node:
        yield from (label_of(node["path"]), _spoken(node["key"]))


def _spoken(key: str) -> str:
    """``reference_load_hours_h_per_y`` as formulas say it: reference load hours."""
    head, _, _ = key.partition("_per_")
    words = head.split("_")
    while len(words) > 1 and words[-1] in {"usd", "t", "h", "g", "kg", "mj", "years", "year", "unit"}:
        words.pop()
    return " ".join(words)


def _origin(node: Node) -> dict[str, str]:
    return {"origin": ORIGINS.get(node.get("origin") or "", ""), **source_in_words(node)}


def _part(name: str | None, value: Any, unit: str, reason: str | None, path: str = "", **said: str) -> Part:
    is_number = is_figure(path, value)
    why = sentence(reason or "")
    words = "" if is_number or (value is None and why) else in_words(path, value)
    return Part(name or "", value if is_number else None, words, unit_of(path, unit), why, **said)


def _series(values: list[float], unit: str, first: int | None) -> tuple[tuple[Part, ...], int]:
    """A series by year: all of a short one, the ends of a long one."""
    begin, word = (1, "no. ") if first is None else (first, "year ")
    numbered = [_part(f"{word}{place}", value, unit, "") for place, value in enumerate(values, start=begin)]
    if len(numbered) <= 2 * ENDS + 1:
        return tuple(numbered), 0
    return (*numbered[:ENDS], *numbered[-ENDS:]), len(numbered) - 2 * ENDS
