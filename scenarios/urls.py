from django.urls import path

from scenarios.pages import editor
from scenarios.pages.projects import projects_page

urlpatterns = [
    path("projects", projects_page, name="projects"),
    path("scenarios/<uuid:pk>", editor.scenario_page, name="scenario"),
    path("scenarios/<uuid:pk>/run", editor.scenario_run, name="scenario-page-run"),
    path("scenarios/<uuid:pk>/name", editor.scenario_rename, name="scenario-page-name"),
    path("scenarios/<uuid:pk>/copy", editor.scenario_copy, name="scenario-page-copy"),
    path("scenarios/<uuid:pk>/delete", editor.scenario_remove, name="scenario-page-delete"),
]
