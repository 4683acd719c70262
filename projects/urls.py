from django.urls import path

from projects.pages import ProjectAuditPage, SharingPage

urlpatterns = [
    path("projects/<uuid:project_id>/shares", SharingPage.as_view(), name="project-shares"),
    path("projects/<uuid:project_id>/audit", ProjectAuditPage.as_view(), name="project-audit"),
]
