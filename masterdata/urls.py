from django.urls import path

from masterdata.pages import choose_currency

urlpatterns = [
    path("currency", choose_currency, name="currency"),
]
