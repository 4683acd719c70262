"""Nobody edits the audit: not by the ORM, not by SQL, not in the admin."""

from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from accounts.choices import Action, Kind
from accounts.models import AuditEntry, Team, User
from accounts.services import audit_entry
from config.database.written import write
from tests.factories import project_make, user_make

pytestmark = pytest.mark.django_db

TABLE = AuditEntry._meta.db_table
AGED = (
    "INSERT INTO accounts_auditentry (label, at, {columns})"
    " SELECT %s, at - make_interval(months => %s), {columns} FROM accounts_auditentry LIMIT 1"
)


@pytest.fixture
def entry(user: User, team: Team) -> AuditEntry:
    project_make(user=user, team=team)
    return AuditEntry.objects.get(kind=Kind.PROJECT)


def rows() -> list[dict[str, Any]]:
    return list(AuditEntry.objects.order_by("pk").values())


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_orm_changes_and_deletes_nothing(entry: AuditEntry) -> None:
    before = rows()

    def save() -> None:
        entry.label = "another"
        entry.save()

    for attempt in (
        save,
        entry.delete,
        lambda: AuditEntry.objects.update(actor_name="Nobody"),
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.bulk_update([entry], ["label"]),
    ):
        with pytest.raises(ProgrammingError, match="kept as it is"), transaction.atomic():
            attempt()

    assert rows() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET label = 'another'",
        "UPDATE accounts_auditentry SET at = at - interval '3 years'",
        "DELETE FROM accounts_auditentry",
        "INSERT INTO accounts_auditentry SELECT * FROM accounts_auditentry ON CONFLICT (id) DO UPDATE SET label = ''",
        "MERGE INTO accounts_auditentry USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_sql_changes_and_deletes_nothing(entry: AuditEntry, statement: str) -> None:
    before = rows()

    with pytest.raises(ProgrammingError, match="kept as it is"):
        sql(statement)

    assert rows() == before


def test_the_table_is_not_emptied(entry: AuditEntry) -> None:
    sql(f"ALTER TABLE {TABLE} ENABLE TRIGGER audit_not_emptied")  # as it is outside tests
    before = rows()

    with pytest.raises(ProgrammingError, match="TRUNCATE refused"):
        sql(f"TRUNCATE {TABLE}")

    assert rows() == before


def test_the_admin_shows_and_changes_nothing(entry: AuditEntry, client: Client) -> None:
    client.force_login(user_make(is_staff=True, is_superuser=True))
    page = f"/admin/accounts/auditentry/{entry.pk}"
    before = rows()

    assert client.get("/admin/accounts/auditentry/").status_code == 200
    assert entry.label in client.get(f"{page}/change/").content.decode()
    for attempt, data in (
        (f"{page}/change/", {"label": "another"}),
        (f"{page}/delete/", {"post": "yes"}),
        ("/admin/accounts/auditentry/add/", {"label": "another"}),
    ):
        assert client.post(attempt, data).status_code == 403
    client.post("/admin/accounts/auditentry/", {"action": "delete_selected", "_selected_action": [entry.pk], "post": 1})

    assert rows() == before


def test_entries_go_when_they_are_old_enough(entry: AuditEntry) -> None:
    columns = "via, team, kind, action, target, changes, actor_name, request_id"
    for label, age in (("old", 25), ("young", 23)):
        with connection.cursor() as cursor:
            cursor.execute(AGED.format(columns=columns), [label, age])

    call_command("audit_prune", years=1)
    with pytest.raises(ProgrammingError, match="DELETE refused"):
        sql("DELETE FROM accounts_auditentry WHERE label = 'young'")

    assert set(AuditEntry.objects.values_list("label", flat=True)) == {entry.label, "young"}


def test_an_entry_outlives_its_actor_and_its_project(user: User, team: Team) -> None:
    maker = user_make(name="Ana")
    project = project_make(user=maker, team=team, name="Kerteh")
    project.delete()
    maker_id = maker.pk
    maker.delete()

    entry = AuditEntry.objects.get(label="Kerteh")
    assert (entry.actor, entry.actor_name, entry.team) == (maker_id, "Ana", team.pk)


def test_what_is_undone_is_not_told(user: User, team: Team) -> None:
    def told_and_broken() -> None:
        write(
            audit_entry(kind=Kind.TEAM, action=Action.CREATED, target=UUID(int=1), label="x", team=team.pk, user=user)
        )
        assert AuditEntry.objects.exists()
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        told_and_broken()

    assert not AuditEntry.objects.exists()
