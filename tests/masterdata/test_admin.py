"""The admin: every page opens at a constant number of queries, and says who changed what."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from masterdata import models as md
from masterdata.resources import KEYS
from tests.factories import user_make
from tests.fixtures import browser_of

pytestmark = pytest.mark.django_db

ITEMS = [md.Pathway, md.Feedstock, md.Product, md.Utility, md.Country]
X = {"source": "x", "confidence": "derived"}


def url(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:masterdata_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def keeper() -> User:
    return user_make(is_staff=True, is_superuser=True)


@pytest.fixture
def desk(keeper: User) -> Client:
    return browser_of(keeper)


def test_everything_an_editor_keeps_is_there() -> None:
    assert {model for model in admin.site._registry if model._meta.app_label == "masterdata"} == set(KEYS)


@pytest.mark.parametrize("model", KEYS)
def test_pages_open(model: type[models.Model], desk: Client) -> None:
    row = model._default_manager.first()

    for page in (
        url(model, "changelist"),
        url(model, "changelist") + "?q=oil",
        url(model, "add"),
        url(model, "change", row.pk),
        url(model, "history", row.pk),
        url(model, "import"),
        url(model, "export"),
        url(model, "delete", row.pk),
    ):
        assert desk.get(page).status_code == 200, page
    assert row.history.count() == 1
    historic = reverse(
        f"admin:masterdata_{model._meta.model_name}_simple_history", args=[row.pk, row.history.get().history_id]
    )
    assert desk.get(historic).status_code == 200


def thin_out(model: type[models.Model]) -> None:
    """Leave one row, whatever stood on the others."""
    kept = model._default_manager.values("pk")[:1]
    if model in ITEMS:
        md.DesignDefault.objects.all().delete()
    model._default_manager.exclude(pk__in=kept).delete()


@pytest.mark.parametrize("model", [model for model in KEYS if model is not md.ExchangeRate])
def test_list_asks_no_query_a_row(
    model: type[models.Model], desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page = url(model, "changelist")
    desk.get(page)
    with django_assert_num_queries(100, exact=False) as full:
        assert desk.get(page).status_code == 200

    thin_out(model)
    with django_assert_num_queries(len(full)):
        assert desk.get(page).status_code == 200
    assert model._default_manager.count() == 1


def test_design_page_asks_no_query_a_figure(desk: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    design = md.DesignDefault.objects.get(feedstock__code="tallow")
    hydrogen = md.Utility.objects.get(code="hydrogen")
    page = url(md.DesignDefault, "change", design.pk)
    counts = []
    for figures in (14, 5):
        desk.get(page)
        with django_assert_num_queries(100, exact=False) as seen:
            body = desk.get(page).content.decode()
        counts.append(len(seen))
        assert (f'<option value="{hydrogen.pk}" selected>Hydrogen</option>' in body) == (figures == 14)
        design.figures.exclude(pk__in=design.figures.values("pk")[:5]).delete()

    assert counts[0] == counts[1]


@pytest.mark.parametrize("model", ITEMS)
def test_item_page_asks_no_query_a_figure(
    model: type[models.Model], desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    item = model._default_manager.first()
    page = url(model, "change", item.pk)
    desk.get(page)
    with django_assert_num_queries(100, exact=False) as full:
        desk.get(page)

    item.figures.all().delete()
    with django_assert_num_queries(len(full)):
        desk.get(page)


def test_history_asks_no_query_an_entry(desk: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    figure = md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="price")
    page = url(md.FeedstockFigure, "history", figure.pk)
    counts = []
    for changes in (2, 10):
        for _ in range(changes):
            figure.value += 1
            figure.save()
        desk.get(page)
        with django_assert_num_queries(100, exact=False) as seen:
            assert desk.get(page).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1]


def posted(desk: Client, page: str) -> dict[str, str]:
    """What a browser would send back from a change page."""
    context = desk.get(page).context
    data: dict[str, str] = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            data[field.html_name] = "" if value is None or value is False else str(value)
    return data


def test_editor_changes_a_price_beside_its_item(desk: Client, keeper: User, version: Callable[[], int]) -> None:
    tallow = md.Feedstock.objects.get(code="tallow")
    page = url(md.Feedstock, "change", tallow.pk)
    data = posted(desk, page)
    before = version()

    response = desk.post(page, {**data, "figures-0-value": "612.5", "figures-0-valid_from": "2026-02-01"})

    assert response.status_code == 302
    price = tallow.figures.get(parameter="price")
    assert (price.value, str(price.valid_from)) == (612.5, "2026-02-01")
    entry = price.history.first()
    assert (entry.history_user, entry.history_type, entry.value) == (keeper, "~", 612.5)
    assert version() > before
    assert keeper.email in desk.get(url(md.FeedstockFigure, "history", price.pk)).content.decode()


def test_editor_adds_a_utility_to_a_design(desk: Client) -> None:
    design = md.DesignDefault.objects.get(feedstock__code="forest-residues")
    page = url(md.DesignDefault, "change", design.pk)
    data = posted(desk, page)
    row = int(data["figures-TOTAL_FORMS"])
    hydrogen = md.Utility.objects.get(code="hydrogen-wind")
    fields = {
        "id": "",
        "design": str(design.pk),
        "parameter": "utility_consumption",
        "product": "",
        "utility": str(hydrogen.pk),
        "value": "0.01",
        "unit": "t/t",
        "source": "vendor",
        "confidence": "unconfirmed",
        "valid_from": "",
        "note": "",
    }
    data |= {f"figures-{row}-{name}": value for name, value in fields.items()}

    response = desk.post(page, {**data, "figures-TOTAL_FORMS": str(row + 1)})

    assert response.status_code == 302
    assert design.figures.get(utility=hydrogen).value == 0.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"figures-0-value": "abc"}, "Enter a number."),
        ({"figures-0-value": "nan"}, "Enter a number."),
        ({"figures-0-unit": "USD/kg"}, "The unit must be a currency code/t"),
        ({"figures-0-source": ""}, "This field is required."),
        ({"name": "used COOKING oil"}, "This name is taken."),
    ],
)
def test_bad_entry_is_told_and_nothing_is_saved(
    changes: dict[str, str], message: str, desk: Client, version: Callable[[], int]
) -> None:
    tallow = md.Feedstock.objects.get(code="tallow")
    page = url(md.Feedstock, "change", tallow.pk)
    data = posted(desk, page)
    before = version()

    response = desk.post(page, {**data, **changes})

    assert response.status_code == 200
    assert message in response.content.decode()
    assert version() == before


def test_deleting_moves_the_version_and_is_remembered(desk: Client, keeper: User, version: Callable[[], int]) -> None:
    row = md.Incentive.objects.first()
    before = version()

    response = desk.post(url(md.Incentive, "delete", row.pk), {"post": "yes"})

    assert response.status_code == 302
    assert version() > before
    entry = md.Incentive.history.filter(code=row.code).first()
    assert (entry.history_type, entry.history_user) == ("-", keeper)


def test_staff_without_rights_see_nothing() -> None:
    client = Client()
    client.force_login(user_make(is_staff=True))

    for model in KEYS:
        for page in ("changelist", "add", "import", "export"):
            assert client.get(url(model, page)).status_code == 403, (model, page)


def test_right_to_see_is_no_right_to_import() -> None:
    reader = user_make(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_feedstockfigure"))
    client = Client()
    client.force_login(reader)

    assert client.get(url(md.FeedstockFigure, "changelist")).status_code == 200
    assert client.get(url(md.FeedstockFigure, "export")).status_code == 200
    assert client.get(url(md.FeedstockFigure, "import")).status_code == 403
    assert client.post(url(md.FeedstockFigure, "process_import"), {}).status_code == 403


def test_utility_of_a_design_is_found_by_typing(desk: Client) -> None:
    query = {"app_label": "masterdata", "model_name": "designfigure", "field_name": "utility", "term": "wind"}

    answer = desk.get(reverse("admin:autocomplete"), query).json()

    assert [found["text"] for found in answer["results"]] == ["Hydrogen (wind electrolysis)"]
