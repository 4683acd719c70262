from django.urls import path

from config.http.routers import router
from projects.api.audit import ProjectAuditViewSet
from projects.api.sharing import ShareLinkViewSet
from projects.api.views import ProjectMemberViewSet, ProjectViewSet

projects = router()
projects.register("projects", ProjectViewSet)

urlpatterns = [
    path(
        "projects/<uuid:project_id>/members", ProjectMemberViewSet.as_view({"get": "list"}), name="project-member-list"
    ),
    path(
        "projects/<uuid:project_id>/share-links",
        ShareLinkViewSet.as_view({"get": "list", "post": "create"}),
        name="share-link-list",
    ),
    path(
        "projects/<uuid:project_id>/share-links/<uuid:pk>",
        ShareLinkViewSet.as_view({"get": "retrieve", "delete": "destroy"}, detail=True),
        name="share-link-detail",
    ),
    path("projects/<uuid:project_id>/audit", ProjectAuditViewSet.as_view({"get": "list"}), name="project-audit-list"),
    *projects.urls,
]
