"""Master data over HTTP: lists with their figures, writes for staff, nothing half-written."""

from typing import Any

import pytest
from django.db import models
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from masterdata import models as md

pytestmark = pytest.mark.django_db

URL = "/api/v1"
ITEMS = {
    "process-technologies": (md.Pathway, 10),
    "feedstocks": (md.Feedstock, 8),
    "products": (md.Product, 5),
    "utilities": (md.Utility, 5),
    "countries": (md.Country, 18),
}
TABLES = {
    "incentives": (md.Incentive, 25),
    "corsia-values": (md.CorsiaValue, 45),
    "carbon-factors": (md.CarbonFactor, 314),
}
PRICE = {
    "parameter": "price",
    "value": 850,
    "unit": "USD/t",
    "source": "quotation of a supplier",
    "confidence": "unconfirmed",
    "validFrom": "2026-01-01",
    "note": "",
}
CAMELINA = {"code": "camelina", "name": "Camelina oil", "corsiaFeedstock": "camelina oilseed", "figures": [PRICE]}


def first(route: str) -> Any:
    model, _ = {**ITEMS, **TABLES}[route]
    return model.objects.order_by("pk").first()


@pytest.mark.parametrize(("route", "rows"), [(route, rows) for route, (_, rows) in {**ITEMS, **TABLES}.items()])
def test_list_has_every_row(route: str, rows: int, api: APIClient) -> None:
    body = api.get(f"{URL}/{route}", {"pageSize": 100}).json()

    assert (body["total"], len(body["items"])) == (rows, min(rows, 100))


