"""Arrays in, arrays out: row i of a batch has the bits of case i alone, undefined ones included."""

from typing import Any

import numpy as np
import pytest

from scenarios.engine import evaluate
from scenarios.engine.formula import Undefined
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.model import GRAPH
from scenarios.engine.variation import varied
from tests.engine.cases import changed, plain_project, resolved, whole_method

CASES = 60
FINANCE: dict[str, dict[str, Any]] = {
    "losses carried, macrs, loan": {"debt": {"share": 0.6, "constructionInterest": "paid"}},
    "losses lost, levered": {"lossRule": "no_offset", "basis": "levered", "depreciation": {"method": "none"}},
    "losses refunded, nominal": {
        "lossRule": "refund",
        "rateBasis": "nominal",
        "depreciation": {"method": "straight_line", "years": 30},
    },
    "no loan, from the start": {"debt": {"share": 0}, "referenceYear": "start_of_construction"},
}


def drawn(seed: int) -> dict[str, np.ndarray]:
    """Arrays for twenty inputs, with rows at the values that take a way of their own."""
    rng = np.random.default_rng(seed)

    def between(low: float, high: float, *special: float) -> np.ndarray:
        values = rng.uniform(low, high, CASES)
        for place, value in enumerate(special):
            values[rng.integers(0, CASES, 6)] = value
            values[place] = value
        return values

    return {
        "plant.capacity": between(1e4, 1e6),
        "plant.utilisation": between(0.2, 1, 1.0),
        "feedstocks[0].price": between(-500, 2500, 0.0),
        "feedstocks[0].yield": between(1.1, 2),
        "feedstocks[0].carbon_content": between(0.7, 0.9, 0.0),
        "feedstocks[1].carbon_content": between(0.7, 0.9, 0.0),
        "utilities[0].price": between(500, 9000),
        "utilities[1].carbon_intensity": between(-1e5, 900, 0.0),
        "products[0].price": between(0, 4000, 0.0),
        "products[1].price": between(0, 4000, 0.0),
        "products[2].price": between(0, 4000, 0.0),
        "capital.tci_reference": between(1e7, 3e9),
        "capital.scaling_exponent": between(0.4, 1, 0.0, 1.0),
        "operating.indirect_opex_ratio": between(0, 0.2, 0.0),
        "operating.startup.months": between(0, 18, 0.0, 12.0),
        "finance.discount_rate": between(-0.3, 0.6, 0.0),
        "finance.inflation": between(-0.05, 0.1, 0.0),
        "finance.tax_rate": between(0, 0.5, 0.0),
        "finance.debt.interest": between(0, 0.3, 0.0),
        "finance.salvage_share": between(0, 1, 0.0),
        "carbon.process_intensity": between(-100, 300),
        "carbon.carbon_price": between(0, 500, 0.0),
        "incentives[0].share": between(0, 1, 0.0),
        "incentives[1].amount": between(0, 3, 0.0),
        "incentives[1].minimum_reduction": between(0, 1, 0.5),
        "incentives[4].amount": between(0, 0.5, 0.0),
    }


def row_of(inputs: ScenarioInputs, arrays: dict[str, np.ndarray], row: int) -> ScenarioInputs:
    return varied(inputs, {path: float(values[row]) for path, values in arrays.items()})


def assert_row(key: str, together: Any, alone: Any, row: int) -> None:
    if isinstance(together, tuple | list):
        if isinstance(alone, Undefined):
            # By year, what is undefined for one case is NaN in the years concerned, from which it reaches every sum.
            assert any(np.isnan(year[row]) for year in together if isinstance(year, np.ndarray)), (key, row)
            return
        for place, entry in enumerate(together):
            assert_row(key, entry, alone[place], row)
        return
    found = together[row] if isinstance(together, np.ndarray) else together
    if isinstance(alone, Undefined):
        # A reason that holds for all cases stands in place of the array.
        assert isinstance(found, Undefined) or np.isnan(found), (key, row, found, alone)
    elif isinstance(alone, str):
        assert found == alone, (key, row)
    else:
        # -0.0 counts as 0.0: reports write both the same.
        assert np.float64(found + 0.0).tobytes() == np.float64(alone + 0.0).tobytes(), (key, row, found, alone)


def assert_rows(inputs: ScenarioInputs, arrays: dict[str, np.ndarray]) -> None:
    together = evaluate(varied(inputs, arrays))
    cases = len(next(iter(arrays.values())))
    for row in range(cases):
        alone = evaluate(row_of(inputs, arrays, row))
        for key in GRAPH.formulas:
            if key.endswith("irr_roots"):
                rates = together[key][:, row if together[key].shape[1] > 1 else 0]
                expected = np.empty(0) if isinstance(alone[key], Undefined) else alone[key][:, 0]
                assert rates[~np.isnan(rates)].tolist() == expected[~np.isnan(expected)].tolist(), (key, row)
            else:
                assert_row(key, together[key], alone[key], row)


