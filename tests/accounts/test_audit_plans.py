"""What owners ask the audit of a team for is found by an index, and not by reading all that ever happened."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Team, User
from config.database.plans import Explained, request_explain

ENTRIES = 20_000
# Of another person and another kind than the rest.
RARE = 10


@pytest.fixture
def long_audit(user: User, other_user: User, team: Team) -> Team:
    """A team in which something was changed every minute, most of it by one person in scenarios."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditentry"
            " (at, actor, actor_name, via, request_id, team, kind, action, target, label, changes)"
            " SELECT now() - (%s - i) * interval '1 min', CASE WHEN i %% %s = 0 THEN %s ELSE %s END, '', 'token', '',"
            " %s, CASE WHEN i %% %s = 0 THEN 'share_link' ELSE 'scenario' END, 'changed', gen_random_uuid(), '', '[]'"
            " FROM generate_series(1, %s) AS i",
            [ENTRIES, ENTRIES // RARE, other_user.pk, user.pk, team.pk, ENTRIES // RARE, ENTRIES],
        )
        cursor.execute("ANALYZE accounts_auditentry")
    return team


def asked(user: User, team: Team, query: str) -> Explained:
    return request_explain(path=f"/api/v1/teams/{team.pk}/audit?{query}", user=user)


@pytest.mark.parametrize(
    ("query", "index"),
    [("person={other}", "audit_person"), ("kind=share_link", "audit_kind"), ("after={recently}", "audit_time")],
)
def test_what_is_asked_for_is_read_from_an_index(
    user: User, other_user: User, long_audit: Team, query: str, index: str
) -> None:
    recently = (timezone.now() - timedelta(minutes=RARE)).strftime("%Y-%m-%dT%H:%M:%SZ")

    explained = asked(user, long_audit, query.format(other=other_user.pk, recently=recently))

    assert explained.status == 200
    (count,) = [one for one in explained.statements if "COUNT(" in one.sql and "accounts_auditentry" in one.sql]
    assert index in "\n".join(count.plan)
    for statement in explained.statements:
        assert rows_read(statement.plan) <= 10 * RARE


def rows_read(plan: list[str]) -> float:
    """The most rows that a scan of entries found or left out."""
    found = [0.0]
    for line, next_lines in ((line, plan[place + 1 : place + 4]) for place, line in enumerate(plan)):
        if "on accounts_auditentry" in line:
            rows, loops = re.search(r"actual .*rows=([\d.]+) loops=(\d+)", line).groups()
            found.append(float(rows) * int(loops))
            found += [float(number) for number in re.findall(r"Rows Removed by Filter: (\d+)", "\n".join(next_lines))]
    return max(found)
