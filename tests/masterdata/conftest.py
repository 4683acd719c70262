"""The project's own master data, loaded once into the test database; each test's changes are rolled back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.models import User
from masterdata.datafiles import DATA
from masterdata.loading import masterdata_load
from masterdata.models import MasterDataVersion


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        masterdata_load()


@pytest.fixture
def known_api(user: User) -> APIClient:
    """A client whose user needs no looking up: the queries it counts are those of master data alone."""
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def version() -> Callable[[], int]:
    return lambda: MasterDataVersion.objects.get().number


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A copy of the data files, to be changed."""
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.fixture
def edit(data_folder: Path) -> Callable[[str, str, str], None]:
    """Replace one text in one data file; the text must be there exactly once."""

    def replace(name: str, old: str, new: str) -> None:
        path = data_folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace
