"""Numbers as people read them: four significant digits, thousands apart, large sums in millions."""

import math
from dataclasses import dataclass

USD = "USD"
DIGITS = 4
# Units that are words, of which there are several.
_COUNTED = frozenset({"year", "month"})
# Sums of money alone are told in these; a price is not.
_SCALES = ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Currency:
    """What money is shown in: ``per_usd`` units to a US dollar, and where that rate is from."""

    code: str = USD
    per_usd: float = 1.0
    source: str = ""

    def shown(self, value: float, unit: str) -> tuple[float, str]:
        """``value`` in ``unit``, in this currency where it is US dollars."""
        if self.code == USD or not (unit == USD or unit.startswith("USD/")):
            return value, unit
        return value * self.per_usd, self.code + unit.removeprefix(USD)


DOLLARS = Currency()


def rounded(value: float, digits: int = DIGITS) -> str:
    """``value`` to ``digits`` significant digits, those before the point always: 1,495.81, 12.35, 0.08123, 4.2e-7.

    From a thousand to a hundred thousand two decimals are told, as of prices.
    """
    size = abs(value)
    if size == 0:
        return "0"
    if size < 1e-4 or size >= 1e15:
        return f"{value:.{digits - 1}g}"
    places = digits - 1 - math.floor(math.log10(size))
    if 1e3 <= size < 1e5:
        places = 2
    text = f"{value:,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown_unit(unit: str) -> str:
    """A unit as people read it, alone or within words: "gCO₂e/MJ" for what is declared and sent as "gCO2e/MJ"."""
    return unit.replace("m^3", "m³").replace("m3", "m³").replace("CO2e", "CO₂e")


def told(value: float, unit: str) -> tuple[str, str]:
    """The number and the unit behind it as people read them: ("400", "M USD"), ("1,495.81", "USD/t"), ("8.5", "%").

    ``unit`` "%" takes a fraction, and so does "%/year".
    """
    if unit.startswith("%"):
        return rounded(value * 100), unit
    if unit == "1":
        return rounded(value), ""
    currency, _, per = unit.partition("/")
    if len(currency) == 3 and currency.isupper() and per in ("", "year"):
        for scale, letter in _SCALES:
            if abs(value) >= scale:
                return rounded(value / scale), f"{letter} {unit}"
    return rounded(value), f"{unit}s" if unit in _COUNTED and value != 1 else shown_unit(unit)
