"""Loading: complete, repeatable, and polite to editors."""

import csv
import importlib
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from masterdata import models as md
from masterdata.datafiles import DATA
from masterdata.loading import masterdata_load
from masterdata.models import LoadedFile

pytestmark = pytest.mark.django_db

ROWS = {
    md.Pathway: 10,
    md.Feedstock: 8,
    md.Product: 5,
    md.Utility: 5,
    md.Country: 18,
    md.PathwayFigure: 10,
    md.FeedstockFigure: 17,
    md.ProductFigure: 19,
    md.UtilityFigure: 10,
    md.CountryFigure: 55,
    md.DesignDefault: 8,
    md.DesignFigure: 108,
    md.ExchangeRate: 16,
    md.CorsiaValue: 45,
    md.CostIndex: 58,
    md.MacrsRate: 314,
    md.Incentive: 25,
    md.ReferenceValue: 411,
}
REFERENCES = {
    "grid_emission_factor": 213,
    "electricity_price": 18,
    "location_factor": 31,
    "market_price": 5,
    "fuel_property": 21,
    "hydrogen_price": 12,
    "hydrogen_ci": 7,
    "icao_rule_of_thumb": 70,
    "nrel_nth_plant_convention": 17,
    "published_result": 6,
    "corsia_constant": 6,
    "corsia_earlier_edition": 2,
    "scenario_default": 3,
}


def command(*args: str) -> str:
    out = StringIO()
    call_command("load_masterdata", *args, stdout=out)
    return out.getvalue()


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_everything_is_loaded() -> None:
    assert {model: model.objects.count() for model in ROWS} == ROWS
    categories = md.ReferenceValue.objects.values_list("category", flat=True)
    assert {category: list(categories).count(category) for category in set(categories)} == REFERENCES


@pytest.mark.parametrize(
    ("figures", "where", "value", "unit", "source", "confidence"),
    [
        (
            md.FeedstockFigure,
            {"feedstock__name": "Used cooking oil", "parameter": "carbon_intensity"},
            46.526,
            "gCO2e/kg",
            "miniTEA specification workbook, HEFA example",
            "confirmed",
        ),
        (
            md.ProductFigure,
            {"product__name": "Jet", "parameter": "price"},
            2640.0,
            "USD/t",
            "S&P Global/Platts, HEFA SAF CIF NWE 2026-03-11",
            "confirmed",
        ),
        (
            md.ProductFigure,
            {"product__name": "LPG", "parameter": "price"},
            1000 * 46.4 / 43.4,
            "USD/t",
            "miniTEA specification workbook, naphtha price of the HEFA example, by energy content: "
            "1000 USD/t x 46.4/43.4",
            "derived",
        ),
        (
            md.UtilityFigure,
            {"utility__name": "Hydrogen (SMR)", "parameter": "carbon_intensity"},
            11000.0,
            "gCO2e/kg",
            "reccessary.com (IEA based)",
            "confirmed",
        ),
        (
            md.CountryFigure,
            {"country__code": "MYS", "parameter": "grid_carbon_intensity"},
            605.831,
            "gCO2e/kWh",
            "Ember / Energy Institute via Our World in Data (2022), as shipped by codecarbon 3.3.2",
            "confirmed",
        ),
        (
            md.CountryFigure,
            {"country__code": "FIN", "parameter": "electricity_price"},
            0.093,
            "EUR/kWh",
            "CUBE Concepts (Eurostat based)",
            "confirmed",
        ),
        (
            md.CountryFigure,
            {"country__code": "VNM", "parameter": "location_factor"},
            1.12,
            "x US Gulf Coast",
            "OpenPyTEA 3.2.1 plant.py (Towler & Sinnott)",
            "confirmed",
        ),
        (
            md.DesignFigure,
            {"design__pathway__code": "PtL-FT", "product__name": "Oxygen", "parameter": "product_yield"},
            3.88,
            "t/t",
            "miniTEA specification workbook, PtL example; the feedstock is process water; electricity is the value its "
            "stated cost of 296 MUSD/y implies, not the 260 kWh/kg it prints",
            "secondary",
        ),
        (md.CostIndex, {"year": 2022}, 816.0, "index", "TEA Handbook cost indices page", "confirmed"),
        (
            md.MacrsRate,
            {"convention": "half_year", "property_class": 5, "year": 2},
            0.32,
            "fraction",
            "IRS Pub. 946 Table A-1, half-year",
            "confirmed",
        ),
        (
            md.ExchangeRate,
            {"currency": "EUR"},
            1.0824,
            "USD/EUR",
            "European Central Bank, annual average 2024",
            "unconfirmed",
        ),
        (
            md.PathwayFigure,
            {"pathway__code": "COPROC", "parameter": "blend_limit"},
            5.0,
            "vol %",
            "ICAO GFAAF conversion processes page",
            "secondary",
        ),
    ],
)
def test_figure_is_as_published(figures, where, value, unit, source, confidence) -> None:
    figure = figures.objects.get(**where)

    assert (figure.value, figure.unit, figure.source, figure.confidence) == (value, unit, source, confidence)


