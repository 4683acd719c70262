"""Scenarios of a project as cards, and how those that are being calculated are kept up to date."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from masterdata.catalogue import Catalogue, current
from projects.models import Project
from scenarios.choices import ScenarioStatus
from scenarios.models import Scenario
from scenarios.pages import kpis
from scenarios.pages.access import may_write
from scenarios.services import Progress, calculations_progress

# Cards of one page; further ones are on the next.
PAGE_SIZE = 24


@dataclass(frozen=True, slots=True)
class Card:
    """A scenario with what is shown of it; ``progress`` while it is being calculated."""

    scenario: Scenario
    pathway: str
    feedstock: str
    country: str
    figures: list[kpis.Card]
    progress: Progress | None

    @property
    def is_waiting(self) -> bool:
        return self.scenario.status == ScenarioStatus.CALCULATING

    @property
    def fault(self) -> str:
        """Why the last calculation came to nothing."""
        run = self.scenario.current
        return run.message if run is not None and self.scenario.status == ScenarioStatus.FAILED else ""


def cards_of(scenarios: Iterable[Scenario]) -> list[Card]:
    """Cards of scenarios in the shape ``for_cards``; one query for all progress, where there is any."""
    found = list(scenarios)
    waiting = [scenario.pk for scenario in found if scenario.status == ScenarioStatus.CALCULATING]
    progress = calculations_progress(scenarios=waiting) if waiting else {}
    catalogue = current()
    return [_card(scenario, catalogue, progress.get(scenario.pk)) for scenario in found]


def _card(scenario: Any, catalogue: Catalogue, progress: Progress | None) -> Card:
    pathway = catalogue.pathway(scenario.pathway or "")
    country = catalogue.country(scenario.country or "")
    result = scenario.calculated
    return Card(
        scenario=scenario,
        pathway=pathway.code if pathway else scenario.pathway or "",
        feedstock=_feedstock(scenario.feedstocks, pathway.code if pathway else "", catalogue),
        country=country.name if country else scenario.country or "",
        figures=kpis.headline_cards(result, scenario.reasons) if result else [],
        progress=progress,
    )


def _feedstock(given: Any, pathway: str, catalogue: Catalogue) -> str:
    """The feedstocks that inputs name, else the one of the design that serves as default."""
    items = given if isinstance(given, list) else []
    names = [str(item["feedstock"]) for item in items if isinstance(item, dict) and item.get("feedstock")]
    if names:
        records = [catalogue.feedstock(name) for name in names]
        return ", ".join(record.name if record else name for record, name in zip(records, names, strict=True))
    designs = (design.feedstock.name for design in catalogue.designs if design.pathway.code == pathway)
    return next(designs, "")


def cards_context(project: Project, cards: list[Card], waiting: Iterable[UUID], page: int) -> dict[str, Any]:
    """What the templates of cards need. ``waiting`` are the scenarios of ``page`` that are being calculated."""
    return {
        "project": project,
        "cards": cards,
        "may_write": may_write(project),
        "waiting": ",".join(map(str, waiting)),
        "page_number": page,
    }


def page_asked(text: str | None) -> int:
    """The number of a page of cards, 1 for what is none."""
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1


def cards_answer(request: HttpRequest, project: Project, shown: Iterable[UUID], page: int) -> HttpResponse:
    """The cards ``shown`` as they are now, to be put in place of those on the ``page``, and the clock that asks again.

    The clock names every scenario of the page that is being calculated; when none is, it stops.
    """
    scenarios = Scenario.objects.filter(project=project).order_by("order")
    cards = cards_of(scenarios.filter(pk__in=list(shown)).for_cards())
    on_page = scenarios.values_list("pk", "status")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    waiting = [key for key, status in on_page if status == ScenarioStatus.CALCULATING]
    return render(request, "scenarios/project/cards_changed.html", cards_context(project, cards, waiting, page))
