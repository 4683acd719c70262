"""Every page of the product by name, for `make screenshots` and for whoever wants to open one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse

from tests.browser.house import House
from tests.browser.people import Person


@dataclass(frozen=True)
class Sight:
    """A page: the name of its address, what to put into it from ``Scene``, and who looks."""

    view: str
    fills: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    name: str = ""
    signed_in: bool = True

    @property
    def file(self) -> str:
        return self.name or self.view

    def path(self, scene: Mapping[str, Any]) -> str | None:
        """Its address with the ids of ``scene``, or None where there is no such page."""
        try:
            address = reverse(self.view, kwargs={name: scene[key] for name, key in self.fills.items()})
        except NoReverseMatch:
            return None
        return address + self.query.format(**scene)


SIGHTS = (
    Sight("session-login", signed_in=False),
    Sight("account-register", signed_in=False),
    Sight("account-resend", signed_in=False),
    Sight("account-verify", signed_in=False),
    Sight("account-reset", signed_in=False),
    Sight("account-reset-confirm", signed_in=False),
    Sight("account-email-confirm", signed_in=False),
    Sight("session-logout"),
    Sight("account"),
    Sight("account-password"),
    Sight("account-email"),
    Sight("account-sessions"),
    Sight("account-keys"),
    Sight("account-delete"),
    Sight("invitation"),
    Sight("teams"),
    Sight("team", {"team_id": "team"}),
    Sight("team-audit-page", {"team_id": "team"}),
    Sight("projects"),
    Sight("projects", query="?search=nowhere", name="projects-nothing-found"),
    Sight("project-new"),
    Sight("project", {"project_id": "project"}),
    Sight("project", {"project_id": "empty"}, name="project-empty"),
    Sight("project-edit", {"project_id": "project"}),
    Sight("project-remove", {"project_id": "project"}),
    Sight("project-move", {"project_id": "project"}),
    Sight("project-compare", {"project_id": "project"}, query="?differences=1"),
    Sight("scenario-new", {"project_id": "project"}),
    Sight("scenario-page-delete", {"pk": "scenario"}),
    Sight("scenario", {"pk": "scenario"}),
    Sight("scenario", {"pk": "draft"}, name="scenario-draft"),
    Sight("scenario-result", {"pk": "scenario"}),
    Sight("scenario-result", {"pk": "draft"}, name="scenario-result-none"),
    Sight("scenario-trace", {"pk": "scenario", "kpi": "kpi"}),
    Sight("scenario-trace", {"pk": "scenario", "kpi": "kpi"}, query="?all=1", name="scenario-trace-whole"),
    Sight("scenario-history", {"pk": "scenario"}),
    Sight("master-data-pages"),
    Sight("master-data-pages", query="?q=jet+price", name="master-data-search"),
    Sight("master-data-section", {"section": "feedstocks_section"}, name="master-data-section"),
    Sight("master-data-section", {"section": "depreciation_section"}, name="master-data-depreciation"),
    Sight("master-data-record", {"section": "designs_section", "key": "design"}),
    Sight("master-data-history", {"section": "designs_section", "key": "design"}),
    Sight("project-audit", {"project_id": "project"}),
    Sight("project-shares", {"project_id": "project"}),
    Sight("shared-page", {"token": "token"}, signed_in=False),
)
# What is there without anybody making it.
SCENERY = {
    "feedstocks_section": "feedstocks",
    "depreciation_section": "depreciation",
    "designs_section": "designs",
    "design": "HEFA-SPK.used-cooking-oil",
}
# Addresses that can be opened and are no page: parts of one.
NOT_SEEN = frozenset({"scenario-cash-flow", "scenario-page-run", "project-cards", "worker-banner"})


def scene(house: House, person: Person) -> dict[str, Any]:
    """What there is to be seen: a team of two, and its HEFA example with three scenarios, calculated."""
    ben = house.new_person(name="Ben")
    team = house.new_team("Kerteh engineering", owner=person, viewer=ben)
    project = person.project("HEFA from used cooking oil, Malaysia", team=team)
    base = person.scenario(project, "Base case, 500 kt/y")
    person.scenario(project, "Smaller plant, 250 kt/y", plant={"capacity": 250_000})
    dearer = [{"feedstock": "Used cooking oil", "price": 1200}]
    person.scenario(project, "Dearer feedstock, 1,200 USD/t", feedstocks=dearer)
    draft = person.scenario(project, "Not calculated yet", calculated=False)
    empty = person.project("Alcohol to jet, Brazil")
    person.ask("PATCH", f"scenarios/{draft}/draft", {"inputs": {"finance": {"discountRate": 0.08}}})
    read_only = ben.project("Read by others", team=house.new_team("Rotterdam", owner=ben, viewer=person))
    made = {
        "read_only": read_only,
        "team": team,
        "project": project,
        "empty": empty,
        "scenario": base,
        "draft": draft,
        "token": person.share_link(project)["token"],
    }
    return {**made, "kpi": "lcop", **SCENERY}
