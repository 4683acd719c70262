"""Who may do what on which route. A route without a line here fails tests/access/test_matrix.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """Who asks. ``key_read`` is the owner's API key that may only read; the last three come with a dead login."""

    ANONYMOUS = "anonymous"
    STRANGER = "stranger"
    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"
    STAFF = "staff"
    KEY_READ = "key_read"
    REVOKED = "revoked"
    EXPIRED = "expired"


DEAD = (Role.ANONYMOUS, Role.REVOKED, Role.EXPIRED)

type World = Any
type Body = dict[str, Any] | Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Line:
    """``refused`` says the status by role; every role that it leaves out is served, with one of ``served``."""

    refused: dict[Role, int] = field(default_factory=dict)
    body: Body | None = None
    served: tuple[int, ...] = (200, 201, 202, 204)
    query: str = ""
    # What else than the world's first of its kind stands in the address, by the part of the address before it.
    at: Mapping[str, str] = field(default_factory=dict)


def open_to_all(**rest: Any) -> Line:
    return Line(**rest)


def signed_in(**rest: Any) -> Line:
    return Line(dict.fromkeys(DEAD, 401), **rest)


def signed_in_writes(**rest: Any) -> Line:
    return Line({**dict.fromkeys(DEAD, 401), Role.KEY_READ: 403}, **rest)


def team_reads(**rest: Any) -> Line:
    """Staff are no members: what they may see of others' projects is in the admin."""
    return Line({**dict.fromkeys(DEAD, 401), Role.STRANGER: 404, Role.STAFF: 404}, **rest)


def team_writes(**rest: Any) -> Line:
    return Line({**team_reads().refused, Role.VIEWER: 403, Role.KEY_READ: 403}, **rest)


def owner_writes(**rest: Any) -> Line:
    return Line({**team_writes().refused, Role.EDITOR: 403}, **rest)


def owner_reads(**rest: Any) -> Line:
    return Line({**team_reads().refused, Role.VIEWER: 403, Role.EDITOR: 403}, **rest)


def writer_reads(**rest: Any) -> Line:
    return Line({**team_reads().refused, Role.VIEWER: 403}, **rest)


def own_account(**rest: Any) -> Line:
    """Of the person, by whichever login they have; a key of theirs is no person."""
    return Line({**dict.fromkeys(DEAD, 401), Role.KEY_READ: 403}, **rest)


def nobodys(**rest: Any) -> Line:
    """Of a person, of whom it is not: an id that nobody of these has."""
    return Line({**dict.fromkeys(Role, 404), **own_account().refused}, **rest)


def staff_only(**rest: Any) -> Line:
    people = (Role.STRANGER, Role.VIEWER, Role.EDITOR, Role.OWNER, Role.KEY_READ)
    return Line({**dict.fromkeys(DEAD, 401), **dict.fromkeys(people, 403)}, **rest)


# Pages lead to the sign-in; a program's key is no login of a person.
NOT_IN = (*DEAD, Role.KEY_READ)


def page_open(**rest: Any) -> Line:
    return Line(**{"served": (200, 302), **rest})


def page(**rest: Any) -> Line:
    return Line(dict.fromkeys(NOT_IN, 302), **rest)


def page_of_team(**rest: Any) -> Line:
    return Line({**page().refused, Role.STRANGER: 404, Role.STAFF: 404}, **rest)


def page_writes(**rest: Any) -> Line:
    return Line({**page_of_team().refused, Role.VIEWER: 403}, **rest)


def page_of_owners(**rest: Any) -> Line:
    return Line({**page_writes().refused, Role.EDITOR: 403}, **rest)


def _master_data(name: str, body: dict[str, Any]) -> dict[str, Line]:
    return {
        f"GET /api/v1/{name}": signed_in(),
        f"POST /api/v1/{name}": staff_only(body=body),
        f"GET /api/v1/{name}/{{pk}}": signed_in(),
        f"PUT /api/v1/{name}/{{pk}}": staff_only(body=body, served=(200, 409)),
        f"PATCH /api/v1/{name}/{{pk}}": staff_only(body={}),
        f"DELETE /api/v1/{name}/{{pk}}": staff_only(served=(204, 409)),
    }


_FIGURE = {"source": "a test", "confidence": "derived"}

