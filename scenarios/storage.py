"""How what is kept as JSON comes to the database and back."""

import json
from typing import Any

import orjson

# Beyond 15 digits a float does not hold every integer; beyond 19 the encoder of responses takes none.
_DIGITS = 15


class ResultJSON(json.JSONEncoder):
    """Writes what comes of the engine in a tenth of the time: 40 kB of it are written with every run.

    Of numbers that are not finite it would make null; neither a result has one (scenarios/engine/results.py), nor have
    complete inputs.
    """

    def encode(self, o: Any) -> str:
        try:
            return orjson.dumps(o).decode()
        except orjson.JSONEncodeError:  # an integer of more than 64 bits, as somebody sent it
            return super().encode(o)


class StoredJSON(json.JSONDecoder):
    """Reads as a float what PostgreSQL has written out in digits: 1e22 comes back with 23 of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=_number, **options)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else float(digits)
