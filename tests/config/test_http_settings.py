"""Rates that nobody can mean stop the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize("value", ["5", "5/", "/m", "0/m", "five/m", "5/w", "5/m ", "-1/m", "5/2m"])
def test_a_rate_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RATE_LOGIN", value)

    with pytest.raises(ImproperlyConfigured, match="RATE_LOGIN must be a rate"):
        env.rate("RATE_LOGIN", "5/m")


def test_a_rate_is_a_count_and_a_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LOGIN", "120/h")

    assert (env.rate("RATE_LOGIN", "5/m"), env.rate("RATE_REFRESH", "10/m")) == ("120/h", "10/m")
