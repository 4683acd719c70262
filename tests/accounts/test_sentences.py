"""Values of the audit as people read them."""

import pytest

from accounts.sentences import text_of


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-12-22T14:23:13.342756+00:00", "22 Dec 2026, 14:23 UTC"),
        ("2026-12-02T01:23:13+08:00", "1 Dec 2026, 17:23 UTC"),
        ("2026-12-22", "2026-12-22"),
        # Anybody may call a project so.
        ("2026-99-99T99:99:99Z", "2026-99-99T99:99:99Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("", "nothing"),
        (0.08, "0.08"),
    ],
)
def test_a_value_is_told_as_people_write_it(value: object, told: str) -> None:
    assert text_of(value) == told
