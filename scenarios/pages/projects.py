"""The list of projects, and what is done with one of them there."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url, replace_url

from accounts.choices import Kind
from accounts.models import User
from accounts.services import personal_team
from config.http.pages import htmx_of
from projects import services
from projects.choices import Stage
from projects.models import Project, TeamProjects
from projects.querysets import ProjectQuerySet
from scenarios.models import Calculation, Scenario
from scenarios.pages.access import user_of, writable_project
from scenarios.pages.project_forms import NewProjectForm
from scenarios.services import example_create

PAGE_SIZE = 20
LONGEST_SEARCH = 200
ORDERS = {
    "changed": ("Last changed", "-changed_at"),
    "name": ("Name", "name"),
    "created": ("Newest", "-created_at"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; what nobody can have meant is left out, and the list is then not narrowed by it."""

    search: str = ""
    stage: str = ""
    team: str = ""
    order: str = "changed"
    page: int = 1

    @classmethod
    def of(cls, request: HttpRequest, teams: list[Any]) -> "Asked":
        query = request.GET
        stage, team, order, page = (query.get(name, "") for name in ("stage", "team", "order", "page"))
        return cls(
            search=query.get("search", "").replace("\0", "").strip()[:LONGEST_SEARCH],
            stage=stage if stage in Stage.values else "",
            team=team if team in {str(one.pk) for one in teams} else "",
            order=order if order in ORDERS else "changed",
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 10 else 1,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.stage or self.team)

    def rows(self, projects: QuerySet[Project]) -> QuerySet[Project]:
        for word in self.search.split():
            projects = projects.filter(name__icontains=word)
        if self.stage:
            projects = projects.filter(stage=self.stage)
        if self.team:
            projects = projects.filter(team=UUID(self.team))
        return projects.order_by(ORDERS[self.order][1], "pk")

    def query(self, page: int = 1) -> str:
        """The shortest query string that asks for the same, at ``page``."""
        given = {"search": self.search, "stage": self.stage, "team": self.team}
        given |= {"order": self.order if self.order != "changed" else "", "page": str(page) if page > 1 else ""}
        told = urlencode({name: value for name, value in given.items() if value})
        return f"?{told}" if told else ""


@login_required
@require_GET
@vary_on_headers("HX-Request")
def projects_page(request: HttpRequest) -> HttpResponse:
    """The projects of the user's teams, narrowed, in order, a page at a time, each with its last result."""
    teams = list(user_of(request).my_teams())
    asked = Asked.of(request, teams)
    page = _Pages(user_of(request), asked).get_page(asked.page)
    context = {
        "section": "projects",
        "asked": asked,
        "page": page,
        "cards": _with_results(page),
        "older": asked.query(page.number + 1) if page.has_next() else "",
        "newer": (asked.query(page.number - 1) or "?") if page.has_previous() else "",
        "teams": teams,
        "stages": Stage.choices,
        "orders": [(key, label) for key, (label, _) in ORDERS.items()],
    }
    htmx = htmx_of(request)
    if not htmx:
        return render(request, "scenarios/projects/page.html", context)
    answer = render(request, "scenarios/projects/list.html", context)
    address = request.path + asked.query(page.number)
    if address == htmx.current_url_abs_path:
        return answer
    # Going back leads to the list before, not through every letter that was typed.
    return replace_url(answer, address) if htmx.trigger_name == "search" else push_url(answer, address)


class _Pages(Paginator):
    """The pages of what ``user`` is shown of a list that is ``asked`` for.

    Neither the first page nor the number of them should take longer for every project there is: unless names are
    searched, that is 4 of 6 ms for 10,000 projects of 50 teams.
    """

    def __init__(self, user: User, asked: Asked) -> None:
        rows = asked.rows(Project.objects.visible_to(user).for_list().with_changer(Kind.PROJECT, Kind.SCENARIO))
        if asked.page == 1 and not asked.search and not asked.team:
            wanted = asked.rows(Project.objects.all())
            rows = cast(ProjectQuerySet, rows).first_of_teams(wanted, user, stop=PAGE_SIZE)
        super().__init__(rows, PAGE_SIZE)
        self.user, self.asked = user, asked

    @cached_property
    def count(self) -> int:
        asked = self.asked
        if asked.search:
            return super().count
        team = UUID(asked.team) if asked.team else None
        return TeamProjects.objects.visible_count(self.user, team=team, stage=asked.stage or None)


def _with_results(page: Page) -> list[dict[str, Any]]:
    """The projects of a page, each with the scenario calculated last and the number of its scenarios; one query."""
    newest = {found.project_id: found for found in Scenario.objects.newest_of([project.pk for project in page])}
    return [
        {
            "project": project,
            "scenario": newest.get(project.pk),
            "result": newest[project.pk].calculated if project.pk in newest else None,
        }
        for project in page
    ]


@login_required
@require_http_methods(["GET", "POST"])
def new_project_page(request: HttpRequest) -> HttpResponse:
    """A form for a project; it leads on to the project's first scenario."""
    user = user_of(request)
    if request.method == "GET":
        form = NewProjectForm(user=user, initial={"team": personal_team(user)})
        return render(request, "scenarios/projects/new.html", {"form": form, "section": "projects"})
    form = NewProjectForm(request.POST, user=user)
    if not form.is_valid():
        return render(request, "scenarios/projects/new.html", {"form": form, "section": "projects"}, status=422)
    project = services.project_create(user=user, **form.cleaned_data)
    return redirect("scenario-new", project.pk)


@login_required
@require_POST
def example_start(request: HttpRequest) -> HttpResponse:
    """The HEFA example in the user's own team, opened where its inputs are."""
    user = user_of(request)
    scenario = example_create(user=user, team=personal_team(user))
    return redirect("scenario", scenario.pk)


@login_required
@require_POST
def project_copy(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """A copy with all scenarios, which are to be calculated anew."""
    project = writable_project(request, project_id)
    copy = services.project_duplicate(project=project, user=user_of(request), team=project.team)
    messages.success(request, f"“{project.name}” was copied with its scenarios; calculate them to get their results.")
    return redirect("project", copy.pk)


@login_required
@require_http_methods(["GET", "POST"])
def project_remove_page(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Says what goes with a project, and deletes it once its name has been typed: there is no way back."""
    if request.method == "GET":
        project = writable_project(request, project_id)
        return _remove_page(request, project)
    with transaction.atomic():
        project = writable_project(request, project_id, is_locked=True)
        if request.POST.get("name", "").strip() != project.name.strip():
            return _remove_page(request, project, fault="This is not the name of the project.", status=422)
        services.project_delete(project=project)
    messages.success(request, f"“{project.name}” was deleted.")
    return redirect("projects")


def _remove_page(request: HttpRequest, project: Project, *, fault: str = "", status: int = 200) -> HttpResponse:
    context = {
        "project": project,
        "scenario_count": Scenario.objects.filter(project=project).count(),
        "run_count": Calculation.objects.filter(scenario__project=project).count(),
        "fault": fault,
        "section": "projects",
    }
    return render(request, "scenarios/projects/remove.html", context, status=status)
