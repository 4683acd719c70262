"""Ways to change master data below the admin and the API, each of which must move the version."""

from django.db import connection

from masterdata import models as md


def save() -> None:
    figure = md.ProductFigure.objects.get(product__code="jet", parameter="price")
    figure.value = 2700
    figure.save()


def create() -> None:
    md.Feedstock.objects.create(code="camelina", name="Camelina oil")


def delete_row() -> None:
    md.Incentive.objects.get(code="uk-buy-out-main-obligation").delete()


def delete_queryset() -> None:
    md.MacrsRate.objects.filter(property_class=20).delete()


def update() -> None:
    md.CountryFigure.objects.filter(parameter="corporate_tax").update(value=0.25)


def bulk_create() -> None:
    md.CostIndex.objects.bulk_create([md.CostIndex(year=1900, value=1, unit="index", source="x", confidence="derived")])


def bulk_update() -> None:
    rows = list(md.UtilityFigure.objects.filter(parameter="price"))
    for row in rows:
        row.value *= 1.1
    md.UtilityFigure.objects.bulk_update(rows, ["value"])


def get_or_create() -> None:
    md.ExchangeRate.objects.get_or_create(
        currency="NZD", year=2024, defaults={"value": 0.61, "unit": "USD/NZD", "source": "x", "confidence": "derived"}
    )


def raw_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE masterdata_designfigure SET value = 1 WHERE parameter = 'scaling_exponent'")


def truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE masterdata_corsiavalue")


DOORS = [save, create, delete_row, delete_queryset, update, bulk_create, bulk_update, get_or_create, raw_sql, truncate]
