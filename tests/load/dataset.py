"""A large database: 500 users in 50 teams, 10,000 projects, 50,000 scenarios, four of five with a result.

Made by the database itself out of one project that the services made and calculated: in the product's environment
`python -m tests.load.dataset` takes some seconds. Ids follow from numbers, so that a second run finds the first.
"""

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import User

USERS = 500
TEAMS = 50
PROJECTS = 10_000
SCENARIOS_EACH = 5
PASSWORD = "a long walk in the rain"
# The scenario of each project that has not been calculated yet, by its place.
DRAFT = 4


def email_of(number: int) -> str:
    """The address of the user of that number, from 1; each is an editor in one of the teams."""
    return f"load{number}@example.com"


# Member of all teams: 10,000 projects are theirs. Member of none: 10 projects of their own.
WATCHER = "watcher@example.com"
NEWCOMER = "newcomer@example.com"
FEW = 10


@dataclass(frozen=True, kw_only=True)
class Size:
    users: int = USERS
    teams: int = TEAMS
    projects: int = PROJECTS


def dataset_make(size: Size | None = None) -> bool:
    """Fill the database, unless that was done before; whether it was done now."""
    from django.db import connection, transaction

    from accounts.models import User
    from config.cache import versions

    size = size or Size()
    if User.objects.filter(email=email_of(1)).exists():
        return False
    with transaction.atomic():
        template = _template()
        with connection.cursor() as cursor:
            for statement, parameters in _statements(size, template):
                cursor.execute(statement, parameters)
        _people_of_measure(size, template.user)
    versions.replace_all()
    return True


def dataset_settle() -> None:
    """Leave nothing of the making for the server to do while something is measured."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@dataclass(frozen=True, kw_only=True)
class _Template:
    """Rows that the others are copies of."""

    user: "User"
    team: Any
    project: Any
    calculated: Any
    draft: Any


def _template() -> _Template:
    from accounts.choices import Role
    from scenarios.services import calculation_run, scenario_create
    from tests.bench.hefa import HEFA
    from tests.factories import project_make, team_make, user_make

    user = user_make(email="template@example.com", password=PASSWORD)
    team = team_make((user, Role.OWNER), name="Template")
    project = project_make(user=user, team=team, name="Template", description="A plant to be weighed up. " * 8)
    calculated = scenario_create(project=project, user=user, name="Base case", inputs=HEFA)
    calculation_run(scenario=calculated, user=user)
    draft = scenario_create(project=project, user=user, name="Draft", inputs=HEFA)
    return _Template(user=user, team=team, project=project, calculated=calculated, draft=draft)


def _statements(size: Size, template: _Template) -> list[tuple[str, list[Any]]]:
    from accounts.models import Membership, Team, User
    from projects.models import Project
    from scenarios.models import Calculation, Scenario

    ago = "now() - {} * interval '1 minute'"
    # Users of a team follow each other, and so do projects of a user: everybody made 20 of the 200 of their team.
    member = _share("n", size.users, size.teams)
    maker = _share("n", size.projects, size.users)
    user, team = (
        _copied(User, template.user.pk, size.users, {
            "id": _id("user"), "email": "'load' || n || '@example.com'", "name": "'User ' || n",
        }),
        _copied(Team, template.team.pk, size.teams, {"id": _id("team"), "name": "'Team ' || n"}),
    )  # fmt: skip
    personal = _copied(Team, template.team.pk, size.users, {
        "id": _id("personal"), "name": "'User ' || n", "personal_of_id": _id("user"),
    })  # fmt: skip
    belongs = f"{Membership._meta.db_table} (user_id, team_id, role, created_at)"
    memberships: list[tuple[str, list[Any]]] = [
        (
            f"INSERT INTO {belongs} SELECT {_id('user')}, {team_id}, '{role}', now()"  # noqa: S608
            f" FROM generate_series(1, {size.users}) AS n",
            [],
        )
        for team_id, role in ((_id("team", member), "editor"), (_id("personal"), "owner"))
    ]
    project = _copied(Project, template.project.pk, size.projects, {
        "id": _id("project"), "name": "'Plant ' || n", "team_id": _id("team", _share(maker, size.users, size.teams)),
        "created_by_id": _id("user", maker), "created_at": ago.format("2 * n"), "updated_at": ago.format("n"),
        "stage": "(ARRAY['screening', 'pre_feasibility', 'feasibility'])[1 + mod(n, 3)]",
    })  # fmt: skip
    each = SCENARIOS_EACH
    of_project = _share("n", size.projects * each, size.projects)
    of_maker = _share(of_project, size.projects, size.users)
    common = {
        "id": _id("scenario"), "project_id": _id("project", of_project), "created_by_id": _id("user", of_maker),
        "order": f"mod(n - 1, {each})", "name": "'Case ' || n", "updated_at": ago.format(of_project),
    }  # fmt: skip
    is_draft = f"mod(n - 1, {each}) = {DRAFT}"
    calculated = f"NOT {is_draft}"
    rows = size.projects * each
    return [
        user, team, personal, *memberships, project,
        _copied(Scenario, template.calculated.pk, rows, {**common, "current_id": _id("calculation")}, calculated),
        _copied(Scenario, template.draft.pk, rows, common, is_draft),
        _copied(Calculation, template.calculated.current_id, rows, {
            "id": _id("calculation"), "scenario_id": _id("scenario"), "user_id": _id("user", of_maker),
        }, calculated),
        # Triggers have them changed now, all at once.
        (f"UPDATE {Project._meta.db_table} SET changed_at = updated_at", []),  # noqa: S608  our own name
    ]  # fmt: skip


def _share(number: str, many: int, few: int) -> str:
    """SQL of which of ``few`` owners, from 1, has the thing of that number out of ``many``, in equal shares."""
    return f"(({number} - 1) * {few} / {many} + 1)"


def _id(kind: str, number: str = "n") -> str:
    """SQL of the id that belongs to a number."""
    return f"md5('{kind}-' || {number})::uuid"


def _copied(model: Any, key: Any, rows: int, changed: dict[str, str], condition: str = "true") -> tuple[str, list[Any]]:
    """INSERT of copies of one row for n = 1 ... rows, those columns ``changed`` to the SQL given."""
    columns = [field.column for field in model._meta.concrete_fields if not field.generated]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(changed.get(column, f'template."{column}"') for column in columns)
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS template, generate_series(1, {rows}) AS n"  # noqa: S608
        f" WHERE template.id = %s AND {condition}",
        [key],
    )


def _people_of_measure(size: Size, template: "User") -> None:
    """Who sees everything, and who sees little: what a request costs should not tell them apart."""
    from accounts.choices import Role
    from accounts.models import Membership, Team, User
    from tests.factories import project_make, user_make

    watcher = user_make(email=WATCHER, is_staff=True)
    newcomer = user_make(email=NEWCOMER)
    User.objects.filter(pk__in=(watcher.pk, newcomer.pk)).update(password=template.password)
    shared = Team.objects.filter(personal_of=None).exclude(name="Template")
    Membership.objects.bulk_create(Membership(user=watcher, team=team, role=Role.VIEWER) for team in shared)
    for number in range(FEW):
        project_make(user=newcomer, name=f"Plant {number}")


def main() -> None:
    import django

    django.setup()
    start = time.perf_counter()
    done = dataset_make()
    dataset_settle()
    took = f"made in {time.perf_counter() - start:.1f} s" if done else "found"
    sys.stdout.write(f"{PROJECTS} projects, {PROJECTS * SCENARIOS_EACH} scenarios, {USERS} users: {took}\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