def test_what_nobody_published_stays_missing() -> None:
    camelina = md.CorsiaValue.objects.get(pathway="HEFA", feedstock="camelina oilseed")
    assert (camelina.core, camelina.land_use_change) == (42.0, None)
    assert md.CorsiaValue.objects.filter(land_use_change=None).count() == 9
    assert md.CorsiaValue.objects.get(feedstock="used cooking oil").land_use_change == 0

    unknown = md.DesignFigure.objects.filter(parameter="process_intensity", value=None)
    assert unknown.count() == 6
    with_factor = md.CountryFigure.objects.filter(parameter="location_factor").values_list("country__code", flat=True)
    assert set(md.Country.objects.values_list("code", flat=True)) - set(with_factor) == {"KOR", "NZL", "FIN"}
    assert md.CountryFigure.objects.filter(parameter="electricity_price").count() == 4
    assert not md.ProductFigure.objects.filter(product__name="Oxygen", parameter="density").exists()


def test_value_that_is_no_number_is_kept_as_text() -> None:
    share = md.Incentive.objects.get(name="ReFuelEU SAF share 2025/2030/2035/2040/2045/2050")
    assert (share.value, share.value_text, share.unit) == (None, "2/6/20/34/42/70", "%")
    coal = md.ReferenceValue.objects.get(category="hydrogen_ci", subject="coal gasification, no CCS")
    assert (coal.value, coal.value_text) == (None, "22-26")


def test_country_figures_agree_with_the_tables_they_come_from() -> None:
    grid = {row["subject"]: row for row in table("reference/grid_emission_factors.csv")}
    factors = {
        row["region"]: row["value"] for row in table("reference/location_factors.csv") if "OpenPyTEA" in row["source"]
    }
    prices = {row["region"]: row["value"] for row in table("reference/electricity_prices.csv")}
    for row in table("country_figures.csv"):
        if row["parameter"] == "grid_carbon_intensity":
            assert row["value"] == grid[row["country"]]["value"]
        elif row["parameter"] == "location_factor":
            region = row["note"].removeprefix("row ").partition(";")[0]
            assert float(row["value"]) == float(factors[region])
        elif row["parameter"] == "electricity_price":
            assert row["value"] == prices[row["note"].partition(": ")[2]]


def test_second_load_changes_nothing_and_asks_little(
    version: Callable[[], int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = version()

    with django_assert_num_queries(2):
        report = masterdata_load()

    assert report.is_unchanged
    assert report.version == before == version()
    assert command() == f"master data: nothing changed, version {before}\n"


def test_load_that_must_look_at_every_row_still_changes_nothing(version: Callable[[], int]) -> None:
    before = version()
    history = md.Feedstock.history.count()

    report = masterdata_load(overwrite=True)

    assert (report.total("created"), report.total("updated"), report.total("unchanged")) == (0, 0, sum(ROWS.values()))
    assert (version(), md.Feedstock.history.count()) == (before, history)


def test_history_says_that_the_load_made_a_row() -> None:
    entry = md.Feedstock.objects.get(code="tallow").history.get()

    assert (entry.history_type, entry.history_change_reason, entry.history_user) == ("+", "load_masterdata", None)


def test_changed_file_updates_what_no_editor_touched(
    data_folder: Path, edit: Callable[[str, str, str], None], version: Callable[[], int]
) -> None:
    edit("feedstock_figures.csv", "tallow,price,580,", "tallow,price,640,")
    before = version()

    report = masterdata_load(folder=data_folder)

    price = md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="price")
    assert price.value == 640
    assert (report.files["feedstock_figures.csv"]["updated"], report.total("created")) == (1, 0)
    assert version() > before
    assert [entry.value for entry in price.history.all()] == [640, 580]


def test_editors_change_survives_a_changed_file(data_folder: Path, edit: Callable[[str, str, str], None]) -> None:
    price = md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="price")
    price.value = 700
    price.save()
    edit("feedstock_figures.csv", "tallow,price,580,", "tallow,price,640,")

    report = masterdata_load(folder=data_folder)

    price.refresh_from_db()
    assert price.value == 700
    assert report.files["feedstock_figures.csv"]["kept"] == 1

    masterdata_load(folder=data_folder, overwrite=True)
    price.refresh_from_db()
    assert price.value == 640


