from django.urls import path

from scenarios.pages import comparison, editor, history, moving, project, projects, result, scenarios, trace, workers
from scenarios.pages.shared import shared_page

urlpatterns = [
    path("shared/<str:token>", shared_page, name="shared-page"),
    path("workers/banner", workers.worker_banner, name="worker-banner"),
    path("projects", projects.projects_page, name="projects"),
    path("projects/new", projects.new_project_page, name="project-new"),
    path("projects/example", projects.example_start, name="project-example"),
    path("projects/<uuid:project_id>", project.project_page, name="project"),
    path("projects/<uuid:project_id>/edit", project.project_edit, name="project-edit"),
    path("projects/<uuid:project_id>/cards", project.project_cards, name="project-cards"),
    path("projects/<uuid:project_id>/calculate", project.project_calculate, name="project-calculate"),
    path("projects/<uuid:project_id>/comparison", comparison.comparison_page, name="project-compare"),
    path("projects/<uuid:project_id>/copy", projects.project_copy, name="project-copy"),
    path("projects/<uuid:project_id>/move", moving.project_move_page, name="project-move"),
    path("projects/<uuid:project_id>/delete", projects.project_remove_page, name="project-remove"),
    path("projects/<uuid:project_id>/scenarios/new", scenarios.new_scenario_page, name="scenario-new"),
    path("scenarios/<uuid:pk>", editor.scenario_page, name="scenario"),
    path("scenarios/<uuid:pk>/preview", editor.scenario_preview, name="scenario-page-preview"),
    path("scenarios/<uuid:pk>/run", editor.scenario_run, name="scenario-page-run"),
    path("scenarios/<uuid:pk>/name", editor.scenario_rename, name="scenario-page-name"),
    path("scenarios/<uuid:pk>/copy", editor.scenario_copy, name="scenario-page-copy"),
    path("scenarios/<uuid:pk>/delete", scenarios.scenario_remove_page, name="scenario-page-delete"),
    path("scenarios/<uuid:pk>/place", scenarios.scenario_place, name="scenario-place"),
    path("scenarios/<uuid:pk>/start", scenarios.scenario_start, name="scenario-start"),
    path("scenarios/<uuid:pk>/stop", scenarios.scenario_stop, name="scenario-stop"),
    path("scenarios/<uuid:pk>/result", result.result_page, name="scenario-result"),
    path("scenarios/<uuid:pk>/result/cash-flow.csv", result.cash_flow_csv, name="scenario-cash-flow"),
    path("scenarios/<uuid:pk>/trace/<slug:kpi>", trace.trace_page, name="scenario-trace"),
    path("scenarios/<uuid:pk>/history", history.history_page, name="scenario-history"),
]