_ACCOUNT_OPEN = (
    "register", "register/resend", "register/confirm", "password/reset", "password/reset/confirm", "email/confirm",
)  # fmt: skip
_ACCOUNT_OWN = (
    "account", "account/password", "account/email", "account/sessions", "account/keys", "account/delete",
    "teams", "projects/new",
)  # fmt: skip
_TEAM_SEES = (
    "projects/{project_id}", "projects/{project_id}/cards", "projects/{project_id}/comparison", "scenarios/{pk}",
    "scenarios/{pk}/run", "scenarios/{pk}/result", "scenarios/{pk}/result/cash-flow.csv", "scenarios/{pk}/trace/{kpi}",
    "scenarios/{pk}/history", "teams/{team_id}",
)  # fmt: skip
_TEAM_SENDS = (
    "projects/{project_id}/edit", "projects/{project_id}/calculate", "projects/{project_id}/copy",
    "projects/{project_id}/delete", "projects/{project_id}/scenarios/new", "scenarios/{pk}", "scenarios/{pk}/name",
    "scenarios/{pk}/copy", "scenarios/{pk}/delete", "scenarios/{pk}/preview", "scenarios/{pk}/place",
    "scenarios/{pk}/start", "scenarios/{pk}/stop",
)  # fmt: skip
# Forms that only those see who may send them.
_TEAM_FORMS = (
    "projects/{project_id}/edit", "projects/{project_id}/delete", "projects/{project_id}/scenarios/new",
    "scenarios/{pk}/delete",
)  # fmt: skip
_EVERYBODY_SEES = (
    "master-data", "master-data/{section}", "master-data/{section}/{key}", "master-data/{section}/{key}/history",
    "projects", "workers/banner",
)  # fmt: skip

