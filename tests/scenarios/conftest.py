"""The product's own master data, loaded once into the test database; each test's changes are rolled back."""

import pytest
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from masterdata.catalogue import current
from masterdata.loading import masterdata_load
from projects.models import Project
from scenarios.models import Scenario
from tests.scenarios.cases import calculate, scenario_make


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        masterdata_load()


@pytest.fixture
def masterdata(transactional_db: None) -> None:
    """The master data for a test with threads: the tests before it have emptied every table."""
    masterdata_load()


@pytest.fixture
def catalogue_in_memory(db: None) -> None:
    """As in a process that has served a request since the master data last changed."""
    current()


@pytest.fixture
def scenario(project: Project, user: User) -> Scenario:
    """HEFA in Malaysia on defaults alone, never calculated."""
    return scenario_make(project=project, user=user)


@pytest.fixture
def calculated(scenario: Scenario, user: User) -> Scenario:
    """The same with its result."""
    return calculate(scenario, user=user)
