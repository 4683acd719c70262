"""What ``manage.py index_report`` says of indexes that are there, and of those that are not."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db import connection
from django.db.migrations import AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def report(**options: Any) -> dict[str, Any]:
    written = StringIO()
    call_command("index_report", json=True, stdout=written, **options)
    return json.loads(written.getvalue())


def index(name: str) -> dict[str, Any]:
    return next(found for found in report()["indexes"] if found["name"] == name)


@pytest.fixture
def plants(db: None) -> None:
    sql(
        "CREATE TABLE region (id int PRIMARY KEY, area int, UNIQUE (id, area))",
        "CREATE TABLE plant (id int PRIMARY KEY, region int REFERENCES region, name text, built int)",
    )


@pytest.fixture
def lasting_plants(transactional_db: None) -> Iterator[None]:
    """A table outside a transaction, since the server counts what has been committed."""
    sql(
        "CREATE TABLE plant (id int PRIMARY KEY, built int)",
        "INSERT INTO plant SELECT i, i FROM generate_series(1, 200) i",
    )
    # Else the rows would be counted once as analysed and once as inserted.
    sql("SELECT pg_stat_force_next_flush()", "CREATE INDEX plant_built ON plant (built)", "ANALYZE plant")
    yield
    sql("DROP TABLE plant")


@pytest.mark.django_db
def test_our_foreign_keys_all_have_an_index() -> None:
    assert report()["bare_foreign_keys"] == []


@pytest.mark.django_db
def test_our_indexes_are_all_valid() -> None:
    assert [found["name"] for found in report()["indexes"] if not found["is_valid"]] == []


OURS = {"accounts", "masterdata", "projects", "scenarios"}
# Of before the product ran anywhere; the one of projects writes each row of the table anyway.
BUILT_AT_ONCE = {("projects", "0005_changed_at"), ("scenarios", "0002_runs")}


def test_indexes_of_a_table_in_use_are_built_while_it_is_used() -> None:
    """Building one otherwise keeps writers out for as long as it takes."""
    built_at_once = set()
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        made = {one.name_lower for one in migration.operations if isinstance(one, CreateModel)}
        plain = [one for one in migration.operations if isinstance(one, AddIndex)]
        late = [one for one in plain if not isinstance(one, AddIndexConcurrently) and one.model_name_lower not in made]
        if late and app in OURS:
            built_at_once.add((app, name))
    assert built_at_once == BUILT_AT_ONCE


def test_a_foreign_key_without_an_index_is_told(plants: None) -> None:
    assert report()["bare_foreign_keys"] == [
        {"table": "plant", "name": "plant_region_fkey", "columns": ["region"], "refers_to": "region"}
    ]


@pytest.mark.parametrize(
    ("definition", "is_good"),
    [
        ("(region)", True),
        ("(region, name)", True),
        ("(region) WHERE region IS NOT NULL", True),
        ("(name, region)", False),
        ("(region) WHERE built > 2020", False),
        ("((region + 1))", False),
    ],
)
def test_an_index_is_good_for_a_foreign_key_where_it_begins_with_it(
    plants: None, definition: str, is_good: bool
) -> None:
    sql(f"CREATE INDEX plant_tried ON plant {definition}")
    assert (report()["bare_foreign_keys"] == []) is is_good


def test_of_a_foreign_key_of_two_columns_the_index_may_have_either_order(plants: None) -> None:
    sql(
        "ALTER TABLE plant DROP CONSTRAINT plant_region_fkey",
        "ALTER TABLE plant ADD CONSTRAINT plant_both FOREIGN KEY (region, built) REFERENCES region (id, area)",
    )
    assert [key["columns"] for key in report()["bare_foreign_keys"]] == [["region", "built"]]
    sql("CREATE INDEX plant_reversed ON plant (built, region)")
    assert report()["bare_foreign_keys"] == []


def test_an_index_that_nothing_reads_is_unused_and_one_that_keeps_a_promise_is_not(plants: None) -> None:
    sql("CREATE INDEX plant_name ON plant (name)")
    assert index("plant_name")["is_unused"]
    assert (index("plant_pkey")["is_unused"], index("plant_pkey")["keeps"]) == (False, "primary key")
    assert index("region_id_area_key")["keeps"] == "unique"


def test_an_index_that_is_read_is_counted(lasting_plants: None) -> None:
    sql("SET enable_seqscan = off", "SELECT id FROM plant WHERE built = 3", "SET enable_seqscan = on")
    sql("SELECT pg_stat_force_next_flush()")
    found = index("plant_built")
    assert (found["scans"], found["is_unused"]) == (1, False)
    assert found["size_bytes"] > 0


@pytest.mark.parametrize(
    ("definition", "covered_by"),
    [
        ("(built)", "plant_built_name"),
        ("(built, name)", "plant_built_name"),
        ("(id)", "plant_pkey"),
        ("(name)", None),
        ("(built DESC)", None),
        ("(built) WHERE built > 2020", None),
        ("(built) INCLUDE (id)", None),
        ("USING hash (built)", None),
    ],
)
def test_a_duplicate_is_one_whose_columns_begin_another(plants: None, definition: str, covered_by: str | None) -> None:
    sql("CREATE INDEX plant_built_name ON plant (built, name)", f"CREATE INDEX plant_tried ON plant {definition}")
    assert index("plant_tried")["duplicate_of"] == covered_by
    assert index("plant_built_name")["duplicate_of"] is None


def test_of_two_alike_one_stays(plants: None) -> None:
    sql("CREATE INDEX plant_a ON plant (name)", "CREATE INDEX plant_b ON plant (name)")
    assert (index("plant_a")["duplicate_of"], index("plant_b")["duplicate_of"]) == (None, "plant_a")


def test_a_unique_index_is_no_duplicate_though_a_wider_one_begins_with_it(plants: None) -> None:
    sql("CREATE UNIQUE INDEX plant_once ON plant (name)", "CREATE INDEX plant_wide ON plant (name, built)")
    assert index("plant_once")["duplicate_of"] is None


def test_a_large_table_read_from_end_to_end_is_told_from_many_times_on(lasting_plants: None) -> None:
    sql(*["SELECT count(*) FROM plant WHERE id + 0 > 3"] * 3, "SELECT pg_stat_force_next_flush()")

    def told(**options: int) -> list[str]:
        return [found["table"] for found in report(**options)["scanned_tables"]]

    assert "plant" in told(large_rows=200, many_scans=3)
    assert "plant" not in told(large_rows=201, many_scans=3)
    assert "plant" not in told(large_rows=200, many_scans=1_000)


def test_the_text_names_what_is_wrong_in_columns(plants: None) -> None:
    sql("CREATE INDEX plant_name ON plant (name)", "CREATE INDEX plant_name_built ON plant (name, built)")
    written = StringIO()
    call_command("index_report", stdout=written)
    lines = written.getvalue().splitlines()
    head = next(line for line in lines if line.startswith("  table"))
    told = next(line for line in lines if line.split()[:2] == ["plant", "plant_name"])
    assert told.endswith("unused, covered by plant_name_built")
    assert told.index("plant_name") == head.index("index")
    assert "  plant  plant_region_fkey  region   region" in lines
    assert lines[-1].endswith("1 foreign keys without an index")
