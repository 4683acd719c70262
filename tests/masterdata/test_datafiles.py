"""Data files that cannot be loaded: refused before anything is written, each fault by file, row and column."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from masterdata.datafiles import DATA, FILES

pytestmark = pytest.mark.django_db


def command(*args: str) -> str:
    out = StringIO()
    call_command("load_masterdata", *args, stdout=out)
    return out.getvalue()


BAD = [
    (
        "feedstock_figures.csv",
        "tallow,price,580,",
        "tallow,price,abc,",
        "row 5, column value: must be a number, not 'abc'",
    ),
    ("feedstock_figures.csv", "tallow,price,580,", "tallow,price,nan,", "row 5, column value: must be a finite number"),
    (
        "feedstock_figures.csv",
        "tallow,price,580,",
        "tallow,price,1e400,",
        "row 5, column value: must be a finite number",
    ),
    ("feedstock_figures.csv", "tallow,price,580,", "tallow,price,,", "row 5, column value: may not be empty"),
    (
        "feedstock_figures.csv",
        "tallow,price,580,USD/t",
        "tallow,price,580,USD/kg",
        "row 5, column unit: The unit must be",
    ),
    ("feedstock_figures.csv", "tallow,price,", "tallow,cost,", "row 5, column parameter: Value 'cost' is not a valid"),
    (
        "feedstock_figures.csv",
        "tallow,price,",
        "lard,price,",
        "row 5, column feedstock: 'lard' is not in feedstocks.csv",
    ),
    (
        "feedstock_figures.csv",
        "soybean-oil,price,",
        "tallow,price,",
        "row 7, column feedstock: tallow / price is in row 5",
    ),
    (
        "feedstock_figures.csv",
        "tallow,carbon_content,0.76",
        "tallow,carbon_content,1.76",
        "row 6, column value: The value",
    ),
    (
        "feedstock_figures.csv",
        "feedstock,parameter,value,",
        "feedstock,parameter,price,",
        "row 1, column price: is no column",
    ),
    ("feedstock_figures.csv", "feedstock,parameter,value,", "feedstock,parameter,", "row 1, column value: is missing"),
    (
        "utility_figures.csv",
        "electricity,price,0.055,USD/kWh",
        "electricity,price,0.055,USD/t",
        "row 4, column unit: Elec",
    ),
    ("products.csv", "oxygen,Oxygen,false", "oxygen,Oxygen,no", "row 6, column liquid_fuel: must be true or false"),
    ("countries.csv", "MYS,Malaysia,", "mys,Malaysia,", "row 2, column code: The code must be three capital letters"),
    (
        "exchange_rates.csv",
        ",unconfirmed,2024-01-01,\n",
        ",unconfirmed,1 January,\n",
        "row 2, column valid_from: must be a date like 2024-01-31",
    ),
    ("exchange_rates.csv", "EUR,2024,", "EUR,MMXXIV,", "row 2, column year: must be a whole number"),
    (
        "exchange_rates.csv",
        ",unconfirmed,2024-01-01,\n",
        ",certain,2024-01-01,\n",
        "row 2, column confidence: Value 'certain' is not a valid choice",
    ),
    ("exchange_rates.csv", ",unconfirmed,2024-01-01,\n", ",unconfirmed\n", "row 2: has 6 cells where the header has 8"),
    ("incentives.csv", ",us_40b,2023,", ",us_48c,2023,", "row 7, column kind: Value 'us_48c' is not a valid choice"),
    ("incentives.csv", ",us_40b,2023,2024,", ",us_40b,2023,2022,", "row 7, column last_year: The years are calendar"),
    ("incentives.csv", ",us_40b,2023,", ",us_40b,MMXXIII,", "row 7, column first_year: must be a whole number"),
    ("incentives.csv", ",us_40b,2023,2024,0.5,", ",us_40b,2023,2024,50,", "row 7, column minimum_reduction: The reduc"),
    ("incentives.csv", ",rin,,,0.5,,1.6,true", ",rin,,,0.5,,,true", "row 13, column rins_per_gallon: The kind rin"),
    ("incentives.csv", ",rin,,,0.5,,1.6,true", ",rin,,,0.5,,1.6,yes", "row 13, column indexed: must be true or false"),
    ("incentives.csv", "2029,,,,false,USA,", "2029,,,,false,U.S.,", "row 4, column country: Countries are codes"),
    ("incentives.csv", ",0.65,94,,true,,65,,EUR/t", ",0.65,94,,true,,65,,EUR", "row 18, column unit: The unit must be"),
    (
        "incentives.csv",
        ",0.65,94,,true,,65,,",
        ",0.65,94,,true,,,60-70,",
        "row 18, column value: A kind needs a number",
    ),
    ("incentives.csv", ",EU RED,EU,,,,", ",EU RED,EU,,2025,,", "row 26, column first_year: A figure without a kind"),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), BAD)
def test_bad_file_is_refused_naming_file_row_and_column(
    name: str,
    old: str,
    new: str,
    message: str,
    data_folder: Path,
    edit: Callable[..., None],
    version: Callable[[], int],
) -> None:
    edit(name, old, new)
    before = version()

    with pytest.raises(CommandError) as refused:
        command("--folder", str(data_folder))

    assert f"{name}, {message}" in str(refused.value)
    assert version() == before


def test_all_faults_are_named_at_once(data_folder: Path, edit: Callable[[str, str, str], None]) -> None:
    edit("feedstock_figures.csv", "tallow,price,580,USD/t", "tallow,price,abc,USD/t")
    edit("products.csv", "oxygen,Oxygen,false", "oxygen,Oxygen,no")
    (data_folder / "designs.csv").write_bytes(b"\xff\xfe")

    with pytest.raises(CommandError) as refused:
        command("--check", "--folder", str(data_folder))

    told = str(refused.value)
    for name in ("feedstock_figures.csv, row 5", "products.csv, row 6", "designs.csv: cannot be read"):
        assert name in told


def test_missing_file_is_named(data_folder: Path) -> None:
    (data_folder / "macrs_rates.csv").unlink()

    with pytest.raises(CommandError, match=r"macrs_rates\.csv"):
        command("--folder", str(data_folder))


def test_check_asks_the_database_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        told = command("--check")

    assert told == f"{len(FILES)} files, {1142} rows: nothing wrong\n"


def test_every_data_file_is_loaded() -> None:
    named = {file.name for file in FILES}

    assert {str(path.relative_to(DATA)) for path in DATA.rglob("*.csv")} == named
