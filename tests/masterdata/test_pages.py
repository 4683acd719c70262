"""The pages of the master data: what there is, found and filtered, one record with its uses, and who changed it."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from masterdata import models as md
from masterdata.pages import book
from masterdata.services import item_save

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
# The session's user, and the version of the master data for its figures and for the rates of currencies.
WHO, VERSION = 1, 2


@pytest.fixture
def reader(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def keeper(staff_user: User) -> Client:
    staff_user.is_superuser = True
    staff_user.save()
    client = Client()
    client.force_login(staff_user)
    return client


def rows(page: str) -> list[str]:
    """The text of each row of the table of figures."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("<tr>")[1:]]


@pytest.mark.parametrize("path", ["", "/feedstocks", "/feedstocks/tallow", "/feedstocks/tallow/history"])
def test_strangers_sign_in_first(client: Client, path: str) -> None:
    answer = client.get(f"/master-data{path}")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=/master-data")


def test_every_section_is_listed_with_its_version(reader: Client) -> None:
    page = reader.get("/master-data").text

    titles = re.findall(r'<h2><a href="/master-data/[a-z-]+">([^<]+)</a> <span class="tag">(\d+)</span>', page)
    assert titles == [
        ("Pathways", "10"),
        ("Designs", "8"),
        ("Feedstocks", "8"),
        ("Products", "5"),
        ("Utilities", "5"),
        ("Countries", "18"),
        ("Prices", str(len(book.current().sections["prices"].data))),
        ("Carbon factors", str(md.CarbonFactor.objects.count() + feedstock_intensities())),
        ("Incentives", "25"),
        ("Cost indices", "58"),
        ("Exchange rates", "16"),
        ("Depreciation tables", "26"),
        ("Published references", str(md.ReferenceValue.objects.count())),
    ]
    assert f"Version {md.MasterDataVersion.objects.get().number}, last changed on" in page


def feedstock_intensities() -> int:
    """The list of the API has none of feedstocks."""
    return md.FeedstockFigure.objects.filter(parameter="carbon_intensity").count()


@pytest.mark.parametrize(
    "section",
    [
        "pathways",
        "designs",
        "feedstocks",
        "products",
        "utilities",
        "countries",
        "prices",
        "carbon-factors",
        "incentives",
        "cost-indices",
        "exchange-rates",
        "depreciation",
        "references",
    ],
)
def test_every_section_and_its_first_record_open(reader: Client, section: str) -> None:
    page = reader.get(f"/master-data/{section}")

    assert page.status_code == 200
    assert rows(page.text)
    link = re.search(r'<th scope="row"><a href="([^"]+)"', page.text)
    assert link is not None
    for address in (link[1], f"{link[1]}/history"):
        assert reader.get(address).status_code == 200


def test_a_figure_has_value_unit_confidence_source_and_date(reader: Client) -> None:
    (row,) = rows(reader.get("/master-data/products", {"q": "platts jet"}).text)

    assert row.startswith("Jet price 2,640 USD/t ● confirmed S&amp;P Global/Platts, HEFA SAF CIF NWE 2026-03-11")
    assert row.endswith("2026-03-11")


def test_figures_are_filtered_by_kind_and_confidence(reader: Client) -> None:
    all_of_them = rows(reader.get("/master-data/countries").text)
    taxes = rows(reader.get("/master-data/countries", {"kind": "Corporate tax", "confidence": "unconfirmed"}).text)

    assert 0 < len(taxes) < len(all_of_them)
    assert all("corporate tax" in row and "○ unconfirmed" in row for row in taxes)


def test_search_through_all_finds_each_figure_once(reader: Client) -> None:
    found = rows(reader.get("/master-data", {"q": "tallow price"}).text)

    assert [row.partition(" ")[0] for row in found] == ["Tallow"]
    assert rows(reader.get("/master-data", {"q": "used cooking oil corsia HEFA"}).text)
    assert "0 figures with “nobody knows this”" in reader.get("/master-data", {"q": "nobody knows this"}).text


def test_what_is_searched_for_is_text(reader: Client) -> None:
    page = reader.get("/master-data/products", {"q": "<script>alert(1)</script>"}).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_htmx_gets_the_rows_alone(reader: Client) -> None:
    answer = reader.get("/master-data/products", {"q": "jet"}, headers=HTMX)

    assert "<html" not in answer.text
    assert len(rows(answer.text)) == 4
    assert "HX-Request" in answer["Vary"]


def test_long_tables_are_told_in_pages(reader: Client) -> None:
    first = reader.get("/master-data/references", {"confidence": "confirmed"}).text
    second = reader.get("/master-data/references", {"confidence": "confirmed", "page": "2"}).text

    assert len(rows(first)) == 100
    assert '<a href="?confidence=confirmed&amp;page=2">Next</a>' in first
    assert not set(re.findall(r"references/\d+", first)) & set(re.findall(r"references/\d+", second))


