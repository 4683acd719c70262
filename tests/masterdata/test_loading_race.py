"""Two hosts that start at once load at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection

from masterdata import catalogue
from masterdata import models as md
from masterdata.loading import Report, masterdata_load


def load() -> Report:
    try:
        return masterdata_load()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_loaders_at_once_load_everything_once() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert catalogue.current().feedstocks == ()

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: load(), range(2)))

    assert sorted(report.total("created") for report in reports) == [0, 1142]
    assert md.ReferenceValue.objects.count() == 411
    assert md.Feedstock.history.count() == 8
    assert len(catalogue.current().feedstocks) == 8
