"""Fields of the form that are drawn once for all who look at them."""

import dataclasses
import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from projects.models import Project
from scenarios.models import Scenario
from scenarios.pages.looks import Look
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, scenario_make
from tests.scenarios.forms import controls, send, text_of

FIELD = Path(settings.BASE_DIR, "scenarios/templates/scenarios/editor/field.html")


def test_the_markup_of_a_field_depends_on_its_look_and_on_all_of_it() -> None:
    """What the template reads past it would be shown to others; what it does not read only makes looks differ."""
    template = FIELD.read_text(encoding="utf-8")

    assert set(re.findall(r"\bf\.(\w+)", template)) == {one.name for one in dataclasses.fields(Look)}


@pytest.mark.django_db
def test_two_scenarios_show_their_own_values_and_unchanged_fields_alike(
    scenario: Scenario, project: Project, user: User
) -> None:
    client = signed_in(user)
    other = scenario_make(user=user, project=project, name="Other", inputs=HEFA)
    send(client, scenario, **{"plant.capacity": "250,000"})
    send(client, other, **{"plant.capacity": "123,456"})

    for _ in range(2):
        one, two = (controls(client.get(f"/scenarios/{each.pk}")) for each in (scenario, other))
        assert (one.pop("plant.capacity"), two.pop("plant.capacity")) == ("250,000", "123,456")
        # Tokens are masked anew, and each form carries the inputs that it was made from.
        mine = [{key: value for key, value in each.items() if key not in ("csrfmiddlewaretoken", "base")}
                for each in (one, two)]  # fmt: skip
        assert mine[0] == mine[1]


@pytest.mark.django_db
def test_who_may_only_read_is_shown_no_way_back_after_somebody_who_may_write(
    scenario: Scenario, user: User, viewer: User
) -> None:
    address = f"/scenarios/{scenario.pk}"
    writing, reading = signed_in(user).get(address), signed_in(viewer).get(address)

    assert "Back to the default" in text_of(writing)
    assert "Back to the default" not in text_of(reading)