def test_foreign_money_is_told_as_published_and_in_the_readers_currency(reader: Client) -> None:
    reader.cookies["currency"] = "MYR"
    figures = rows(reader.get("/master-data/countries", {"q": "germany", "kind": "Electricity price"}).text)
    rates = rows(reader.get("/master-data/exchange-rates", {"q": "EUR"}).text)

    assert "0.233 EUR/kWh ≈ 1.153 MYR/kWh" in figures[0]
    assert any(rate.startswith("EUR 2024 1.082 USD/EUR ○") for rate in rates)


def test_a_record_says_where_it_is_used(reader: Client) -> None:
    hydrogen = reader.get("/master-data/utilities/hydrogen").text
    design = reader.get("/master-data/designs/HEFA-SPK.used-cooking-oil").text
    corsia = md.CorsiaValue.objects.get(feedstock="used cooking oil", pathway="HEFA")

    assert '<a href="/master-data/designs/HEFA-SPK.used-cooking-oil">HEFA-SPK on Used cooking oil</a>' in hydrogen
    assert '<a href="/master-data/feedstocks/used-cooking-oil">Used cooking oil</a>' in design
    assert "Utility per fuel: Hydrogen" in design
    used = reader.get(f"/master-data/carbon-factors/corsia-{corsia.pk}").text
    assert '<a href="/master-data/feedstocks/used-cooking-oil">Used cooking oil</a>' in used
    assert "Germany" in reader.get("/master-data/exchange-rates/EUR").text


def test_depreciation_tables_are_told_as_tables(reader: Client) -> None:
    (row,) = rows(reader.get("/master-data/depreciation", {"q": "5-year half-year", "kind": "Half-year"}).text)[:1]
    years = rows(reader.get("/master-data/depreciation/5-years-half-year").text)

    assert row.startswith("5-year property half-year convention 20, 32, 19.2, 11.52, 11.52, 5.76 %")
    assert [year.partition(" %")[0] for year in years[:2]] == ["Year 1 20", "Year 2 32"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/feedstocks/nothing", "/feedstocks/nothing/history", "/nothing/tallow", "/references/0"]
)
def test_what_is_not_there_is_not_found(reader: Client, path: str) -> None:
    assert reader.get(f"/master-data{path}").status_code == 404


def test_only_keepers_are_led_to_the_admin(reader: Client, keeper: Client) -> None:
    tallow = md.Feedstock.objects.get(code="tallow").pk
    for path, led in (
        ("", "/admin/masterdata/"),
        ("/feedstocks", "/admin/masterdata/feedstock/"),
        ("/feedstocks/tallow", f"/admin/masterdata/feedstock/{tallow}/change/"),
    ):
        assert f'href="{led}"' in keeper.get(f"/master-data{path}").text
        assert "/admin/" not in reader.get(f"/master-data{path}").text
        assert keeper.get(led).status_code == 200


def test_history_says_who_changed_what(reader: Client, keeper: Client, staff_user: User) -> None:
    figure = md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="price")
    figure.value = 640
    figure.source = "a contract"
    figure._history_user = staff_user
    figure.save()
    md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="carbon_content").delete()

    told = rows(reader.get("/master-data/feedstocks/tallow/history").text)

    assert "Removed" in told[0]
    assert "Price: 640 USD/t Changed" in told[1]
    assert "Source: ICAO SAF rules of thumb" in told[1]
    assert "Value: 580 → 640" in told[1]
    assert told[1].endswith(staff_user.display_name)
    assert told[-1].endswith("with the data files of the product")


def test_a_change_is_seen_at_once(reader: Client, version: Callable[[], int]) -> None:
    before = reader.get("/master-data/feedstocks/tallow").text
    item_save(item=md.Feedstock.objects.get(code="tallow"), values={"name": "Beef tallow"}, figures=None)

    page = reader.get("/master-data/feedstocks/tallow").text

    assert "<h1>Tallow</h1>" in before
    assert "<h1>Beef tallow</h1>" in page
    assert f"Version {version()}" in reader.get("/master-data").text


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("", WHO + VERSION),
        ("/references", WHO + VERSION),
        ("/designs", WHO + VERSION),
        ("/feedstocks/tallow", WHO + VERSION),
        ("/feedstocks/tallow/history", WHO + VERSION + 2),
    ],
)
@pytest.mark.parametrize("more", [0, 300])
def test_pages_ask_as_much_whatever_there_is(
    reader: Client, django_assert_num_queries: DjangoAssertNumQueries, path: str, count: int, more: int
) -> None:
    md.ReferenceValue.objects.bulk_create(
        md.ReferenceValue(category="x", parameter=f"p{n}", value=n, unit="t", source="x", confidence="derived")
        for n in range(more)
    )
    book.current()
    reader.get(f"/master-data{path}")

    with django_assert_num_queries(count):
        reader.get(f"/master-data{path}")
