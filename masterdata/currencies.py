"""What money is shown in: the reader's choice, at the rates of the master data. Calculations are in US dollars."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.figures import DOLLARS, USD, Currency
from masterdata.catalogue import current

COOKIE = "currency"


def currency_codes() -> tuple[str, ...]:
    """Currencies with a rate, US dollars first."""
    return (USD, *sorted(code for code, rate in current().exchange_rates.rates.items() if rate.value))


def currency_of(code: str) -> Currency:
    """The currency with its rate; US dollars where there is none."""
    rate = current().exchange_rates.rates.get(code)
    if code == USD or rate is None or not rate.value:
        return DOLLARS
    return Currency(code, 1 / rate.value, f"{rate.source}: {rate.value:g} {rate.unit}")


def shown_currency(request: HttpRequest) -> dict[str, Any]:
    """For templates: ``currency``, what this reader sees money in, and ``currencies``, what there is to choose."""
    return {
        "currency": SimpleLazyObject(lambda: currency_of(request.COOKIES.get(COOKIE, USD))),
        "currencies": SimpleLazyObject(currency_codes),
    }
