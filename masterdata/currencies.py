"""What money is shown in: the reader's choice, at the rates of the master data. Calculations are in US dollars."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.figures import DOLLARS, USD, Currency
from masterdata.catalogue import Catalogue, current

COOKIE = "currency"
_SHOWN = "_shown_currency"


def currency_codes(catalogue: Catalogue | None = None) -> tuple[str, ...]:
    """Currencies with a rate in ``catalogue``, else the present one, US dollars first."""
    rates = (catalogue or current()).exchange_rates.rates
    return (USD, *sorted(code for code, rate in rates.items() if rate.value))


def currency_of(code: str, catalogue: Catalogue | None = None) -> Currency:
    """The currency with its rate in ``catalogue``, else the present one; US dollars where there is none."""
    rate = (catalogue or current()).exchange_rates.rates.get(code)
    if code == USD or rate is None or not rate.value:
        return DOLLARS
    return Currency(code, 1 / rate.value, f"{rate.source}: {rate.value:g} {rate.unit}")


def shown_currency(request: HttpRequest) -> dict[str, Any]:
    """For templates: ``currency``, what this reader sees money in, and ``currencies``, what there is to choose.

    One look at the master data serves both, and all who ask for the same request.
    """
    known: dict[str, Any] | None = request.__dict__.get(_SHOWN)
    if known is None:
        catalogue = cache(current)
        known = request.__dict__[_SHOWN] = {
            "currency": SimpleLazyObject(lambda: currency_of(request.COOKIES.get(COOKIE, USD), catalogue())),
            "currencies": SimpleLazyObject(lambda: currency_codes(catalogue())),
        }
    return known
