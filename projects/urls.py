from django.urls import path

from projects.pages import ProjectAuditPage, SharingPage

urlpatterns = [
    path("projects/<uuid:project_id>/sharing", SharingPage.as_view(), name="project-sharing"),
    path("projects/<uuid:project_id>/audit", ProjectAuditPage.as_view(), name="project-audit-page"),
]