LINES: dict[str, Line] = {
    # projects and scenarios
    "GET /api/v1/projects": signed_in(),
    "POST /api/v1/projects": signed_in_writes(body={"name": "New"}),
    "GET /api/v1/projects/{pk}": team_reads(),
    "PUT /api/v1/projects/{pk}": team_writes(body={"name": "Other"}),
    "PATCH /api/v1/projects/{pk}": team_writes(body={"name": "Other"}),
    "DELETE /api/v1/projects/{pk}": team_writes(),
    "POST /api/v1/projects/{pk}/duplicate": team_writes(),
    "GET /api/v1/projects/{project_id}/members": team_reads(),
    "GET /api/v1/projects/{project_id}/comparison": team_reads(),
    "GET /api/v1/projects/{project_id}/scenarios": team_reads(),
    "POST /api/v1/projects/{project_id}/scenarios": team_writes(body={"name": "New"}),
    "GET /api/v1/scenarios/{pk}": team_reads(),
    "PUT /api/v1/scenarios/{pk}": team_writes(body={"name": "Other"}),
    "PATCH /api/v1/scenarios/{pk}": team_writes(body={"name": "Other"}),
    "DELETE /api/v1/scenarios/{pk}": team_writes(),
    "PATCH /api/v1/scenarios/{pk}/draft": team_writes(body={"inputs": {}}),
    "POST /api/v1/scenarios/{pk}/duplicate": team_writes(),
    "POST /api/v1/scenarios/{pk}/move": team_writes(body={"order": 0}),
    # Nothing is stored, so whoever may read may try.
    "POST /api/v1/scenarios/{pk}/preview": Line(
        {**team_reads().refused, Role.KEY_READ: 403}, body=lambda world: {"inputs": world.inputs}
    ),
    "POST /api/v1/scenarios/{pk}/calculate": team_writes(),
    "POST /api/v1/scenarios/{pk}/calculate/sync": team_writes(),
    "GET /api/v1/scenarios/{pk}/calculate/status": team_reads(),
    "POST /api/v1/scenarios/{pk}/calculate/cancel": team_writes(served=(202,), at={"scenarios": "waiting"}),
    "GET /api/v1/scenarios/{pk}/trace/{kpi}": team_reads(),
    "GET /api/v1/scenarios/{scenario_id}/calculations": team_reads(),
    "GET /api/v1/calculations/{pk}": team_reads(),
    "POST /api/v1/calculations/{pk}/cancel": team_writes(served=(202,), at={"calculations": "queued"}),
    "GET /api/v1/calculations/{pk}/diff/{other}": team_reads(),
    # master data
    "GET /api/v1/master-data": signed_in(),
    "GET /api/v1/master-data/fresh": signed_in(),
    "GET /api/v1/master-data/defaults": signed_in(
        query="?process=HEFA-SPK&feedstock=Used%20cooking%20oil&country=MYS"
    ),
    "GET /api/v1/units": signed_in(),
    **_master_data("process-technologies", {"code": "NEW-SPK", "name": "New", "astmAnnex": "A9"}),
    **_master_data("feedstocks", {"code": "new", "name": "New"}),
    **_master_data("products", {"code": "new", "name": "New", "liquidFuel": True}),
    **_master_data("utilities", {"code": "new", "name": "New", "unit": "t"}),
    **_master_data("countries", {"code": "ZZZ", "name": "New"}),
    **_master_data("incentives", {"code": "new", "name": "New", "scheme": "A", "region": "B", "value": 1,
                                  "unit": "USD/gal", **_FIGURE}),
    **_master_data("corsia-values", {"pathway": "A", "feedstock": "B", "region": "Global", "core": 1.0, "year": 2025,
                                     "landUseChangeSource": "a test", "landUseChangeConfidence": "derived",
                                     **_FIGURE}),
    "GET /api/v1/carbon-factors": signed_in(),
    "GET /api/v1/carbon-factors/{pk}": signed_in(),
    # accounts
    "POST /api/v1/auth/register": open_to_all(
        body={"email": "new@example.com", "password": "a long walk in the snow", "name": "New"}
    ),
    "POST /api/v1/auth/verify-email": open_to_all(body={"token": "wrong"}, served=(400,)),
    "POST /api/v1/auth/resend-verification": open_to_all(body={"email": "nobody@example.com"}),
    "POST /api/v1/auth/login": open_to_all(body=lambda world: world.login),
    "POST /api/v1/auth/refresh": open_to_all(body=lambda world: {"refreshToken": world.refresh}),
    # Who has the refresh token may end it, without any other login.
    "POST /api/v1/auth/logout": Line(
        {Role.REVOKED: 401, Role.EXPIRED: 401, Role.KEY_READ: 403},
        body=lambda world: {"refreshToken": world.refresh},
    ),
    "POST /api/v1/auth/logout/all": own_account(),
    "POST /api/v1/auth/password/change": own_account(body={"currentPassword": "wrong", "newPassword": "x"},
                                                     served=(400,)),
    "POST /api/v1/auth/password/reset": open_to_all(body={"email": "nobody@example.com"}),
    "POST /api/v1/auth/password/reset/confirm": open_to_all(body={"token": "wrong", "password": "x"}, served=(400,)),
    "POST /api/v1/auth/email": own_account(body={"email": "other@example.com", "password": "wrong"}, served=(400,)),
    "POST /api/v1/auth/email/confirm": open_to_all(body={"token": "wrong"}, served=(400,)),
    "GET /api/v1/auth/me": signed_in(),
    "PATCH /api/v1/auth/me": signed_in_writes(body={"name": "Other"}),
    "GET /api/v1/auth/sessions": own_account(),
    "GET /api/v1/auth/sessions/{pk}": nobodys(),
    "DELETE /api/v1/auth/sessions/{pk}": nobodys(),
    "GET /api/v1/auth/api-keys": own_account(),
    "POST /api/v1/auth/api-keys": own_account(body={"name": "New"}),
    "GET /api/v1/auth/api-keys/{pk}": nobodys(),
    "DELETE /api/v1/auth/api-keys/{pk}": nobodys(),
    "GET /api/v1/auth/me/deletion": own_account(),
    "POST /api/v1/auth/me/deletion": own_account(body={"password": "wrong"}, served=(400,)),
    # teams
    "GET /api/v1/teams": signed_in(),
    "POST /api/v1/teams": signed_in_writes(body={"name": "New"}),
    "GET /api/v1/teams/{pk}": team_reads(),
    "PATCH /api/v1/teams/{pk}": owner_writes(body={"name": "Other"}),
    "DELETE /api/v1/teams/{pk}": owner_writes(served=(409,)),
    # Every member, but for the last owner.
    "POST /api/v1/teams/{pk}/leave": Line({**team_reads().refused, Role.KEY_READ: 403}, served=(204, 409)),
    "POST /api/v1/teams/{pk}/hand-over": owner_writes(body=lambda world: {"member": world.ids["members"]}),
    "GET /api/v1/teams/{team_id}/members": team_reads(),
    "PATCH /api/v1/teams/{team_id}/members/{user_id}": owner_writes(body={"role": "editor"}),
    "DELETE /api/v1/teams/{team_id}/members/{user_id}": owner_writes(),
    "GET /api/v1/teams/{team_id}/invitations": owner_reads(),
    "POST /api/v1/teams/{team_id}/invitations": owner_writes(body={"email": "new@example.com", "role": "viewer"}),
    "GET /api/v1/teams/{team_id}/invitations/{pk}": owner_reads(),
    "DELETE /api/v1/teams/{team_id}/invitations/{pk}": owner_writes(),
    "POST /api/v1/teams/{team_id}/invitations/{pk}/resend": owner_writes(served=(200, 429)),
    "POST /api/v1/invitations/accept": signed_in_writes(body={"token": "wrong"}, served=(400, 404)),
    "GET /api/v1/teams/{team_id}/audit": owner_reads(),
    "GET /api/v1/projects/{project_id}/audit": owner_reads(),
    # share links
    "GET /api/v1/projects/{project_id}/share-links": writer_reads(),
    "POST /api/v1/projects/{project_id}/share-links": team_writes(
        body=lambda world: {"name": "New", "expiresAt": world.soon}
    ),
    "GET /api/v1/projects/{project_id}/share-links/{pk}": writer_reads(),
    "DELETE /api/v1/projects/{project_id}/share-links/{pk}": team_writes(),
    # The link is what lets in, whoever brings it.
    "GET /api/v1/shared/{token}": open_to_all(),
    # operation
    "GET /api/v1/": signed_in(),
    "GET /api/v1": signed_in(),
    "GET /api/v1/cache/status": staff_only(),
    "POST /api/v1/cache/invalidate": staff_only(body={}),
    "GET /api/schema": open_to_all(),
    "GET /api/docs": open_to_all(),
    "GET /health/live": open_to_all(),
    "GET /health/ready": open_to_all(served=(200, 503)),
    "GET /health/db": open_to_all(),
    "GET /metrics": open_to_all(),
    # pages
    "GET /login": page_open(),
    "POST /login": page_open(),
    "GET /logout": page_open(),
    "POST /logout": page_open(),
    "POST /currency": page_open(served=(302,)),
    "GET /": page(served=(302,)),
    "GET /api": page_open(),
    **{f"GET /{name}": page() for name in _EVERYBODY_SEES},
    "POST /projects/example": page(served=(302,)),
    **{f"GET /{name}": page_of_team() for name in _TEAM_SEES},
    **{f"GET /{name}": page_writes() for name in _TEAM_FORMS},
    **{f"POST /{name}": page_writes(served=(200, 204, 302, 400, 422)) for name in _TEAM_SENDS},
    # Of a run that is named; of none there is none.
    "POST /scenarios/{pk}/history": page_writes(served=(404,)),
    # Tells whom it is for, and to sign in.
    "GET /invitation": page_open(),
    "POST /invitation": page_open(),
    "POST /teams/{team_id}": page_of_owners(body={"do": "rename", "name": "Other"}, served=(302,)),
    "GET /teams/{team_id}/audit": page_of_owners(),
    "GET /projects/{project_id}/audit": page_of_owners(),
    "GET /projects/{project_id}/move": page_of_owners(),
    "POST /projects/{project_id}/move": page_of_owners(served=(412,)),
    "GET /projects/{project_id}/shares": page_writes(),
    "POST /projects/{project_id}/shares": page_writes(body={"name": "New", "days": "7"}, served=(201,)),
    "GET /shared/{token}": page_open(),
    **{f"{method} /{name}": page_open() for method in ("GET", "POST") for name in _ACCOUNT_OPEN},
    **{f"{method} /{name}": page(served=(200, 302, 422)) for method in ("GET", "POST") for name in _ACCOUNT_OWN},
}  # fmt: skip
