"""Pages as tests read them: signed-in clients, the figures of a page by their exact value, its text."""

import html
import re
from typing import Any
from uuid import UUID

from django.test import Client

from accounts.models import User
from scenarios.models import Calculation, Scenario
from tests.fixtures import signed_in

_FIGURE = re.compile(r'<data class="figure" value="([^"]*)"')
_TAG = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)


def warmed(user: User, path: str) -> Client:
    """A client that has read a page: who asks, and for what rights, comes from the cache from now on."""
    client = signed_in(user)
    for _ in range(2):
        assert client.get(path).status_code == 200
    return client


def address(scenario: Scenario, part: str) -> str:
    return f"/scenarios/{scenario.pk}/{part}"


def result_page(user: User, scenario: Scenario, query: str = "", **options: Any) -> Any:
    return signed_in(user).get(f"{address(scenario, 'result')}{query}", **options)


def figures(markup: str) -> list[float]:
    """Every number of a page as it is copied, to its last digit."""
    return [float(value) for value in _FIGURE.findall(markup) if value]


def text_of(markup: str) -> str:
    """What a page says, without markup."""
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def htmx(target: str | None = None) -> dict[str, Any]:
    """The headers of a request that htmx makes for the element with an id."""
    headers = {"HX-Request": "true"}
    return {"headers": headers | ({"HX-Target": target} if target else {})}


def stored(scenario: Scenario) -> Calculation:
    return Calculation.objects.select_related("user").get(pk=Scenario.objects.get(pk=scenario.pk).current_id)


NOBODYS = UUID(int=0)
