"""How long to wait, as pages tell it."""

import pytest

from config.templatetags.ages import wait


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (1, "1 second"), (59, "59 seconds"), (90, "90 seconds"), (91, "2 minutes"), (3541, "60 minutes"),
        (5400, "90 minutes"), (5401, "2 hours"), (86_400, "24 hours"),
    ],
)  # fmt: skip
def test_a_wait_is_told_in_what_people_count_it_in_and_never_too_short(seconds: int, told: str) -> None:
    assert wait(seconds) == told
