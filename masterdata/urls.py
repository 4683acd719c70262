from django.urls import path

from masterdata.pages import browsing
from masterdata.pages.currency import choose_currency

urlpatterns = [
    path("currency", choose_currency, name="currency"),
    path("master-data", browsing.index_page, name="master-data-pages"),
    path("master-data/<slug:section>", browsing.section_page, name="master-data-section"),
    path("master-data/<slug:section>/<str:key>", browsing.record_page, name="master-data-record"),
    path("master-data/<slug:section>/<str:key>/history", browsing.history_page, name="master-data-history"),
]
