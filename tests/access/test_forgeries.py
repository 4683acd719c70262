"""What a client may not say, said all the same: in every body that the API takes, and by the ids of others."""

import json
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from accounts.services import personal_team
from masterdata.loading import masterdata_load
from tests.access import world
from tests.access.matrix import LINES, Role
from tests.access.test_matrix import address, fingerprint

pytestmark = pytest.mark.django_db

NOBODY = "00000000-0000-0000-0000-000000000000"
# What only a service, a calculation, or the database says: by name and a value that would be worth forging.
FORGERIES: dict[str, Any] = {
    **dict.fromkeys(("id", "user", "userId", "owner", "createdBy", "updatedBy", "project", "projectId"), NOBODY),
    **dict.fromkeys(("currentId", "current", "calculationId", "personalOf", "signIn", "invitedBy"), NOBODY),
    **dict.fromkeys(("isStaff", "isSuperuser", "isActive", "isVerified", "isPersonal", "isEmailVerified"), True),
    **dict.fromkeys(("createdAt", "updatedAt", "calculatedAt", "emailVerifiedAt", "lastUsedAt"), "2020-01-01T00:00Z"),
    **{name: {"npv": 1e12} for name in ("kpis", "result", "results", "resolvedInputs", "financials")},
    **{name: [1] for name in ("groups", "userPermissions", "memberships")},
    "npvUsd": 1e12, "status": "failed", "version": 99, "order": 7, "inputsHash": "0" * 48, "myRole": "viewer",
    "digest": "0" * 64, "hint": "abcd", "passwordHash": "x",
}  # fmt: skip
# They take no body, and whatever comes as one is not looked at.
NO_BODY = {
    f"POST /api/v1/{name}" for name in (
        "auth/logout/all", "teams/{pk}/leave", "teams/{team_id}/invitations/{pk}/resend",
        "scenarios/{pk}/calculate/cancel", "calculations/{pk}/cancel",
    )
}  # fmt: skip
TAKING_INPUTS = [
    "POST /api/v1/projects/{project_id}/scenarios", "PUT /api/v1/scenarios/{pk}", "PATCH /api/v1/scenarios/{pk}",
    "PATCH /api/v1/scenarios/{pk}/draft", "POST /api/v1/scenarios/{pk}/preview",
    "POST /api/v1/scenarios/{pk}/calculate", "POST /api/v1/scenarios/{pk}/calculate/sync",
]  # fmt: skip
FORMS = [name for name in LINES if name.startswith("POST /") and not name.startswith("POST /api/")]
WRITES = [name for name in LINES if name.startswith(("POST /api/", "PUT /api/", "PATCH /api/"))]


@pytest.fixture
def there(settings: Any) -> world.World:
    settings.RATELIMIT_ENABLE = False
    masterdata_load()
    return world.make()


def send(there: world.World, name: str, more: dict[str, Any]) -> Any:
    """By the owner, or by staff where only they may, with ``more`` in the body that the matrix has for it."""
    line, (method, _, route) = LINES[name], name.partition(" ")
    client = there.client(Role.STAFF if Role.OWNER in line.refused else Role.OWNER, is_page=False)
    own = (line.body(there) if callable(line.body) else line.body) or {}
    body = json.dumps({**own, **more})
    return client.generic(method, address(there, route, line) + line.query, body.encode(), "application/json")


@pytest.mark.parametrize("name", [name for name in WRITES if name not in NO_BODY])
def test_what_a_client_may_not_say_is_refused_by_name(there: world.World, name: str) -> None:
    before = fingerprint()

    forged = {field: value for field, value in FORGERIES.items() if field not in _body_of(name)}
    answer = send(there, name, forged)

    assert answer.status_code == 400
    faults = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert set(forged) <= set(faults)
    assert {faults[field] for field in forged} <= {"unknown", "read_only"}
    assert fingerprint() == before


def _body_of(name: str) -> dict[str, Any]:
    body = LINES[name].body
    return body if isinstance(body, dict) else {}


@pytest.mark.parametrize("name", sorted(NO_BODY))
def test_body_where_none_is_taken_changes_nothing(there: world.World, name: str) -> None:
    one = send(there, name, {}).status_code
    there = world.make()

    assert send(there, name, FORGERIES).status_code == one


@pytest.mark.parametrize("name", TAKING_INPUTS)
def test_results_cannot_be_forged_among_the_inputs(there: world.World, name: str) -> None:
    before = fingerprint()

    answer = send(there, name, {"inputs": {**there.inputs, "financials": {"npv": 1e12}, "npv": 1e12}})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"inputs.financials", "inputs.npv"}
    assert fingerprint() == before


# Of rows that forms may change, make and delete: what no form may change.
POWERS = (
    "SELECT id, is_staff, is_superuser, is_active, password, email, email_verified_at FROM accounts_user",
    "SELECT id, team_id, user_id, role FROM accounts_membership",
    "SELECT id, team_id, created_by_id FROM projects_project",
    "SELECT id, scenario_id, state, npv_usd, result::text FROM scenarios_calculation",
)


def powers() -> dict[Any, tuple[Any, ...]]:
    found = {}
    with connection.cursor() as cursor:
        for query in POWERS:
            cursor.execute(query)
            found.update({(query, row[0]): row for row in cursor.fetchall()})
    return found


@pytest.mark.parametrize("name", FORMS)
def test_form_takes_no_field_that_it_does_not_have(there: world.World, name: str) -> None:
    """By an editor, who may send most of them, with every field that would be worth something."""
    line, route = LINES[name], name.removeprefix("POST ")
    stranger = there.users[Role.STRANGER]
    fields = {
        **dict.fromkeys(("is_staff", "is_superuser", "is_active"), "on"),
        **dict.fromkeys(("user", "owner", "created_by", "user_id"), str(stranger.pk)),
        **dict.fromkeys(("team", "team_id"), str(personal_team(stranger).pk)),
        "role": "owner", "groups": "1", "password": "x", "status": "calculated", "state": "succeeded", "result": "{}",
        "npv_usd": "1e12", "email_verified_at": "2020-01-01", "name": "Other",
    }  # fmt: skip
    before = powers()

    answer = there.client(Role.EDITOR, is_page=True).post(address(there, route, line), fields)

    assert answer.status_code < 500
    after = powers()
    assert {key: row for key, row in after.items() if key in before and row != before[key]} == {}
    assert not User.objects.filter(is_staff=True).exclude(pk=there.users[Role.STAFF].pk).exists()
    assert not stranger.memberships.exclude(team__personal_of=stranger).exists()
