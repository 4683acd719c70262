"""Health and metrics, at the root: who asks them knows no API version."""

from django.urls import path

from config.health import views

urlpatterns = [
    path("health/live", views.live, name="health-live"),
    path("health/ready", views.ready, name="health-ready"),
    path("health/db", views.database, name="health-db"),
    path("metrics", views.prometheus, name="metrics"),
]
