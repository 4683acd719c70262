from django.urls import path

from projects.pages import ProjectAuditPage

urlpatterns = [
    path("projects/<uuid:project_id>/audit", ProjectAuditPage.as_view(), name="project-audit-page"),
]
