"""Plants and cash flows as hypothesis draws them."""

from typing import Any

from hypothesis import strategies as st

from tests.engine.cases import changed, whole_method


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


def shares(least: int, most: int) -> st.SearchStrategy[list[float]]:
    """Shares that sum to one."""
    weights = st.lists(st.integers(1, 20), min_size=least, max_size=most)
    return weights.map(lambda found: [weight / sum(found) for weight in found])


depreciations = st.one_of(
    st.builds(lambda years: {"method": "macrs", "years": years}, st.sampled_from([3, 5, 7, 10, 15, 20])),
    st.builds(
        lambda method, years: {"method": method, "years": years},
        st.sampled_from(["straight_line", "double_declining", "sum_of_years_digits", "none"]),
        st.none() | st.integers(1, 40),
    ),
)


@st.composite
def finances(draw: st.DrawFn) -> dict[str, Any]:
    """Everything of ``finance``, within what a project might be."""
    lifetime = draw(st.integers(1, 35))
    return {
        "discountRate": draw(floats(0, 0.4)),
        "rateBasis": draw(st.sampled_from(["real", "nominal"])),
        "inflation": draw(st.just(0.0) | floats(-0.02, 0.08)),
        "lifetime": lifetime,
        "operationStart": draw(st.integers(2020, 2035)),
        "constructionShares": draw(shares(1, 5)),
        "taxRate": draw(st.just(0.0) | floats(0, 0.5)),
        "lossRule": draw(st.sampled_from(["carry_forward", "no_offset", "refund"])),
        "depreciation": draw(depreciations),
        "debt": {
            "share": draw(st.just(0.0) | floats(0, 1)),
            "interest": draw(st.just(0.0) | floats(0, 0.2)),
            "term": draw(st.integers(1, lifetime)),
            "constructionInterest": draw(st.sampled_from(["paid", "capitalised"])),
        },
        "escalation": {
            name: draw(st.just(0.0) | floats(-0.02, 0.02)) for name in ("products", "feedstock", "utilities", "fixed")
        },
        "salvageShare": draw(st.just(0.0) | floats(0, 0.3)),
        "referenceYear": draw(st.sampled_from(["end_of_construction", "start_of_construction"])),
        "basis": draw(st.sampled_from(["unlevered", "levered"])),
    }


@st.composite
def stacks(draw: st.DrawFn, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some of the ``known`` incentives, with other amounts and shares."""
    chosen = draw(st.lists(st.sampled_from(known), max_size=4, unique_by=lambda item: item["incentive"]))
    return [
        {
            **item,
            "amount": item["amount"] * draw(floats(0, 2)),
            **({"share": draw(floats(0, 1))} if "share" in item else {}),
        }
        for item in chosen
    ]


@st.composite
def plants(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario in wire form that uses any part of the method."""
    finance = draw(finances())
    ramp = st.lists(st.just(0.0) | floats(0.01, 1), min_size=1, max_size=min(4, finance["lifetime"]))
    wire = changed(
        whole_method(),
        {
            "plant": {"capacity": draw(floats(1e4, 2e6)), "utilisation": draw(floats(0.3, 1) | ramp)},
            "capital": {"tciReference": draw(floats(1e7, 3e9)), "workingCapitalRatio": draw(floats(0, 0.3))},
            "operating": {
                "indirectOpexRatio": draw(floats(0, 0.2)),
                "startup": {"months": draw(st.just(0) | floats(0, 12 * min(2, finance["lifetime"])))},
            },
            "carbon": {"carbonPrice": draw(st.just(0) | floats(0, 300))},
        },
    )
    wire["finance"] = finance
    wire["incentives"] = draw(stacks(wire["incentives"]))
    for item in wire["feedstocks"]:
        item["price"] = draw(floats(-100, 2000))
    for item in wire["products"]:
        item["price"] = draw(floats(0, 4000))
    return wire


# Dollars and cents to billions, both signs; zero is as likely as any.
flows = st.lists(
    st.just(0.0) | floats(-1e9, 1e9).filter(lambda flow: abs(flow) > 1e-2), min_size=1, max_size=40
)  # fmt: skip
conventional_flows = st.builds(
    lambda spent, earned: [-flow for flow in spent] + earned,
    st.lists(floats(1, 1e9), min_size=1, max_size=5),
    st.lists(floats(1, 1e9), min_size=1, max_size=40),
)
# Exact in binary, so that roots can be counted without rounding.
whole_flows = st.lists(st.integers(-20, 20).map(float), min_size=2, max_size=9)