@pytest.mark.parametrize("allocation", ["energy", "economic"])
@pytest.mark.parametrize("finance", FINANCE)
def test_every_formula_gives_the_row_what_it_gives_the_case(finance, allocation):
    wire = whole_method(plant={"utilisation": 1}, carbon={"allocation": allocation})
    inputs = resolved(changed(wire, {"finance": FINANCE[finance]})).inputs
    assert_rows(inputs, drawn(seed=len(finance)))


def test_every_kind_of_incentive_gives_the_row_what_it_gives_the_case():
    stack = [
        {"incentive": kind, "kind": kind, "amount": amount, "share": 0.3}
        for kind, amount in [
            ("us_40b", 1.25),
            ("lcfs", 60),
            ("ets", 70),
            ("mandate_certificate", 2),
            ("per_volume", 0.2),
        ]
    ]
    early = {"incentive": "45Z of 2025", "kind": "us_45z", "amount": 1.75, "lastYear": 2025, "share": 0.7}
    wire = whole_method(plant={"utilisation": 1}, carbon={"carbonPrice": 0}, finance={"operationStart": 2024})
    inputs = resolved({**wire, "incentives": [*stack, early]}).inputs
    arrays = {path: values for path, values in drawn(seed=7).items() if "incentives" not in path}
    amounts = {f"incentives[{index}].amount": np.linspace(0, 2, CASES) for index in range(6)}
    del arrays["carbon.carbon_price"]
    assert_rows(inputs, arrays | amounts)


def test_rows_with_several_rates_and_with_none():
    """Little margin and a demolition at the end (negative salvage) give flows that change sign twice."""
    inputs = resolved(plain_project(finance={"lifetime": 12, "constructionShares": [0.4, 0.6]})).inputs
    rng = np.random.default_rng(3)
    arrays = {
        "finance.salvage_share": rng.uniform(-3, 0.2, CASES),
        "products[0].price": rng.uniform(450, 1200, CASES),
        "finance.discount_rate": np.where(np.arange(CASES) % 4 == 0, 0.0, rng.uniform(0, 0.3, CASES)),
    }
    assert_rows(inputs, arrays)
    roots = evaluate(varied(inputs, arrays))["unlevered_irr_roots"]
    assert set(np.isfinite(roots).sum(axis=0)) == {0, 1, 2}


def test_an_unknown_input_leaves_undefined_what_needs_it_and_nothing_else():
    wire = whole_method(plant={"utilisation": 1}, carbon={"processIntensity": None}, incentives=[])
    arrays = {"carbon.carbon_price": np.array([0.0, 50.0]), "products[0].price": np.array([900.0, 2500.0])}
    inputs = resolved(wire).inputs
    assert_rows(inputs, arrays)
    values = evaluate(varied(inputs, arrays))
    assert values["carbon_intensity_g_per_mj"].reason == "carbon.processIntensity is not known"
    # Without a carbon price nothing depends on the emissions.
    assert np.isfinite(values["unlevered_npv_usd"]).tolist() == [True, False]


def test_one_case_in_a_batch_is_an_array_of_one():
    inputs = resolved(whole_method()).inputs
    values = evaluate(varied(inputs, {"finance.discount_rate": np.array([0.08])}))
    alone = evaluate(varied(inputs, {"finance.discount_rate": 0.08}))
    assert values["unlevered_npv_usd"].shape == (1,)
    assert values["unlevered_npv_usd"][0] == alone["unlevered_npv_usd"]


def test_utilisation_may_be_a_ramp_of_arrays():
    inputs = resolved(whole_method()).inputs
    arrays = np.array([0.3, 0.5, 0.9]), np.array([0.7, 0.8, 1.0])
    together = evaluate(varied(inputs, {"plant.utilisation": arrays}))
    for row in range(3):
        alone = evaluate(varied(inputs, {"plant.utilisation": tuple(float(year[row]) for year in arrays)}))
        for key in GRAPH.formulas:
            if not key.endswith("irr_roots"):
                assert_row(key, together[key], alone[key], row)


def test_wanted_quantities_are_those_of_the_whole_and_nothing_beside_them_is_computed():
    inputs = resolved(whole_method()).inputs
    whole, part = evaluate(inputs), evaluate(inputs, ["lcop_usd_per_t", "carbon_intensity_g_per_mj"])
    for key in ("lcop_usd_per_t", "carbon_intensity_g_per_mj", "tci_usd"):
        assert part[key] == whole[key]
    assert "unlevered_cash_flow_usd" not in part
    with pytest.raises(LookupError, match="no formula lcoe"):
        evaluate(inputs, ["lcoe"])
