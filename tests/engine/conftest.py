"""Tests of the engine need no Django and no server; run alone they start in a second:

pytest -o addopts="" -p no:django --confcutdir=tests/engine -W ignore::pytest.PytestConfigWarning tests/engine
"""

import os

import pytest
from hypothesis import HealthCheck, settings

# The same examples in each run of the same code, however slow the machine: what fails here was broken by the change.
settings.register_profile(
    "engine", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
# A hunt for rare faults, with others each time: HYPOTHESIS_PROFILE=search pytest tests/engine
settings.register_profile("search", settings.get_profile("engine"), derandomize=False, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "engine"))


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """The engine knows no cache: nothing to clean."""


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files() -> None:
    """Nor static files."""
