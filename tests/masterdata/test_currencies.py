"""Money in the currency a reader chooses, at a rate that has a source."""

import re

import pytest
from django.test import Client

from masterdata.currencies import currency_codes, currency_of
from masterdata.models import ExchangeRate

pytestmark = pytest.mark.django_db


def test_there_are_dollars_and_whatever_has_a_rate() -> None:
    codes = currency_codes()

    assert codes[0] == "USD"
    assert "EUR" in codes
    euros = currency_of("EUR")
    assert euros.per_usd == pytest.approx(1 / 1.0824)
    assert "European Central Bank" in euros.source


def test_an_unknown_currency_is_dollars() -> None:
    assert currency_of("XXX").code == "USD"


def test_a_choice_is_remembered_and_leads_back(client: Client) -> None:
    answer = client.post("/currency", {"currency": "EUR", "next": "/login"})

    assert answer.status_code == 302
    assert answer["Location"] == "/login"
    assert client.cookies["currency"].value == "EUR"


@pytest.mark.parametrize("away", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_a_choice_never_leads_elsewhere(client: Client, away: str) -> None:
    assert client.post("/currency", {"currency": "EUR", "next": away})["Location"] == "/"


def test_an_unknown_choice_changes_nothing(client: Client) -> None:
    client.post("/currency", {"currency": "XXX"})

    assert "currency" not in client.cookies
    assert client.get("/currency").status_code == 405


def test_rates_are_dollars_to_a_unit_worked_out_over_the_euro() -> None:
    rates = {rate.currency: rate for rate in ExchangeRate.objects.exclude(currency="EUR")}

    assert {
        "GBP",
        "MYR",
        "JPY",
        "CNY",
        "INR",
        "AUD",
        "CAD",
        "SGD",
        "BRL",
        "CHF",
        "SEK",
        "NOK",
        "KRW",
        "THB",
        "IDR",
    } == set(rates)
    for code, rate in rates.items():
        told = re.match(rf"1\.0824 USD/EUR by ([\d.]+) {code}/EUR", rate.note)
        assert told is not None, rate.note
        assert rate.value == pytest.approx(1.0824 / float(told[1]), rel=5e-5)
        assert rate.confidence == "unconfirmed"


def test_ringgit_are_shown_at_their_rate() -> None:
    value, unit = currency_of("MYR").shown(1000.0, "USD/t")

    assert (value, unit) == (pytest.approx(1000 / 0.21865), "MYR/t")
