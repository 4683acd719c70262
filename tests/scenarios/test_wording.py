"""How the audit names inputs and writes their values."""

from typing import Any

import pytest

from scenarios.wording import scenario_wording


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("inputs.finance.discountRate", 0.08, ("Discount rate", "8 %")),
        ("inputs.finance.debt.interest", 0.055, ("Debt interest", "5.5 %")),
        ("inputs.finance.constructionShares", [0.3, 0.7], ("Construction shares", "30 %, 70 %")),
        ("inputs.finance.lifetime", 20, ("Lifetime", "20 years")),
        ("inputs.capital.costYear", 2019, ("Cost year", "2019")),
        ("inputs.capital.locationFactor", 1.12, ("Location factor", "1.12")),
        ("inputs.capital.tciReference", 4e8, ("TCI reference", "400,000,000 USD")),
        ("inputs.plant.capacity", {"value": 500, "unit": "kt/year"}, ("Capacity", "500 kt/year")),
        ("inputs.plant.capacity", 400_000, ("Capacity", "400,000 t/year")),
        ("inputs.feedstocks[Tallow].price", 700, ("Price of Tallow", "700 USD/t")),
        ("inputs.feedstocks[0].price", None, ("Price of feedstock 1", "nothing")),
        ("inputs.feedstocks[Tallow]", {"feedstock": "Tallow"}, ("feedstock Tallow", "1 value")),
        ("inputs.carbon.allocation", "mass", ("Allocation", "mass")),
        ("inputs.products[Jet].liquidFuel", True, ("Liquid fuel of Jet", "yes")),
        ("inputs.unheardOf.thing", [1, 2], ("Thing", "1, 2")),
        ("inputs", {"pathway": "HEFA-SPK", "country": "MYS"}, ("inputs", "2 values")),
        ("name", "Base", ("name", "Base")),
        ("order", 0, ("place", "1")),
    ],
)
def test_a_change_is_told_in_words(path: str, value: Any, told: tuple[str, str]) -> None:
    assert scenario_wording(path, value) == told
