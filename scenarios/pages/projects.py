"""The list of projects, and what is done with one of them there."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods


@login_required
@require_http_methods(["GET"])
def projects_page(request: HttpRequest) -> HttpResponse:
    """The projects of the user's teams."""
    return render(request, "scenarios/projects.html", {"section": "projects"})
