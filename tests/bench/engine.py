"""The engine alone, one thread, CPU time: the best of several rounds, which is the least disturbed."""

import dataclasses
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from scenarios.engine import evaluate, resolve
from scenarios.engine.incentive import Incentive
from scenarios.engine.inputs import Debt, Depreciation, ScenarioInputs
from scenarios.engine.results import report
from scenarios.engine.trace import explain
from tests.bench.hefa import HEFA

CASES = 10_000
KPIS = (
    "levered_npv_usd",
    "levered_irr",
    "levered_irr_roots",
    "levered_payback_years",
    "levered_discounted_payback_years",
    "minimum_selling_price_usd_per_t",
    "lcop_usd_per_t",
    "carbon_intensity_g_per_mj",
)


def best_ms(work: Callable[[], Any], *, rounds: int, calls: int = 1) -> float:
    """CPU milliseconds of one call."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(calls):
            work()
        times.append((time.process_time() - start) / calls)
    return min(times) * 1e3


def batch_inputs(cases: int) -> ScenarioInputs:
    """HEFA drawn on eight inputs, with tax, MACRS over 7 years, losses carried forward and a 60 % loan."""
    base = resolve(HEFA).inputs
    draw = np.random.default_rng(20261122).uniform
    feedstock, jet = base.feedstocks[0], base.products[0]
    return dataclasses.replace(
        base,
        feedstocks=(
            dataclasses.replace(
                feedstock, price=draw(700, 1400, cases), yield_=draw(1.15, 1.3, cases),
                carbon_intensity=draw(30, 60, cases),
            ),
        ),
        products=(dataclasses.replace(jet, price=draw(1500, 3000, cases)), *base.products[1:]),
        capital=dataclasses.replace(base.capital, tci_reference=draw(3e8, 6e8, cases)),
        operating=dataclasses.replace(base.operating, indirect_opex_ratio=draw(0.05, 0.1, cases)),
        finance=dataclasses.replace(
            base.finance, discount_rate=draw(0.05, 0.15, cases), tax_rate=draw(0.15, 0.35, cases),
            depreciation=Depreciation(method="macrs", years=7), debt=Debt(share=0.6), basis="levered",
        ),
    )  # fmt: skip


def stacked(inputs: ScenarioInputs) -> ScenarioInputs:
    """``inputs`` with credits by intensity, volume and emissions, paid in some of the years."""
    stack = (
        Incentive(incentive="45Z", kind="us_45z", amount=1.0, first_year=2026, last_year=2029),
        Incentive(incentive="RIN", kind="rin", amount=0.9, rins_per_gallon=1.6, minimum_reduction=0.5, indexed=True),
        Incentive(incentive="LCFS", kind="lcfs", amount=60.0, reference_intensity=89.37, indexed=True),
    )
    return dataclasses.replace(
        inputs, incentives=stack, finance=dataclasses.replace(inputs.finance, operation_start=2027)
    )


def million_s() -> tuple[float, float]:
    """CPU seconds of a million cases in chunks, their KPIs kept, and the most memory the process held, MiB."""
    kept: dict[str, list[Any]] = {key: [] for key in KPIS if not key.endswith("_roots")}
    chunk = batch_inputs(CASES)
    start = time.process_time()
    for _ in range(1_000_000 // CASES):
        found = evaluate(chunk, KPIS)
        for key, values in kept.items():
            values.append(found[key])
    return time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure() -> Iterator[tuple[str, float, str]]:
    resolution = resolve(HEFA)
    values = evaluate(resolution.inputs)
    yield "inputs resolved", best_ms(lambda: resolve(HEFA), rounds=20, calls=50), "ms"
    yield "one case evaluated, all KPIs", best_ms(lambda: evaluate(resolution.inputs), rounds=20, calls=50), "ms"
    yield "its report with the yearly table", best_ms(lambda: report(values), rounds=20, calls=50), "ms"
    explained = best_ms(lambda: explain("unlevered_npv_usd", values, resolution.values), rounds=20, calls=20)
    yield "its NPV traced", explained, "ms"
    batch = batch_inputs(CASES)
    drawn = f"{CASES} cases on eight inputs, tax, MACRS-7, 60 % loan"
    yield f"{drawn}, KPIs", best_ms(lambda: evaluate(batch, KPIS), rounds=9), "ms"
    yield f"{drawn}, everything", best_ms(lambda: evaluate(batch), rounds=9), "ms"
    supported = stacked(batch)
    yield f"{drawn}, three incentives, KPIs", best_ms(lambda: evaluate(supported, KPIS), rounds=9), "ms"
    seconds, memory = million_s()
    yield f"1000000 cases in chunks of {CASES}, KPIs kept", seconds, "s"
    yield "most memory held so far", memory, "MiB"
