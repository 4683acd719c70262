"""Points in time as pages show them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from config.templatetags.moments import day, moment

AT = datetime(2026, 3, 7, 9, 5, 4, 120_000, tzinfo=UTC)
HELD = '<time datetime="2026-03-07T09:05:04.120000+00:00"'


@pytest.mark.parametrize(("precision", "told"), [("minute", "7 Mar 2026, 09:05"), ("second", "7 Mar 2026, 09:05:04")])
def test_a_moment_is_told_to_what_is_asked_and_held_exactly(precision: str, told: str) -> None:
    assert moment(AT, precision) == f"{HELD}>{told}</time>"


def test_a_day_tells_its_minute_to_whoever_asks() -> None:
    assert day(AT) == f'{HELD} title="7 Mar 2026, 09:05 UTC">7 Mar 2026</time>'


def test_both_are_in_utc_wherever_the_moment_is_from() -> None:
    there = AT.astimezone(timezone(timedelta(hours=8)))

    assert (moment(there), day(there)) == (moment(AT), day(AT))
