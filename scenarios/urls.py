from django.urls import path

from scenarios.pages.projects import projects_page

urlpatterns = [
    path("projects", projects_page, name="projects"),
]
