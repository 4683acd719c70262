"""One input in the form of a scenario: what stands in its control, beside it, and what is read back from it."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from scenarios.engine.fields import Declaration, Kind, Spec
from scenarios.engine.origins import METHOD_SOURCE, Sourced
from scenarios.engine.reading import RefusedError, VolumeError, read
from scenarios.pages import numbers
from scenarios.pages.numbers import Unit
from scenarios.pages.words import choice_label, declared, label_of, label_within, sentence

_FLAGS = {"yes": True, "no": False}
_NUMERIC = frozenset({Kind.NUMBER, Kind.INTEGER, Kind.SERIES})


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(slots=True)
class Field:
    """One input in the form.

    ``given`` is what the scenario holds (None: nothing, the default is taken), ``text`` what stands in the control.
    """

    path: str
    item: Declaration
    given: Any
    unit: str
    default: Sourced | None
    options: tuple[Option, ...] = ()
    text: str = ""
    beside: Unit = field(default=Unit("", None, None))
    problem: str = ""
    # What a series comes to, where it holds one.
    counted: str = ""
    has_mark: bool = True

    @property
    def spec(self) -> Spec:
        return self.item.spec

    @property
    def place(self) -> str:
        return declared(self.path)

    @property
    def label(self) -> str:
        return label_of(self.path)

    @property
    def is_numeric(self) -> bool:
        return self.item.spec.kind in _NUMERIC

    @property
    def is_series(self) -> bool:
        return self.item.spec.kind is Kind.SERIES

    @property
    def is_changed(self) -> bool:
        """Whether the scenario holds a value of its own here that is not the default."""
        if self.given is None or not self.has_mark:
            return False
        if self.default is None:
            return True
        try:
            return bool(read(self.spec, self.given, self.unit) != self.default.value)
        except (RefusedError, VolumeError):
            return True

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units to choose among; none where there is no choice."""
        if self.spec.kind not in (Kind.NUMBER, Kind.INTEGER):
            return ()
        offered = numbers.units_of(self.spec, self.place, self.unit)
        if self.beside not in offered:
            offered = (*offered, self.beside)
        return offered if len(offered) > 1 else ()

    @property
    def default_shown(self) -> str:
        """The default as it would stand in the control, rounded."""
        value = self.default.value if self.default else None
        if value is None:
            return ""
        if self.is_numeric:
            return numbers.default_text(self.spec, value, self.beside)
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if self.spec.kind is Kind.CHOICE:
            return choice_label(str(value))
        return str(value)

    @property
    def without_default(self) -> str:
        """What an empty control stands for where there is no default."""
        return "not known" if self.spec.optional else "needed"

    @property
    def source(self) -> str:
        if self.default is None:
            return ""
        if self.default.source == METHOD_SOURCE:
            return "" if self.default.value is None else "the method"
        return self.default.source

    @property
    def confidence(self) -> str:
        return self.default.confidence if self.default else ""

    @property
    def bounds(self) -> str:
        return numbers.bounds_text(self.spec, self.unit) if self.is_numeric else ""

    @property
    def about(self) -> SafeString:
        return _about(self.label, self.spec, self.bounds)

    def fill(self) -> None:
        """Put ``given`` into the control."""
        kind = self.spec.kind
        if self.is_numeric:
            self.beside = numbers.units_of(self.spec, self.place, self.unit)[0]
            if self.given is not None:
                self.text, self.beside = numbers.given_text(self.spec, self.place, self.unit, self.given)
        elif self.given is not None:
            self.text = next((word for word, value in _FLAGS.items() if self.given is value), str(self.given))
            if (kind is not Kind.TEXT or self.options) and self.text not in {option.value for option in self.options}:
                self.options = (*self.options, Option(self.text, self.text))

    @property
    def numbers(self) -> tuple[float, ...]:
        """What is held or, where nothing is, the default, as numbers of the declared unit; none where it is refused."""
        try:
            value = read(self.spec, self.given, self.unit) if self.given is not None else None
        except (RefusedError, VolumeError):
            return ()
        if value is None and self.default is not None:
            value = self.default.value
        found = value if isinstance(value, tuple | list) else (value,)
        return tuple(float(one) for one in found if isinstance(one, int | float))

    def read(self, text: str, wire: str) -> Any:
        """What the scenario is to hold for what was typed; None for nothing. Raises NotANumber."""
        if not text.strip():
            return None
        if self.is_numeric:
            return numbers.given_read(self.spec, self.place, self.unit, text, wire)
        return _FLAGS.get(text, text) if self.spec.kind is Kind.FLAG else text.strip()

    def told(self) -> str:
        """What stands here in words, the default if nothing does."""
        unit = f" {self.beside.label}" if self.beside.label else ""
        if self.given is None:
            return f"{self.default_shown}{unit} (the default)" if self.default_shown else "nothing"
        if self.options:
            return next((option.label for option in self.options if option.value == self.text), self.text)
        return f"{self.text}{unit}"


@lru_cache(maxsize=1024)
def _about(label: str, spec: Spec, bounds: str) -> SafeString:
    """The help on a field, which opens by touch and keyboard."""
    told = " ".join(filter(None, (spec.help, sentence(bounds), f"In formulas: {spec.symbol}." if spec.symbol else "")))
    return format_html(
        '<details class="help"><summary aria-label="About {}">?</summary><p>{}</p></details>', label, told
    )


def called(one: Field) -> str:
    """A field's name with that of the item or the part it belongs to."""
    return label_within(one.path)
