"""All of it in one call, cached by version; and the defaults of a scenario."""

import pytest
from django.core.cache import cache
from django.test import override_settings
from django_redis import get_redis_connection
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from masterdata import catalogue
from masterdata import models as md

pytestmark = pytest.mark.django_db

URL = "/api/v1/master-data"


def test_everything_a_client_needs_is_there(api: APIClient) -> None:
    body = api.get(URL).json()

    counts = {name: len(part) for name, part in body.items() if isinstance(part, list)}
    assert counts == {
        "pathways": 10,
        "feedstocks": 8,
        "products": 5,
        "utilities": 5,
        "countries": 18,
        "designDefaults": 8,
        "exchangeRates": 16,
        "incentives": 25,
    }
    assert body["version"] == catalogue.current_version()
    design = body["designDefaults"][0]
    assert (design["pathway"], design["feedstock"], len(design["figures"])) == ("HEFA-SPK", "Used cooking oil", 16)
    jet = next(
        figure for figure in design["figures"] if figure["product"] == "Jet" and figure["parameter"] == "product_price"
    )
    assert (jet["value"], jet["utility"], jet["confidence"]) == (3000.0, None, "confirmed")


def test_parts_are_shaped_like_the_lists(api: APIClient) -> None:
    body = api.get(URL).json()

    for part, route in (("pathways", "process-technologies"), ("countries", "countries"), ("incentives", "incentives")):
        assert body[part] == api.get(f"/api/v1/{route}", {"pageSize": 100}).json()["items"]


def test_reader_who_has_the_version_gets_304_without_a_query(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = api.get(URL)

    with django_assert_num_queries(0):
        second = api.get(URL, headers={"If-None-Match": first.headers["ETag"]})

    assert (second.status_code, second.content) == (304, b"")


def test_cached_body_costs_no_query(api: APIClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first = api.get(URL)

    with django_assert_num_queries(0):
        second = api.get(URL)

    assert second.content == first.content


def test_cold_body_costs_as_many_queries_at_any_size(
    known_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # The version twice, five kinds of items and the designs with their figures, exchange rates, incentives.
    cold = 2 + 6 * 2 + 2
    known_api.get(URL)
    cache.clear()
    with django_assert_num_queries(cold):
        few = known_api.get(URL).json()

    for number in range(20):
        item = md.Feedstock.objects.create(code=f"f{number}", name=f"Feedstock {number}")
        item.figures.create(parameter="price", value=1, unit="USD/t", source="x", confidence="derived")
    with django_assert_num_queries(cold):
        many = known_api.get(URL).json()

    assert len(many["feedstocks"]) == len(few["feedstocks"]) + 20


def test_change_is_seen_at_once(api: APIClient) -> None:
    first = api.get(URL)
    price = md.ProductFigure.objects.get(product__code="jet", parameter="price")
    price.value = 2700
    price.save()

    second = api.get(URL, headers={"If-None-Match": first.headers["ETag"]})

    assert second.status_code == 200
    assert second.headers["ETag"] != first.headers["ETag"]
    assert 2700.0 in [figure["value"] for figure in second.json()["products"][0]["figures"]]


def test_fresh_does_not_believe_the_cache(api: APIClient) -> None:
    body = api.get(URL).json()
    md.ProductFigure.objects.filter(product__code="jet", parameter="price").update(value=2700)  # told to nobody

    fresh = api.get(f"{URL}/fresh")

    assert api.get(URL).json() == body
    assert fresh.json() != body
    assert 2700.0 in [figure["value"] for figure in fresh.json()["products"][0]["figures"]]


def test_it_is_kept_for_an_hour(api: APIClient) -> None:
    api.get(URL)

    client = get_redis_connection("default")
    (key,) = client.keys("*answer:master-data:*")
    assert 3590 < client.ttl(key) <= 3600


def test_without_a_cache_it_is_slower_and_right(api: APIClient) -> None:
    dead = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    body = api.get(URL).json()

    with override_settings(CACHES=dead):
        assert api.get(URL).json() == body


def test_defaults_speak_the_wire_names(api: APIClient) -> None:
    response = api.get(
        f"{URL}/defaults", {"process": "hefa-spk", "feedstock": "used-cooking-oil", "country": "Malaysia"}
    )

    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"inputs", "sources", "masterdataVersion"}
    inputs = body["inputs"]
    assert (inputs["pathway"], inputs["country"]) == ("HEFA-SPK", "MYS")
    assert inputs["plant"] == {
        "capacity": 500000.0,
        "loadHours": 8000.0,
        "referenceLoadHours": 8000.0,
        "utilisation": 1.0,
    }
    assert inputs["finance"]["debt"] == {"share": 0.0, "interest": 0.08, "term": 10, "constructionInterest": "paid"}
    assert inputs["finance"]["lossRule"] == "carry_forward"
    assert body["sources"]["products[0].lowerHeatingValue"] == {
        "source": "miniTEA specification workbook (LHV, carbon); HEFA SPK typical density",
        "confidence": "secondary",
    }
    assert body["masterdataVersion"] == catalogue.current_version()


def test_defaults_cost_one_query(known_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    query = {"process": "FT-SPK", "feedstock": "Forest residues", "country": "FIN"}
    known_api.get(f"{URL}/defaults", query)

    with django_assert_num_queries(1):  # the version
        response = known_api.get(f"{URL}/defaults", query)

    again = known_api.get(f"{URL}/defaults", query, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", {"process", "feedstock", "country"}),
        ("process=HEFA-SPK", {"feedstock", "country"}),
        ("process=HEFA&feedstock=Whale+oil&country=XXX", {"process", "feedstock", "country"}),
        ("process=CHJ&feedstock=Tallow&country=MYS", {"feedstock"}),
        ("process=HEFA-SPK&feedstock=Tallow&country=MYS&colour=green", {"colour"}),
        ("process=HEFA-SPK&feedstock=%00&country=MYS", {"feedstock"}),
    ],
)
def test_defaults_name_every_parameter_at_fault(query: str, fields: set[str], api: APIClient) -> None:
    response = api.get(f"{URL}/defaults?{query}")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in response.json()["errors"]} == fields


def test_unknown_feedstock_is_told_what_there_is(api: APIClient) -> None:
    response = api.get(f"{URL}/defaults", {"process": "HEFA-SPK", "feedstock": "Whale oil", "country": "MYS"})

    (error,) = response.json()["errors"]
    assert (error["code"], error["field"]) == ("does_not_exist", "feedstock")
    assert "Used cooking oil" in error["message"]
