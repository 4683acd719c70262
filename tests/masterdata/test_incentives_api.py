"""Incentives that can be stacked, and the CORSIA rows of a process technology, over HTTP."""

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from masterdata import catalogue
from masterdata import models as md

pytestmark = pytest.mark.django_db

URL = "/api/v1"


def codes(api: APIClient, **query: str) -> list[str]:
    return [item["code"] for item in api.get(f"{URL}/incentives", {"pageSize": 100, **query}).json()["items"]]


def test_incentives_are_filtered_by_kind_and_by_what_can_be_stacked(api: APIClient) -> None:
    stackable, rest = codes(api, stackable="true"), codes(api, stackable="false")

    assert (len(stackable), len(rest)) == (8, 17)
    assert not {*stackable} & {*rest}
    assert codes(api, kind="mandate_certificate") == ["uk-buy-out-main-obligation", "uk-buy-out-ptl-obligation"]
    assert codes(api, kind="us_45z", stackable="false") == []
    assert codes(api, kind="us_45q") == []


@pytest.mark.parametrize("query", ["stackable=ture", "stackable=1", "kind=us_48c", "kind=RIN"])
def test_filter_of_incentives_that_means_nothing_is_refused(query: str, api: APIClient) -> None:
    response = api.get(f"{URL}/incentives?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [query.partition("=")[0]]


def test_incentive_is_shown_as_published_with_its_terms(api: APIClient) -> None:
    row = md.Incentive.objects.get(code="eu-ets-eua-price-2024-average")

    body = api.get(f"{URL}/incentives/{row.pk}").json()

    assert body == {
        "id": row.pk,
        "code": "eu-ets-eua-price-2024-average",
        "name": "EU ETS EUA price 2024 average",
        "scheme": "EU ETS",
        "region": "EU",
        "kind": "ets",
        "firstYear": None,
        "lastYear": None,
        "minimumReduction": 0.65,
        "referenceIntensity": 94.0,
        "rinsPerGallon": None,
        "indexed": True,
        "country": "",
        "value": 65.0,
        "valueText": "",
        "unit": "EUR/t",
        "source": "market",
        "confidence": "unconfirmed",
        "validFrom": "2024-01-01",
        "note": row.note,
    }


GRANT = {
    "code": "innovation-fund",
    "name": "Innovation Fund",
    "scheme": "EU Innovation Fund",
    "kind": "capital_grant_share",
    "value": 0.3,
    "unit": "fraction",
    "country": "DEU;NLD",
    "source": "call of 2026",
    "confidence": "unconfirmed",
}


def test_staff_make_an_item_of_a_stack(staff_api: APIClient, staff_user: User) -> None:
    response = staff_api.post(f"{URL}/incentives", GRANT)

    assert response.status_code == 201
    made = md.Incentive.objects.get(code="innovation-fund")
    assert (made.kind, made.country, made.first_year, made.indexed) == ("capital_grant_share", "DEU;NLD", None, False)
    entry = made.history.get()
    assert (entry.kind, entry.country, entry.history_user) == ("capital_grant_share", "DEU;NLD", staff_user)


def test_every_fault_of_an_item_is_named_at_once(staff_api: APIClient, version) -> None:
    before = version()
    terms = {"firstYear": 2030, "lastYear": 2029, "minimumReduction": 65, "rinsPerGallon": 1.6, "country": "Germany"}

    response = staff_api.post(f"{URL}/incentives", {**GRANT, **terms, "value": 30, "unit": "%"})

    assert response.status_code == 400
    named = {error["field"] for error in response.json()["errors"]}
    assert named == {"value", "unit", "lastYear", "minimumReduction", "rinsPerGallon", "country"}
    assert version() == before


def test_item_that_loses_its_number_is_refused(staff_api: APIClient) -> None:
    row = md.Incentive.objects.get(code="us-40b-base-credit")

    response = staff_api.patch(f"{URL}/incentives/{row.pk}", {"value": None, "valueText": "1.25 to 1.75"})

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["value"]
    row.refresh_from_db()
    assert row.value == 1.25


def test_corsia_rows_that_serve_a_process_technology(api: APIClient) -> None:
    def rows(process: str) -> list[tuple[str, str]]:
        query = {"process": process, "pageSize": 100}
        items = api.get(f"{URL}/corsia-values", query).json()["items"]
        return [(item["pathway"], item["feedstock"]) for item in items]

    assert {pathway for pathway, _ in rows("ATJ-SPK")} == {"ATJ ethanol", "ATJ isobutanol"}
    assert tuple(dict.fromkeys(row for _, row in rows("sip"))) == catalogue.current().corsia_rows("SIP")
    offered = {
        row.removesuffix(" (ATJ ethanol)").removesuffix(" (ATJ isobutanol)")
        for row in catalogue.current().corsia_rows("ATJ-SPK")
    }
    assert {row for _, row in rows("alcohol to jet")} == offered
    assert rows("CHJ") == []


def test_process_nobody_knows_is_told_what_there_is(api: APIClient) -> None:
    response = api.get(f"{URL}/corsia-values", {"process": "ATJ"})

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["field"], error["code"]) == ("process", "does_not_exist")
    assert "ATJ-SPK" in error["message"]


def test_corsia_rows_of_a_process_ask_one_more_query(
    known_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    catalogue.current()  # in memory, whatever ran before
    with django_assert_num_queries(2):  # version, page
        known_api.get(f"{URL}/corsia-values", {"process": "ATJ-SPK"})
