"""Where the value of an input comes from, and who knows what was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

METHOD_SOURCE = "Default of the method (docs/method.md)"


@dataclass(frozen=True, slots=True)
class Sourced:
    """A default with where it comes from; ``value`` None means that no value is known."""

    value: Any
    source: str
    confidence: str


class ResolvedValue(NamedTuple):
    """One input as it went into the calculation: in the declared unit, with its origin (user, default or derived).

    A tuple, since a hundred are made of each set of inputs, in a third of the time a frozen dataclass takes.
    """

    path: str
    value: Any
    unit: str
    origin: str
    source: str | None = None
    confidence: str | None = None
    given: Any = None


class Defaults(Protocol):
    """Where values come from that the user left out."""

    def value(self, path: str) -> Sourced | None:
        """The default of ``plant.capacity`` and the like, or None."""

    def items(self, group: str) -> Sequence[str]:
        """The names that stand in ``feedstocks``, ``utilities`` or ``products`` when the list is left out."""

    def item(self, group: str, name: str) -> Mapping[str, Sourced] | None:
        """The known fields of one item, its canonical name among them; None if there is no such item."""

    def names(self, group: str) -> Sequence[str]:
        """Every name an item may have, for the message about a wrong one."""

    def reference(self, chosen: Mapping[str, Any]) -> Mapping[str, Sourced]:
        """The reference values that come with the values ``chosen`` (resolved values by path)."""


class NoDefaults:
    """Nothing but the defaults of the method: every item name is taken as it is."""

    def value(self, path: str) -> Sourced | None:
        return None

    def items(self, group: str) -> Sequence[str]:
        return ()

    def item(self, group: str, name: str) -> Mapping[str, Sourced] | None:
        found = {group.removesuffix("s").replace("utilitie", "utility"): Sourced(name, "", "")}
        if group == "utilities":
            found["unit"] = Sourced("kWh" if name.lower() == "electricity" else "t", "", "")
        return found

    def names(self, group: str) -> Sequence[str]:
        return ()

    def reference(self, chosen: Mapping[str, Any]) -> Mapping[str, Sourced]:
        return {}
