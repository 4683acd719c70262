"""Results of the HEFA example of the specification, without a database."""

from typing import Any

from config.figures import Currency
from scenarios.engine import evaluate, resolve
from scenarios.engine.results import report
from tests.bench.hefa import HEFA

RINGGIT = Currency("MYR", 4.2, "a test")
DEBT = {"finance": {**HEFA["finance"], "basis": "levered", "debt": {"share": 0.6, "interest": 0.06, "term": 12}}}


def result_of(**changes: Any) -> dict[str, Any]:
    return report(evaluate(resolve({**HEFA, **changes}).inputs))
