from django.urls import path

from config.http.routers import router
from masterdata.api import views

lists = router()
lists.register("process-technologies", views.ProcessTechnologyViewSet, basename="process-technology")
lists.register("feedstocks", views.FeedstockViewSet)
lists.register("products", views.ProductViewSet)
lists.register("utilities", views.UtilityViewSet)
lists.register("countries", views.CountryViewSet)
lists.register("incentives", views.IncentiveViewSet)
lists.register("corsia-values", views.CorsiaValueViewSet, basename="corsia-value")
lists.register("carbon-factors", views.CarbonFactorViewSet, basename="carbon-factor")

urlpatterns = [
    path("master-data", views.MasterDataView.as_view(), name="master-data"),
    path("master-data/fresh", views.FreshMasterDataView.as_view(), name="master-data-fresh"),
    path("master-data/defaults", views.DefaultsView.as_view(), name="master-data-defaults"),
    *lists.urls,
]
