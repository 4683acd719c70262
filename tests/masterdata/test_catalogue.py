"""The catalogue: one query when warm, never stale, and exact about what is missing."""

from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from masterdata import catalogue
from masterdata import models as md

pytestmark = pytest.mark.django_db

# Version before and after, exchange rates, five kinds of items and designs with their figures, five tables.
COLD = 2 + 1 + 6 * 2 + 5


def test_warm_catalogue_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first = catalogue.current()

    with django_assert_num_queries(1):
        second = catalogue.current()
        second.design("HEFA-SPK", "Used cooking oil").products[0].price  # noqa: B018
        second.corsia("HEFA-SPK", "Tallow", "MYS")
        second.macrs(7)
        second.cost_index(2022)
        second.exchange_rate("EUR")

    assert second is first


@pytest.mark.parametrize("more", [0, 50])
def test_cold_catalogue_costs_as_many_queries_at_any_size(
    more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(more):
        item = md.Feedstock.objects.create(code=f"f{number}", name=f"Feedstock {number}")
        item.figures.create(parameter="price", value=1, unit="USD/t", source="x", confidence="derived")

    with django_assert_num_queries(COLD):
        assert len(catalogue.read().feedstocks) == 8 + more


def test_change_is_seen_at_once() -> None:
    before = catalogue.current()

    md.ProductFigure.objects.filter(product__code="jet", parameter="price").update(value=2700)

    after = catalogue.current()
    assert after.version > before.version
    assert before.product("Jet").figures["price"].value == 2640
    assert after.product("Jet").figures["price"].value == 2700


def test_what_a_rolled_back_transaction_saw_is_forgotten() -> None:
    with transaction.atomic():
        md.Feedstock.objects.create(code="x", name="X")
        assert catalogue.current().feedstock("x") is not None
        transaction.set_rollback(True)

    md.Feedstock.objects.create(code="y", name="Y")

    assert catalogue.current().feedstock("x") is None
    assert catalogue.current().feedstock("y") is not None


def test_records_cannot_be_changed() -> None:
    record = catalogue.current().feedstocks[0]

    with pytest.raises(AttributeError):
        record.name = "other"
    with pytest.raises(TypeError):
        record.figures["price"] = None


@pytest.mark.parametrize(
    ("kind", "names", "code"),
    [
        ("pathway", ["HEFA-SPK", "hefa-spk", "Hydroprocessed esters and fatty acids"], "HEFA-SPK"),
        ("feedstock", ["Used cooking oil", "used-cooking-oil", "USED COOKING OIL"], "used-cooking-oil"),
        ("product", ["Jet", "jet"], "jet"),
        ("utility", ["Electricity", "electricity"], "electricity"),
        ("country", ["MYS", "mys", "Malaysia"], "MYS"),
        ("incentive", ["US 40B base credit", "us 40b BASE credit", "us-40b-base-credit"], "us-40b-base-credit"),
    ],
)
def test_name_and_code_are_matched_without_case(kind: str, names: list[str], code: str) -> None:
    look_up: Callable[[str], object] = getattr(catalogue.current(), kind)

    assert {look_up(name).code for name in names} == {code}
    assert look_up("nothing of the kind") is None


def test_items_keep_the_order_they_were_entered_in() -> None:
    data = catalogue.current()

    assert [record.name for record in data.products] == ["Jet", "Diesel", "Naphtha", "LPG", "Oxygen"]
    assert [record.code for record in data.countries][:3] == ["MYS", "IDN", "THA"]
    assert (data.pathways[0].astm_annex, data.pathways[0].blend_limit.value) == ("D7566 Annex A2", 50)


def test_foreign_price_is_in_dollars_and_says_how() -> None:
    germany = catalogue.current().country("DEU")

    price = germany.figures["electricity_price"]
    assert price.value == 0.233 * 1.0824
    assert (price.unit, price.confidence) == ("USD/kWh", "derived")
    assert price.source == (
        "CUBE Concepts (Eurostat based): 0.233 EUR/kWh at 1.0824 USD/EUR (European Central Bank, annual average 2024)"
    )
    assert (germany.published["electricity_price"].value, germany.published["electricity_price"].unit) == (
        0.233,
        "EUR/kWh",
    )
    assert catalogue.current().country("CHN").figures["electricity_price"].confidence == "unconfirmed"


def test_price_without_an_exchange_rate_has_no_value() -> None:
    md.ExchangeRate.objects.all().delete()

    price = catalogue.current().country("DEU").figures["electricity_price"]

    assert (price.value, price.source) == (None, "no exchange rate for EUR: CUBE Concepts (Eurostat based)")
    assert catalogue.current().exchange_rate("EUR").value is None


def test_latest_exchange_rate_counts() -> None:
    md.ExchangeRate.objects.create(
        currency="EUR", year=2025, value=1.13, unit="USD/EUR", source="x", confidence="confirmed"
    )

    assert catalogue.current().exchange_rate("eur").value == 1.13
    assert catalogue.current().exchange_rate("USD").value == 1


@pytest.mark.parametrize(
    ("pathway", "feedstock", "country", "core", "land_use_change", "region"),
    [
        ("HEFA-SPK", "Used cooking oil", "MYS", 13.9, 0, "any"),
        ("HEFA-SPK", "Tallow", "MYS", 29.7, 0, "any"),
        ("HEFA-SPK", "Soybean oil", "USA", 40.4, 22.5, "Global"),
        ("FT-SPK", "Municipal solid waste", "DEU", 5.2, 0, "any"),
        ("FT-SKA", "Forest residues", "FIN", 8.3, 0, "any"),
        ("ATJ-SPK", "Agricultural residues", "THA", 29.3, 0, "any"),
    ],
)
def test_corsia_value_of_a_plant(pathway, feedstock, country, core, land_use_change, region) -> None:
    record = catalogue.current().corsia(pathway, feedstock, country)

    assert (record.core.value, record.land_use_change.value, record.region) == (core, land_use_change, region)
    assert record.total == core + land_use_change
    assert record.core.source.startswith('ICAO Doc 06 "CORSIA Default Life Cycle Emissions Values", 8th ed., Nov 2025')


@pytest.mark.parametrize(
    ("country", "region", "land_use_change"), [("USA", "USA", -42.6), ("NLD", "EU", -23.3), ("MYS", "Global", -19.0)]
)
def test_corsia_region_of_the_country_comes_first(country: str, region: str, land_use_change: float) -> None:
    md.Feedstock.objects.create(code="miscanthus", name="Miscanthus", corsia_feedstock="miscanthus (integrated)")

    record = catalogue.current().corsia("ATJ-SPK", "Miscanthus", country)

    assert (record.region, record.land_use_change.value) == (region, land_use_change)


def test_corsia_palm_oil_of_malaysia() -> None:
    md.Feedstock.objects.create(code="palm", name="Palm", corsia_feedstock="palm FFB, >=85% biogas capture")

    assert catalogue.current().corsia("HEFA-SPK", "Palm", "IDN").total == 74.0
    assert catalogue.current().corsia("HEFA-SPK", "Palm", "THA") is None


def test_missing_land_use_change_leaves_no_total() -> None:
    md.Feedstock.objects.create(code="camelina", name="Camelina", corsia_feedstock="camelina oilseed")

    record = catalogue.current().corsia("HEFA-SPK", "Camelina", "MYS")

    assert (record.core.value, record.land_use_change.value, record.total) == (42.0, None, None)
    assert record.land_use_change.note == "no ILUC value published for this row: do not assume 0"


@pytest.mark.parametrize(
    ("feedstock", "row", "country", "taken", "core", "land_use_change"),
    [
        ("Ethanol", "agricultural residues (integrated)", "MYS", ("ATJ ethanol", "any"), 24.6, 0),
        ("Ethanol", "AGRICULTURAL Residues (Standalone)", "MYS", ("ATJ ethanol", "any"), 39.7, 0),
        ("Ethanol", "miscanthus (integrated)", "USA", ("ATJ ethanol", "USA"), 28.3, -42.6),
        ("Ethanol", "molasses", "THA", ("ATJ isobutanol", "Global"), 27.0, 9.9),
        ("Ethanol", "sugarcane (integrated)", "MYS", ("ATJ ethanol", "any"), 24.1, None),
        ("Agricultural residues", "corn grain", "USA", ("ATJ ethanol", "any"), 65.7, None),
        ("of my own", "waste gases (standalone)", "DEU", ("ATJ ethanol", "any"), 42.4, 0),
    ],
)
def test_corsia_row_that_is_named_is_taken(feedstock, row, country, taken, core, land_use_change) -> None:
    record = catalogue.current().corsia("ATJ-SPK", feedstock, country, row=row)

    assert (record.pathway_row, record.region) == taken
    assert record.feedstock_row == row.lower()
    assert (record.core.value, record.land_use_change.value) == (core, land_use_change)


@pytest.mark.parametrize(
    ("pathway", "row", "country"),
    [
        ("ATJ-SPK", "used cooking oil", "MYS"),
        ("ATJ-SPK", "switchgrass (integrated)", "MYS"),
        ("HEFA-SPK", "palm FFB, low biogas capture", "THA"),
        ("CHJ", "used cooking oil", "MYS"),
        ("x", "used cooking oil", "MYS"),
    ],
)
def test_corsia_row_of_another_pathway_or_region_is_not_taken(pathway: str, row: str, country: str) -> None:
    assert catalogue.current().corsia(pathway, "Ethanol", country, row=row) is None


def test_corsia_rows_of_a_pathway_are_those_that_can_be_taken() -> None:
    data = catalogue.current()

    assert data.corsia_rows("ft-spk") == (
        "agricultural residues",
        "forestry residues",
        "MSW 0% non-biogenic C",
        "poplar",
        "miscanthus",
        "switchgrass",
    )
    rows = data.corsia_rows("Alcohol to jet")
    assert rows[0] == "sugarcane (integrated)"
    assert rows[-1] == "molasses"
    assert (len(rows), len(set(rows))) == (17, 17)
    assert data.corsia_rows("CHJ") == data.corsia_rows("nothing of the kind") == ()


def test_corsia_row_that_stands_under_two_pathways_is_told_apart() -> None:
    data = catalogue.current()

    assert {"corn grain (ATJ ethanol)", "corn grain (ATJ isobutanol)"} < set(data.corsia_rows("ATJ-SPK"))
    cores = {row: data.corsia("ATJ-SPK", "Ethanol", "USA", row=row).core.value for row in data.corsia_rows("ATJ-SPK")}
    assert (cores["corn grain (ATJ ethanol)"], cores["corn grain (ATJ isobutanol)"]) == (65.7, 55.8)
    assert data.corsia("ATJ-SPK", "Ethanol", "USA", row="Corn grain").core.value == 65.7
    assert data.corsia("ATJ-SPK", "Ethanol", "USA", row="switchgrass (ATJ isobutanol)").core.value == 43.4


def test_corsia_row_of_a_later_edition_is_told_once() -> None:
    md.CorsiaValue.objects.create(
        pathway="SIP",
        feedstock="sugar beet",
        region="any",
        year=2027,
        core=30,
        source="x",
        confidence="derived",
        land_use_change_source="x",
        land_use_change_confidence="derived",
    )

    assert catalogue.current().corsia_rows("SIP") == ("sugarcane", "sugar beet")
    assert catalogue.current().corsia("SIP", "Ethanol", "MYS", "Sugar beet").core.value == 30


@pytest.mark.parametrize(
    ("code", "kind", "years", "conditions", "rins", "indexed", "country", "amount"),
    [
        (
            "us-45z-saf-applicable-amount-wage-rules-met",
            "us_45z",
            (2025, 2025),
            (None, None),
            None,
            False,
            ("USA",),
            (1.75, "USD/gal"),
        ),
        (
            "us-45z-general-2026-plus-amount-met",
            "us_45z",
            (2026, 2029),
            (None, None),
            None,
            False,
            ("USA",),
            (1.0, "USD/gal"),
        ),
        ("us-40b-base-credit", "us_40b", (2023, 2024), (0.5, None), None, False, (), (1.25, "USD/gal")),
        ("rin-price-d4-on-2023-10-16", "rin", (None, None), (0.5, None), 1.6, True, (), (0.9, "USD/RIN")),
        ("ca-lcfs-credit-price", "lcfs", (None, None), (None, 89.37), None, True, (), (60.0, "USD/t")),
        ("eu-ets-eua-price-2024-average", "ets", (None, None), (0.65, 94.0), None, True, (), (65 * 1.0824, "USD/t")),
        (
            "uk-buy-out-main-obligation",
            "mandate_certificate",
            (2025, None),
            (0.4, 89.0),
            None,
            False,
            (),
            (4.7 * 1.2785, "USD/L"),
        ),
        (
            "uk-buy-out-ptl-obligation",
            "mandate_certificate",
            (2028, None),
            (0.4, 89.0),
            None,
            False,
            (),
            (5.0 * 1.2785, "USD/L"),
        ),
    ],
)
def test_item_of_an_incentive_stack(code, kind, years, conditions, rins, indexed, country, amount) -> None:
    record = catalogue.current().incentive(code)

    assert (record.kind, record.is_stackable) == (kind, True)
    assert (record.first_year, record.last_year) == years
    assert (record.minimum_reduction, record.reference_intensity) == conditions
    assert (record.rins_per_gallon, record.indexed, record.country) == (rins, indexed, country)
    assert (record.figure.value, record.figure.unit) == amount


def test_figures_that_are_no_items_say_so() -> None:
    records = catalogue.current().incentives

    assert (len(records), sum(record.is_stackable for record in records)) == (25, 8)
    share = catalogue.current().incentive("refueleu-saf-share-2025-2030-2035-2040-2045-2050")
    assert (share.kind, share.value_text, share.figure.value) == ("", "2/6/20/34/42/70", None)


def test_incentive_in_foreign_money_is_in_dollars_and_says_how() -> None:
    price = catalogue.current().incentive("eu-ets-eua-price-2024-average").figure

    assert price.confidence == "unconfirmed"
    assert price.source == ("market: 65 EUR/t at 1.0824 USD/EUR (European Central Bank, annual average 2024)")
    buy_out = catalogue.current().incentive("uk-buy-out-main-obligation").figure
    assert (buy_out.value, buy_out.unit, buy_out.confidence) == (4.7 * 1.2785, "USD/L", "derived")


def test_rins_are_no_foreign_money() -> None:
    ratio = catalogue.current().incentive("us-rfs-rins-per-gallon-hefa-jet-d4-d5").figure

    assert (ratio.value, ratio.unit, ratio.source) == (1.6, "RIN/gal", "EPA practice")


def test_incentive_for_fuel_of_several_countries_names_each() -> None:
    md.Incentive.objects.filter(code="us-45z-general-2026-plus-amount-met").update(country="USA;CAN;MEX")

    record = catalogue.current().incentive("us-45z-general-2026-plus-amount-met")

    assert record.country == ("USA", "CAN", "MEX")


@pytest.mark.parametrize(
    ("pathway", "feedstock"),
    [("ATJ-SPK", "Ethanol"), ("PtL-FT", "captured-co2"), ("CHJ", "Soybean oil"), ("x", "Tallow")],
)
def test_no_corsia_value(pathway: str, feedstock: str) -> None:
    assert catalogue.current().corsia(pathway, feedstock, "MYS") is None


def test_tables() -> None:
    data = catalogue.current()

    assert [figure.value for figure in data.macrs(5)] == [0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576]
    for years in (3, 5, 7, 10, 15, 20):
        assert sum(figure.value for figure in data.macrs(years)) == pytest.approx(1, abs=1e-9)
    assert len(data.macrs(20, "mid_quarter", 4)) == 21
    assert data.macrs(4) == ()
    assert (data.cost_index(2023).value, data.cost_index(2025).confidence) == (797.9, "unconfirmed")
    assert data.cost_index(1900) is None
    assert data.reference("corsia_constant", "fossil jet life-cycle baseline").value == 89
    assert data.reference("corsia_constant", "nothing").value is None


def test_design_without_prices_of_its_own_has_the_products() -> None:
    data = catalogue.current()

    own = {item.product.name: item.price.value for item in data.design("HEFA-SPK", "Used cooking oil").products}
    others = {item.product.name: item.price.value for item in data.design("HEFA-SPK", "Tallow").products}
    assert own == {"Jet": 3000, "Diesel": 1500, "Naphtha": 1000}
    assert others == {"Jet": 2640, "Diesel": 1500, "Naphtha": 1000, "LPG": 1000 * 46.4 / 43.4}
    assert data.design("HEFA-SPK", "Ethanol") is None