def test_what_an_editor_deleted_stays_deleted(data_folder: Path, edit: Callable[[str, str, str], None]) -> None:
    md.DesignDefault.objects.get(feedstock__code="tallow").delete()
    md.Feedstock.objects.get(code="tallow").delete()
    # Further down a row of the deleted feedstock that was never loaded.
    edit(
        "feedstock_figures.csv",
        "soybean-oil,price,809,",
        "tallow,carbon_intensity,1,gCO2e/kg,x,derived,,\nsoybean-oil,price,810,",
    )

    report = masterdata_load(folder=data_folder)

    assert not md.Feedstock.objects.filter(code="tallow").exists()
    assert report.files["feedstocks.csv"]["kept"] == 1
    assert report.files["feedstock_figures.csv"]["kept"] == 3
    assert md.FeedstockFigure.objects.get(feedstock__code="soybean-oil", parameter="price").value == 810

    masterdata_load(folder=data_folder, overwrite=True)
    assert md.Feedstock.objects.get(code="tallow").figures.count() == 3
    assert md.DesignDefault.objects.get(feedstock__code="tallow").figures.count() == 14


def test_row_an_editor_renamed_is_still_found(data_folder: Path, edit: Callable[[str, str, str], None]) -> None:
    md.Feedstock.objects.filter(code="tallow").update(code="beef-tallow", name="Beef tallow")
    edit("feedstock_figures.csv", "tallow,price,580,", "tallow,price,640,")

    masterdata_load(folder=data_folder)

    assert md.Feedstock.objects.count() == 8
    assert md.FeedstockFigure.objects.get(feedstock__code="beef-tallow", parameter="price").value == 640


def test_row_that_left_the_files_is_reported_and_kept(data_folder: Path, edit: Callable[[str, str, str], None]) -> None:
    line = next(
        line for line in (DATA / "incentives.csv").read_text().splitlines() if line.startswith("uk-buy-out-ptl")
    )
    edit("incentives.csv", line + "\n", "")

    report = masterdata_load(folder=data_folder)

    assert report.files["incentives.csv"]["withdrawn"] == 1
    assert md.Incentive.objects.count() == 25


def test_file_that_collides_with_an_editors_row_is_refused_whole(
    data_folder: Path, edit: Callable[[str, str, str], None], version: Callable[[], int]
) -> None:
    md.Feedstock.objects.create(code="camelina", name="Camelina oil")
    edit("feedstocks.csv", "tallow,Tallow,beef tallow,", "tallow,Tallow,beef tallow,\nfalse-flax,CAMELINA OIL,,")
    before = version()

    with pytest.raises(CommandError, match=r"feedstocks\.csv: collides with a row in the database: .*camelina oil"):
        call_command("load_masterdata", folder=data_folder)

    assert version() == before


migration = importlib.import_module("masterdata.migrations.0004_incentive_items")


def before_incentives_had_terms() -> None:
    """Leave the rows and the loader's memory of them as a release without the terms had left them."""
    plain = {name: md.Incentive._meta.get_field(name).get_default() for name in migration.ADDED}
    migration.backwards(apps, None)
    md.Incentive.objects.update(**plain)
    LoadedFile.objects.filter(name="incentives.csv").delete()


def test_loaded_incentives_get_their_terms_when_the_columns_come() -> None:
    before_incentives_had_terms()
    md.Incentive.objects.filter(code="us-40b-base-credit").update(value=1.3)

    migration.forwards(apps, None)
    report = masterdata_load()

    counts = report.files["incentives.csv"]
    assert (counts["created"], counts["updated"], counts["kept"], counts["unchanged"]) == (0, 7, 1, 17)
    assert md.Incentive.objects.get(code="ca-lcfs-credit-price").kind == "lcfs"
    edited = md.Incentive.objects.get(code="us-40b-base-credit")
    assert (edited.value, edited.kind) == (1.3, "")
