"""A project as a share link shows it, to whoever has the link."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.cached import CachedMixin
from config.http.conditional import ConditionalMixin
from projects.caching import project_tag
from projects.models import Project
from scenarios import services
from scenarios.access import UNTOLD, shared_project
from scenarios.api.errors import EngineErrorsMixin
from scenarios.caching import scenarios_tag

_TOKEN = OpenApiParameter(
    "token", {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}, OpenApiParameter.PATH, description="Of the link."
)


class SharedView(CachedMixin, ConditionalMixin, EngineErrorsMixin):
    """Whether the link is good is asked of the database each time; what it shows may be kept."""

    permission_classes = [AllowAny]
    authentication_classes = []
    cache_name = "shared"
    is_shared = True
    project: Project | None = None

    def cache_tags(self) -> tuple[str, ...]:
        return (project_tag(self.project.pk), scenarios_tag(self.project.pk)) if self.project else ()

    @extend_schema(parameters=[_TOKEN], responses=OpenApiTypes.OBJECT, auth=[])
    def get(self, request: Request, token: str) -> Response | HttpResponse:
        """A project, its scenarios with their results, and these side by side, to whoever has a link to it."""
        self.project = project = shared_project(token)
        # Read anew within: what was read before the versions may be older than they are.
        return self.cached(request, lambda: Response(services.project_shown(project_id=project.pk)))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in UNTOLD.items():
            response.headers[name] = value
        return response
