from django.urls import path

from config.http.routers import router
from projects.api.audit import ProjectAuditViewSet
from projects.api.views import ProjectMemberViewSet, ProjectViewSet

projects = router()
projects.register("projects", ProjectViewSet)

urlpatterns = [
    path(
        "projects/<uuid:project_id>/members", ProjectMemberViewSet.as_view({"get": "list"}), name="project-member-list"
    ),
    path("projects/<uuid:project_id>/audit", ProjectAuditViewSet.as_view({"get": "list"}), name="project-audit"),
    *projects.urls,
]
