"""Rows written by statements put together once are what ``save`` makes of them, and who listens to a save is told."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Value
from django.db.models.expressions import RawSQL
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from accounts.models import Team, User
from config.cache import versions
from config.database.compiled import compiled_rows
from config.database.written import insertion, update, write
from projects.models import Project
from scenarios.caching import scenario_tag
from scenarios.models import Calculation, Scenario

pytestmark = pytest.mark.django_db


def run(scenario: Scenario, **columns: object) -> Calculation:
    return Calculation(
        scenario=scenario, inputs={"a": 1}, resolved_inputs={}, inputs_hash="h", engine_version="1",
        masterdata_version=1, **columns,
    )  # fmt: skip


@pytest.fixture
def scenario(user: User, project: Project) -> Scenario:
    return Scenario.objects.create(project=project, created_by=user, name="Base", order=0)


def test_inserted_row_is_what_save_would_make_of_it(
    scenario: Scenario, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    saved, inserted = run(scenario, state="cancelled"), run(scenario, state="cancelled")
    for one in (saved, inserted):
        one.finished_at, one.result = scenario.created_at, {"npv": 1.5}
    saved.save(force_insert=True)
    with django_assert_num_queries(1):
        write(insertion(inserted))

    first, second = (Calculation.objects.filter(pk=one.pk).values().get() for one in (saved, inserted))
    own = {"id", "queued_at", "due_at"}
    assert {name for name in first if first[name] != second[name]} <= own
    assert not inserted._state.adding
    assert inserted.queued_at == second["queued_at"]


def test_value_may_be_sql(scenario: Scenario) -> None:
    one = run(scenario)
    one.turn = RawSQL("SELECT 40 + %s", [2])

    write(insertion(one))

    assert Calculation.objects.get(pk=one.pk).turn == 42


@pytest.mark.parametrize("text", ["$j$", "'; --", "a$j", "$jj$ $j", "\\", "%s", "ä\U0001f600", "$$"])
def test_json_is_stored_as_it_is_whatever_it_quotes(scenario: Scenario, text: str) -> None:
    one = run(scenario, state="cancelled", finished_at=scenario.created_at, result={text: [text]})

    write(insertion(one))

    assert Calculation.objects.get(pk=one.pk).result == {text: [text]}


def test_update_writes_the_columns_named_and_no_others(scenario: Scenario) -> None:
    before = scenario.updated_at
    scenario.name, scenario.order = "Another", 7

    write(update(scenario, ("name", "updated_at")))

    stored = Scenario.objects.get(pk=scenario.pk)
    assert (stored.name, stored.order) == ("Another", 0)
    assert stored.updated_at == scenario.updated_at > before


def test_update_of_a_row_that_is_gone_is_an_error(scenario: Scenario) -> None:
    Scenario.objects.filter(pk=scenario.pk).delete()

    with pytest.raises(DatabaseError):
        write(update(scenario, ("name",)))


def test_a_name_that_is_no_column_is_refused(scenario: Scenario) -> None:
    with pytest.raises(ValueError, match="nothing"):
        write(update(scenario, ("name", "nothing")))


def test_who_listens_to_a_save_is_told(scenario: Scenario) -> None:
    before = versions.read([scenario_tag(scenario.pk)])
    write(update(scenario, ("name",)))

    assert versions.read([scenario_tag(scenario.pk)]) != before


def test_refused_row_breaks_the_transaction_it_was_written_in(scenario: Scenario) -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            write(insertion(run(scenario, state="no state")))
        with pytest.raises(TransactionManagementError), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        transaction.set_rollback(True)


def test_compiled_rows_are_the_objects_of_the_queryset(user: User, team: Team) -> None:
    rows = compiled_rows(
        {"key": user.pk}, lambda key: Team.objects.filter(memberships__user=key).annotate(one=Value(1)).order_by("pk")
    )

    found = rows.first({"key": user.pk})

    assert found == Team.objects.filter(memberships__user=user).order_by("pk")[0]
    assert (found.name, found.one) == (Team.objects.get(pk=found.pk).name, 1)
    assert rows.first({"key": team.pk}) is None


def test_rows_with_related_objects_cannot_be_compiled() -> None:
    with pytest.raises(TypeError, match="related"):
        compiled_rows({"key": 1}, lambda key: Scenario.objects.select_related("project").filter(version=key))
