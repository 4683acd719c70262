from django.urls import URLPattern, path

from config.http.routers import router
from scenarios.api.views import CalculationViewSet, ComparisonView, ScenarioViewSet, SharedView, UnitsView

scenarios = router()
scenarios.register("scenarios", ScenarioViewSet)
scenarios.register("calculations", CalculationViewSet)

# A calculation has no route of its own for lists: it stands under its scenario.
details = [
    route
    for route in scenarios.urls
    if isinstance(route, URLPattern) and route.name not in {"scenario-list", "calculation-list"}
]

urlpatterns = [
    path("units", UnitsView.as_view(), name="unit-list"),
    path("shared/<str:token>", SharedView.as_view(), name="shared"),
    path("projects/<uuid:project_id>/comparison", ComparisonView.as_view(), name="project-comparison"),
    path(
        "projects/<uuid:project_id>/scenarios",
        ScenarioViewSet.as_view({"get": "list", "post": "create"}, basename="scenario"),
        name="scenario-list",
    ),
    path(
        "scenarios/<uuid:scenario_id>/calculations",
        CalculationViewSet.as_view({"get": "list"}),
        name="calculation-list",
    ),
    *details,
]