@pytest.mark.parametrize("size", [2, 5])
@pytest.mark.parametrize("route", ITEMS)
def test_list_of_items_asks_two_queries(
    route: str, size: int, known_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known_api.get(f"{URL}/{route}")

    with django_assert_num_queries(2):  # page with count, figures
        body = known_api.get(f"{URL}/{route}", {"pageSize": size}).json()

    assert len(body["items"]) == size
    assert all(item["figures"] for item in body["items"])


@pytest.mark.parametrize("size", [2, 20])
@pytest.mark.parametrize("route", TABLES)
def test_list_of_a_table_asks_one_query(
    route: str, size: int, known_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known_api.get(f"{URL}/{route}")

    with django_assert_num_queries(1):  # page with count
        assert len(known_api.get(f"{URL}/{route}", {"pageSize": size}).json()["items"]) == size


@pytest.mark.parametrize("more", [0, 3])
def test_detail_asks_two_queries(
    more: int, known_api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    jet = md.Product.objects.get(code="jet")
    if more:
        jet.figures.get(parameter="density").delete()
    with django_assert_num_queries(2):  # row, figures
        assert len(known_api.get(f"{URL}/products/{jet.pk}").json()["figures"]) == (more or 4)
    with django_assert_num_queries(0):
        assert len(known_api.get(f"{URL}/products/{jet.pk}").json()["figures"]) == (more or 4)


def test_feedstock_is_shown_with_its_figures(api: APIClient) -> None:
    feedstock = md.Feedstock.objects.get(code="used-cooking-oil")
    source = {"source": "miniTEA specification workbook, HEFA example", "confidence": "confirmed"}
    rest = {**source, "validFrom": None, "note": ""}

    body = api.get(f"{URL}/feedstocks/{feedstock.pk}").json()

    assert body == {
        "id": feedstock.pk,
        "code": "used-cooking-oil",
        "name": "Used cooking oil",
        "corsiaFeedstock": "used cooking oil",
        "corsiaNote": "",
        "figures": [
            {"parameter": "price", "value": 930.0, "unit": "USD/t", **rest},
            {"parameter": "carbon_intensity", "value": 46.526, "unit": "gCO2e/kg", **rest},
            {"parameter": "carbon_content", "value": 0.78, "unit": "kg/kg", **rest},
        ],
    }


def test_search_order_and_filters(api: APIClient) -> None:
    def names(route: str, **query: str) -> list[str]:
        return [item.get("name") or item["subject"] for item in api.get(f"{URL}/{route}", query).json()["items"]]

    assert names("feedstocks", search="residues", ordering="-name") == ["Forest residues", "Agricultural residues"]
    assert names("incentives", scheme="eu red") == ["EU RED fossil comparator"]
    assert names("carbon-factors", kind="utility", search="wind") == ["Hydrogen (wind electrolysis)"]
    assert names("carbon-factors", kind="grid", code="mys") == ["Malaysia"]


@pytest.mark.parametrize("query", ["colour=green", "ordering=colour", "kind=weather", "pageSize=101"])
def test_query_nobody_knows_is_refused(query: str, api: APIClient) -> None:
    response = api.get(f"{URL}/carbon-factors?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [query.partition("=")[0]]


def test_carbon_factors_show_what_is_computed_with(api: APIClient) -> None:
    md.CountryFigure.objects.filter(country__code="MYS", parameter="grid_carbon_intensity").update(value=600)

    def rows(**query: str) -> list[tuple[Any, ...]]:
        items = api.get(f"{URL}/carbon-factors", {"pageSize": 100, **query}).json()["items"]
        return [(item["subject"], item["parameter"], item["value"], item["unit"]) for item in items]

    assert rows(kind="grid", search="Malaysia") == [("Malaysia", "grid_carbon_intensity", 600.0, "gCO2e/kWh")]
    assert rows(kind="grid", search="Iceland")[0][1:3] == ("grid_carbon_intensity", 27.68)
    assert sorted(rows(kind="corsia", search="camelina")) == [
        ("camelina oilseed", "core", 42.0, "gCO2e/MJ"),
        ("camelina oilseed", "land_use_change", None, "gCO2e/MJ"),
    ]
    assert ("Hydrogen (SMR)", "carbon_intensity", 11000.0, "gCO2e/kg") in rows(kind="utility")
    assert len(rows(kind="hydrogen")) == 6


def test_nobody_reads_without_signing_in(anonymous_api: APIClient) -> None:
    for route in (*ITEMS, *TABLES, "master-data", "master-data/fresh", "master-data/defaults"):
        assert anonymous_api.get(f"{URL}/{route}").status_code == 401, route


@pytest.mark.parametrize("route", [*ITEMS, *TABLES])
def test_only_staff_write(route: str, api: APIClient, version) -> None:
    row = first(route)
    before = version()

    answers = [
        api.post(f"{URL}/{route}", {"name": "x"}),
        api.put(f"{URL}/{route}/{row.pk}", {"name": "x"}),
        api.patch(f"{URL}/{route}/{row.pk}", {"name": "x"}),
        api.delete(f"{URL}/{route}/{row.pk}"),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert answers[0].json()["detail"] == "Master data is written by staff."
    assert version() == before


def test_carbon_factors_are_written_where_they_are_kept(staff_api: APIClient, version) -> None:
    before = version()

    assert staff_api.post(f"{URL}/carbon-factors", {"value": 1}).status_code == 405
    assert staff_api.delete(f"{URL}/carbon-factors/{first('carbon-factors').pk}").status_code == 405
    assert version() == before


def test_staff_create_an_item_with_its_figures(staff_api: APIClient, staff_user: User, version) -> None:
    before = version()

    response = staff_api.post(f"{URL}/feedstocks", CAMELINA)

    assert response.status_code == 201
    made = md.Feedstock.objects.get(code="camelina")
    assert response.headers["Location"] == f"{URL}/feedstocks/{made.pk}"
    assert response.json() == {"id": made.pk, "corsiaNote": "", **CAMELINA}
    assert version() > before
    assert made.history.get().history_user == staff_user
    assert made.figures.get().history.get().history_user == staff_user


def test_staff_replace_figures_as_a_whole(staff_api: APIClient) -> None:
    tallow = md.Feedstock.objects.get(code="tallow")
    kept = tallow.figures.get(parameter="price")
    figures = [
        {**PRICE, "value": 600},
        {**PRICE, "parameter": "carbon_intensity", "value": -3.5, "unit": "gCO2e/kg"},
    ]

    response = staff_api.patch(f"{URL}/feedstocks/{tallow.pk}", {"figures": figures})

    assert response.status_code == 200
    assert {figure["parameter"]: figure["value"] for figure in response.json()["figures"]} == {
        "price": 600.0,
        "carbon_intensity": -3.5,
    }
    assert [entry.value for entry in kept.history.all()] == [600, 580]
    assert not tallow.figures.filter(parameter="carbon_content").exists()


def test_figures_left_out_are_kept(staff_api: APIClient) -> None:
    tallow = md.Feedstock.objects.get(code="tallow")

    response = staff_api.put(f"{URL}/feedstocks/{tallow.pk}", {"code": "tallow", "name": "Beef tallow"})

    assert response.status_code == 200
    assert (response.json()["name"], len(response.json()["figures"])) == ("Beef tallow", 2)


def test_unchanged_figure_gets_no_history(staff_api: APIClient) -> None:
    tallow = md.Feedstock.objects.get(code="tallow")
    shown = staff_api.get(f"{URL}/feedstocks/{tallow.pk}").json()

    response = staff_api.put(f"{URL}/feedstocks/{tallow.pk}", shown)

    assert response.json() == shown
    assert tallow.figures.get(parameter="price").history.count() == 1


def test_every_fault_is_named_at_once_and_nothing_is_written(staff_api: APIClient, version) -> None:
    before = version()
    figures = [
        {**PRICE, "value": "nan"},
        {**PRICE, "unit": "USD/kg", "validFrom": "yesterday"},
        {**PRICE, "parameter": "viscosity", "colour": "green"},
    ]

    response = staff_api.post(f"{URL}/feedstocks", {"code": "palm oil", "figures": figures, "id": 7})

    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {
        "code",
        "name",
        "id",
        "figures[0].value",
        "figures[1].validFrom",
        "figures[2].parameter",
        "figures[2].colour",
    }
    assert version() == before


@pytest.mark.parametrize(
    ("figures", "fields"),
    [
        ([{**PRICE, "unit": "USD/kg"}, {**PRICE, "parameter": "carbon_content", "unit": "kg/kg", "value": 2}], 2),
        ([PRICE, PRICE], 1),
    ],
)
def test_figures_the_model_refuses_are_named_by_place(figures, fields, staff_api: APIClient, version) -> None:
    before = version()

    response = staff_api.post(f"{URL}/feedstocks", {**CAMELINA, "figures": figures})

    assert response.status_code == 400
    named = [error["field"] for error in response.json()["errors"]]
    assert len(named) == fields
    assert all(field.startswith("figures[") for field in named)
    assert version() == before
    assert not md.Feedstock.objects.filter(code="camelina").exists()


def test_power_is_not_priced_per_tonne(staff_api: APIClient) -> None:
    body = {"code": "wind", "name": "Wind power", "unit": "kWh", "figures": [{**PRICE, "unit": "USD/t"}]}

    response = staff_api.post(f"{URL}/utilities", body)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["figures[0].unit"]


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("feedstocks", {"code": "other", "name": "TALLOW"}),
        ("feedstocks", {"code": "Tallow", "name": "Other"}),
        ("countries", {"code": "MYS", "name": "Other"}),
        (
            "incentives",
            {
                "code": "us-40b-base-credit",
                "name": "x",
                "scheme": "US 40B",
                "value": 1,
                "source": "x",
                "confidence": "derived",
            },
        ),
    ],
)
def test_name_or_code_that_is_taken_is_a_conflict(
    route: str, body: dict[str, Any], staff_api: APIClient, version
) -> None:
    before = version()

    response = staff_api.post(f"{URL}/{route}", body)

    assert response.status_code == 409
    assert version() == before


def test_second_corsia_row_of_a_region_is_a_conflict(staff_api: APIClient) -> None:
    shown = staff_api.get(f"{URL}/corsia-values/{md.CorsiaValue.objects.first().pk}").json()
    shown.pop("id")

    assert staff_api.post(f"{URL}/corsia-values", shown).status_code == 409


def test_missing_land_use_change_is_null_and_may_be_written_so(staff_api: APIClient) -> None:
    row = md.CorsiaValue.objects.get(feedstock="camelina oilseed")

    response = staff_api.patch(f"{URL}/corsia-values/{row.pk}", {"core": 41.5})

    assert (response.json()["core"], response.json()["landUseChange"]) == (41.5, None)


def test_item_a_design_stands_on_is_in_use(staff_api: APIClient) -> None:
    tallow = md.Feedstock.objects.get(code="tallow")

    assert staff_api.delete(f"{URL}/feedstocks/{tallow.pk}").status_code == 409
    assert md.Feedstock.objects.filter(code="tallow").exists()


@pytest.mark.parametrize("model", [md.Country, md.Incentive])
def test_staff_delete(model: type[models.Model], staff_api: APIClient, version) -> None:
    before = version()
    route = "countries" if model is md.Country else "incentives"
    row = model.objects.first()

    assert staff_api.delete(f"{URL}/{route}/{row.pk}").status_code == 204
    assert not model.objects.filter(pk=row.pk).exists()
    assert version() > before


def test_write_on_an_old_reading_is_refused(staff_api: APIClient) -> None:
    tallow = md.Feedstock.objects.get(code="tallow")
    url = f"{URL}/feedstocks/{tallow.pk}"
    read = staff_api.get(url)
    price = tallow.figures.get(parameter="price")
    price.value = 599
    price.save()

    stale = staff_api.patch(url, {"name": "Beef"}, headers={"If-Match": read.headers["ETag"]})
    gone = staff_api.delete(url, headers={"If-Match": read.headers["ETag"]})

    assert (stale.status_code, gone.status_code) == (412, 412)
    tallow.refresh_from_db()
    assert tallow.name == "Tallow"
    now = staff_api.get(url)
    fresh = staff_api.patch(url, {"name": "Beef tallow"}, headers={"If-Match": now.headers["ETag"]})
    assert (fresh.status_code, fresh.json()["name"]) == (200, "Beef tallow")


def test_reader_who_has_it_gets_304(api: APIClient) -> None:
    for url in (f"{URL}/feedstocks", f"{URL}/feedstocks/{first('feedstocks').pk}"):
        tag = api.get(url).headers["ETag"]

        assert api.get(url, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("route", [*ITEMS, *TABLES])
def test_row_that_is_not_there_is_404(route: str, staff_api: APIClient) -> None:
    assert staff_api.get(f"{URL}/{route}/999999").status_code == 404


# A source such as "reccessary.com" becomes a link on the page, and which protocol it gets will change.
@pytest.mark.filterwarnings("ignore:The default protocol will be changed")
@pytest.mark.parametrize("route", [*ITEMS, *TABLES, "master-data", "master-data/fresh"])
def test_staff_can_browse_it(route: str, staff_api: APIClient) -> None:
    response = staff_api.get(f"{URL}/{route}", headers={"Accept": "text/html"})

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    if route in ITEMS:
        detail = staff_api.get(f"{URL}/{route}/{first(route).pk}", headers={"Accept": "text/html"})
        assert (detail.status_code, "corporate_tax" in detail.text) == (200, route == "countries")


@pytest.mark.parametrize("ordering", ["value", "-value", "pathway,-value", "-value,region"])
def test_cursor_reads_rows_without_a_value_too(api: APIClient, ordering: str) -> None:
    route = f"{URL}/carbon-factors?kind=corsia&ordering={ordering}"
    expected = [row["id"] for row in api.get(f"{route}&pageSize=100").json()["items"]]
    assert md.CarbonFactor.objects.filter(kind="corsia", value=None).count() > 3

    seen: list[str] = []
    link = f"{route}&cursor=&pageSize=3"
    while link:
        body = api.get(link).json()
        seen += [row["id"] for row in body["items"]]
        link = body["links"]["next"]

    assert seen == expected
