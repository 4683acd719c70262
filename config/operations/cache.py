"""The cache as operators look at it when users say that it is slow, or that something shown is old."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from redis.exceptions import RedisError

from config.cache import answers, status, versions
from config.cache.answers import kind_tag

ROUTE = "operations-cache"
ALL = "all"


def cache_page(request: HttpRequest) -> HttpResponse:
    """What is found and kept, by name. A POST has the answers of one name, or all, made anew, once confirmed."""
    if request.method == "POST":
        return _invalidate(request, request.POST.get("name", ""))
    context = {**admin.site.each_context(request), "title": "Cache", **_context(), "all": ALL}
    return TemplateResponse(request, "operations/cache.html", context)


def _context() -> dict[str, Any]:
    """What is shown; without the cache only what this process knows by itself."""
    known = {"own": answers.own(), "away_since": versions.away_since()}
    try:
        return known | {"report": status.report(), "server": status.server()}
    except RedisError:
        return known | {"does_not_answer": True}


def _invalidate(request: HttpRequest, name: str) -> HttpResponse:
    if name != ALL and name not in answers.KINDS:
        raise Http404
    what = "All answers" if name == ALL else f"The answers called {name}"
    if "confirmed" not in request.POST:
        context = {**admin.site.each_context(request), "title": "Are you sure?", "name": name, "what": what}
        return TemplateResponse(request, "operations/cache_confirm.html", context)
    if name == ALL:
        versions.replace_all()
    else:
        versions.replace(kind_tag(name))
    if versions.is_relied_on():
        messages.success(request, f"{what} are made anew when they are next asked for.")
    else:
        messages.warning(request, "The cache does not answer. It begins anew by itself once it does.")
    return HttpResponseRedirect(reverse(ROUTE))
