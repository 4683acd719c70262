"""Every address of the product."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from accounts.pages.sessions import SignOutPage
from config.cache.api import CacheInvalidateView, CacheStatusView
from config.http.openapi import DescriptionView
from config.http.root import RootView
from config.operations.cache import ROUTE as CACHE_PAGE
from config.operations.cache import cache_page

# One view for both spellings of its address, or it would stand twice in the path that browsable pages show.
api_root = RootView.as_view()

api_v1: list[URLPattern | URLResolver] = [
    # Tried in this order: those asked for most come first.
    path("", include("projects.api.urls")),
    path("", include("scenarios.api.urls")),
    path("", include("masterdata.api.urls")),
    path("", include("accounts.api.urls")),
    path("", api_root),
    path("cache/status", CacheStatusView.as_view(), name="cache-status"),
    path("cache/invalidate", CacheInvalidateView.as_view(), name="cache-invalidate"),
]

admin.site.site_header = admin.site.site_title = "SAFAPAC"
admin.site.index_template = "operations/index.html"
admin.site.index_title = "Master data, projects and people"

urlpatterns = [
    path("api/v1/", include(api_v1)),
    # The address that the launcher prints and the error pages lead to.
    path("", login_required(RedirectView.as_view(pattern_name="projects"))),
    path("", include("config.health.urls")),
    path("", include("accounts.urls")),
    path("", include("projects.urls")),
    path("", include("masterdata.urls")),
    path("", include("scenarios.urls")),
    path("api", RedirectView.as_view(url="/api/v1/")),
    path("api/v1", api_root, name="api-root"),
    path("api/schema", DescriptionView.as_view(), name="schema"),
    path(
        "api/docs",
        SpectacularSwaggerSplitView.as_view(
            url_name="schema",
            permission_classes=[AllowAny],
            authentication_classes=[],
            # What its class says of itself has no page to stand on.
            http_method_names=["get", "head"],
        ),
        name="docs",
    ),
    # One way in and out for people, with one brute-force limit and one list of devices.
    path("admin/login/", RedirectView.as_view(pattern_name="session-login", query_string=True)),
    path("admin/logout/", SignOutPage.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account-password")),
    path("admin/cache/", admin.site.admin_view(cache_page), name=CACHE_PAGE),
    path("admin/", admin.site.urls),
]

handler400 = "config.http.problems.handler400"
handler403 = "config.http.problems.handler403"
handler404 = "config.http.problems.handler404"
handler500 = "config.http.problems.handler500"
