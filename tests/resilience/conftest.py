"""Calculations on a database that processes of their own work on: what they see is committed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from masterdata.loading import masterdata_load
from tests.resilience.pools import WorkerPool


@pytest.fixture(autouse=True)
def _masterdata(transactional_db: None) -> None:
    masterdata_load()


@pytest.fixture
def new_pool(_masterdata: None) -> Iterator[Callable[..., WorkerPool]]:
    """Starts workers; what is left of them ends before the tables are emptied."""
    with ExitStack() as stack:

        def make(*arguments: Any, **options: Any) -> WorkerPool:
            return stack.enter_context(WorkerPool(*arguments, **options))

        yield make
