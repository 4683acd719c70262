"""The value of one input at which nothing is gained or lost."""

import pytest

from scenarios.engine import evaluate
from scenarios.engine.breakeven import breakeven
from scenarios.engine.variation import varied
from tests.engine.cases import changed, hefa, plain_project, resolved, whole_method

PATHS = (
    "plant.capacity",
    "feedstocks[0].price",
    "utilities[1].price",
    "products[1].price",
    "capital.tci_reference",
    "operating.indirect_opex_ratio",
    "finance.discount_rate",
    "carbon.carbon_price",
    "finance.tax_rate",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("basis", ["unlevered", "levered"])
def test_npv_is_zero_at_every_breakeven(path, basis):
    inputs = resolved(whole_method(finance={"basis": basis})).inputs
    found = breakeven(inputs, path)
    assert (found.value is None) == bool(found.reason) == (not found.values)
    for value in found.values:
        values = evaluate(varied(inputs, {path: value}))
        size = sum(abs(flow) for flow in values[f"{basis}_cash_flow_usd"])
        assert abs(values[f"{basis}_npv_usd"]) <= 1e-10 * size


def test_breakeven_of_the_price_is_the_minimum_selling_price():
    inputs = resolved(whole_method()).inputs
    price = evaluate(inputs)["minimum_selling_price_usd_per_t"]
    assert breakeven(inputs, "products[0].price").value == pytest.approx(price, rel=1e-11)


def test_breakeven_of_the_rate_is_the_internal_rate_of_return():
    inputs = resolved(plain_project()).inputs
    rate = evaluate(inputs)["unlevered_irr"]
    assert breakeven(inputs, "finance.discount_rate").value == pytest.approx(rate, rel=1e-10)


def test_breakeven_of_the_feedstock_price_without_tax_closes_the_gap_in_npv():
    inputs = resolved(hefa(finance={"taxRate": 0})).inputs
    values = evaluate(inputs)
    annuity = sum(values["discount_factors"][1:])
    gap = values["unlevered_npv_usd"] / (values["feedstock_t_per_y"][0] * annuity)
    assert breakeven(inputs, "feedstocks[0].price").value == pytest.approx(930 + gap, rel=1e-11)


def test_where_there_is_none_the_reason_is_said():
    inputs = resolved(hefa()).inputs
    assert breakeven(inputs, "carbon.transport_intensity").reason == "NPV does not depend on carbon.transport_intensity"
    losing = varied(inputs, {"products[0].price": 0.0})
    reason = breakeven(losing, "operating.indirect_opex_ratio").reason
    assert reason == "NPV stays below zero for every value operating.indirect_opex_ratio may take"
    # Who never earns never pays tax.
    assert breakeven(losing, "finance.tax_rate").reason == "NPV does not depend on finance.tax_rate"
    unknown = resolved(changed(hefa(), {"carbon": {"fossilJetPrice": None}})).inputs
    assert breakeven(unknown, "carbon.fossil_jet_price").reason == "carbon.fossil_jet_price is not known"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("plant.size", LookupError),
        ("feedstocks[3].price", LookupError),
        ("feedstocks.price", LookupError),
        ("plant", LookupError),
        ("finance.lifetime", ValueError),
        ("finance.loss_rule", ValueError),
        ("finance.construction_shares", ValueError),
        ("products[0].yield", ValueError),
        ("feedstocks[0].share", ValueError),
        ("reference.corsia_core", ValueError),
    ],
)
def test_what_cannot_be_varied_is_refused(path, error):
    with pytest.raises(error, match=path.replace("[", r"\[").replace("]", r"\]")):
        breakeven(resolved(hefa()).inputs, path)
