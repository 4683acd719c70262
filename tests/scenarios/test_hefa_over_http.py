"""The worked HEFA example as a newcomer runs it: sign in, project, scenario on defaults, calculate, read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories import PASSWORD, user_make
from tests.scenarios.cases import PROJECTS, SCENARIOS, covered, nulls

pytestmark = pytest.mark.django_db

ORACLE = json.loads((Path(__file__).parents[1] / "engine" / "oracles" / "hefa_500kt.json").read_text())
DEFAULTS = "/api/v1/master-data/defaults?process=HEFA-SPK&feedstock=Used cooking oil&country=MYS"


@pytest.fixture
def client() -> APIClient:
    """Signed in as a person is: by address and password."""
    user = user_make(email="newcomer@example.com", password=PASSWORD)
    client = APIClient()
    tokens = client.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['accessToken']}")
    return client


def oracle_inputs(client: APIClient, working_capital: float) -> dict[str, Any]:
    """The defaults with the oracle's inputs merged in group by group."""
    given = ORACLE["inputs"]
    inputs = {
        "plant": {"capacity": given["capacity_t_per_y"], "loadHours": 8000, "referenceLoadHours": 8000},
        "feedstocks": [
            {
                "feedstock": "Used cooking oil",
                "share": 1,
                "yield": 1.21,
                "price": 930,
                "carbonIntensity": 46.526,
                "carbonContent": 0.78,
            }
        ],
        "utilities": [
            {"utility": "Hydrogen", "consumption": 0.042, "price": 5400, "carbonIntensity": 0},
            {"utility": "Electricity", "consumption": 120, "price": 0.055, "carbonIntensity": 20},
        ],
        "products": [
            {
                "product": name,
                "yield": product["yield_t_per_t"],
                "price": product["price_usd_per_t"],
                "lowerHeatingValue": product["lhv_mj_per_kg"],
                "carbonContent": product["carbon_kg_per_kg"],
                "density": 0.8,
                "liquidFuel": True,
            }
            for name, product in given["products"].items()
        ],
        "capital": {
            "tciReference": 400e6,
            "capacityReference": 500000,
            "scalingExponent": 0.6,
            "workingCapitalRatio": working_capital,
            "locationFactor": 1,
        },
        "operating": {"indirectOpexRatio": 0.077},
        "finance": {"discountRate": 0.07, "lifetime": 20, "taxRate": 0.28},
        "carbon": {"processIntensity": 20, "fossilComparator": 89},
    }
    base = client.get(DEFAULTS).json()["inputs"]
    merged = {key: {**base[key], **group} if isinstance(group, dict) else group for key, group in inputs.items()}
    return {**base, **merged}


def scenario_url(client: APIClient, inputs: Mapping[str, Any]) -> str:
    project = client.post(PROJECTS, {"name": "bar"}).json()
    created = client.post(f"{PROJECTS}/{project['id']}/scenarios", {"name": "bar", "inputs": inputs})
    assert created.status_code == 201, created.json()
    return f"{SCENARIOS}/{created.json()['id']}"


def as_the_oracle(body: Mapping[str, Any]) -> dict[str, Any]:
    """A result under the oracle's names."""
    techno, financials, carbon = body["technoEconomics"], body["financials"], body["carbon"]
    return {
        "tci_usd": techno["totalCapitalInvestment"],
        "feedstock_t_per_y": techno["feedstockConsumption"]["Used cooking oil"],
        "hydrogen_t_per_y": techno["utilityConsumption"]["Hydrogen"],
        "electricity_kwh_per_y": techno["utilityConsumption"]["Electricity"],
        "production_t_per_y": techno["production"],
        "feedstock_cost_usd_per_y": techno["opexBreakdown"]["feedstocks"]["Used cooking oil"],
        "hydrogen_cost_usd_per_y": techno["opexBreakdown"]["utilities"]["Hydrogen"],
        "electricity_cost_usd_per_y": techno["opexBreakdown"]["utilities"]["Electricity"],
        "indirect_opex_usd_per_y": techno["opexBreakdown"]["indirectOpex"],
        "total_opex_usd_per_y": techno["totalOpex"],
        "revenue_usd_per_y": techno["totalRevenue"],
        "capital_recovery_factor": techno["capitalRecoveryFactor"],
        "lcop_usd_per_t": techno["lcop"],
        "lcop_shares": {
            "feedstock": techno["lcopShares"]["feedstocks"]["Used cooking oil"],
            "hydrogen": techno["lcopShares"]["utilities"]["Hydrogen"],
            "electricity": techno["lcopShares"]["utilities"]["Electricity"],
            "indirect_opex": techno["lcopShares"]["indirectOpex"],
            "capital": techno["lcopShares"]["capital"],
        },
        "fuel_lhv_mj_per_kg": techno["fuelLowerHeatingValue"],
        "carbon_conversion_efficiency": techno["carbonConversionEfficiency"],
        "ci_gco2e_per_mj": {
            "feedstock": carbon["stages"]["feedstocks"]["Used cooking oil"],
            "hydrogen": carbon["stages"]["utilities"]["Hydrogen"],
            "electricity": carbon["stages"]["utilities"]["Electricity"],
            "process": carbon["stages"]["process"],
            "total": carbon["carbonIntensity"],
        },
        "ci_kgco2e_per_t_fuel": carbon["fuelEmissions"],
        "product_ci_kgco2e_per_t": carbon["productIntensity"],
        "emissions_tco2e_per_y": carbon["emissions"],
        "avoided_tco2e_per_y": carbon["avoided"],
        "reduction_vs_fossil": carbon["reduction"],
        "finance": {
            "npv_usd": financials["npv"],
            "irr": financials["irr"],
            "payback_years": financials["paybackYears"],
            "discounted_payback_years": financials["discountedPaybackYears"],
            "annual_after_tax_cash_flow_usd": financials["cashFlowTable"][1]["cashFlow"],
            "jet_minimum_selling_price_usd_per_t": financials["minimumSellingPrice"]["usdPerT"],
        },
    }


def flat(tree: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {path: tree}
    return {key: value for name, branch in tree.items() for key, value in flat(branch, f"{path}/{name}").items()}


def expected(working_capital: float) -> dict[str, Any]:
    """Every key of the oracle for one of its two working capital cases."""
    finance = "finance_working_capital_ratio_"
    tree = {key: value for key, value in ORACLE["expected"].items() if not key.startswith(finance)}
    return flat({**tree, "finance": ORACLE["expected"][f"{finance}{working_capital:g}"]})


@pytest.mark.parametrize("working_capital", [0.0, 0.15])
def test_every_key_of_the_oracle_is_reproduced(client: APIClient, working_capital: float) -> None:
    inputs = oracle_inputs(client, working_capital)
    url = scenario_url(client, inputs)

    answer = client.post(f"{url}/calculate/sync", {"inputs": inputs})

    assert answer.status_code == 200, answer.json()
    assert flat(as_the_oracle(answer.json())) == pytest.approx(expected(working_capital), rel=1e-9, abs=0)
    # The table of the working capital case spends and recovers it; without one there is nothing to recover.
    last = answer.json()["financials"]["cashFlowTable"][-1]
    assert last["workingCapital"] == pytest.approx(working_capital * 400e6)


def test_status_reads_the_stored_result_of_the_saved_inputs(client: APIClient) -> None:
    url = scenario_url(client, oracle_inputs(client, 0.15))
    before = client.get(f"{url}/calculate/status").json()

    answer = client.post(f"{url}/calculate/sync", {})
    read = client.get(f"{url}/calculate/status")

    assert (before["status"], before["message"], before["technoEconomics"]) == ("draft", "Not calculated yet.", None)
    assert read.status_code == 200
    assert read.json() == answer.json()
    assert flat(as_the_oracle(read.json())) == pytest.approx(expected(0.15), rel=1e-9, abs=0)


def test_result_says_who_it_is_of(client: APIClient) -> None:
    url = scenario_url(client, oracle_inputs(client, 0))

    body = client.post(f"{url}/calculate/sync", {}).json()
    detail = client.get(url).json()

    assert (body["status"], body["progress"], body["message"]) == ("calculated", 1.0, "Calculated.")
    assert url.endswith(body["scenarioId"])
    assert client.get(f"/api/v1/calculations/{body['calculationId']}").json()["state"] == "succeeded"
    assert detail["status"] == "calculated"
    assert detail["kpis"] == {
        "npvUsd": body["financials"]["npv"],
        "irr": body["financials"]["irr"],
        "paybackYears": body["financials"]["paybackYears"],
        "minimumSellingPriceUsdPerT": body["financials"]["minimumSellingPrice"]["usdPerT"],
        "lcopUsdPerT": body["technoEconomics"]["lcop"],
        "tciUsd": body["technoEconomics"]["totalCapitalInvestment"],
        "carbonIntensityGPerMj": body["carbon"]["carbonIntensity"],
    }


@pytest.mark.parametrize(
    ("capacity", "given"),
    [
        (500_000, None),
        ({"value": 500, "unit": "kt/year"}, {"value": 500, "unit": "kt/year"}),
        ({"value": 500_000}, {"value": 500_000}),
    ],
)
def test_capacity_may_carry_its_unit(client: APIClient, capacity: Any, given: Any) -> None:
    inputs = oracle_inputs(client, 0)
    inputs["plant"]["capacity"] = capacity
    url = scenario_url(client, inputs)

    body = client.post(f"{url}/calculate/sync", {}).json()

    assert flat(as_the_oracle(body)) == pytest.approx(expected(0), rel=1e-9, abs=0)
    assert body["resolvedInputs"]["plant.capacity"]["value"] == pytest.approx(500_000, rel=1e-12)
    assert body["resolvedInputs"]["plant.capacity"]["unit"] == "t/year"
    assert body["resolvedInputs"]["plant.capacity"].get("given") == given
    assert client.get(url).json()["inputs"]["plant"]["capacity"] == capacity


def test_capacity_by_volume_goes_through_the_densities(client: APIClient) -> None:
    inputs = oracle_inputs(client, 0)
    # All three fuels weigh 0.8 t/m3 here, and a barrel is 42 US gallons of 3.785411784 litres.
    barrels_per_day = 500_000 / 0.8 / (42 * 3.785411784e-3) / 365
    inputs["plant"]["capacity"] = {"value": barrels_per_day, "unit": "bbl/day"}

    body = client.post(f"{scenario_url(client, inputs)}/calculate/sync", {}).json()

    assert flat(as_the_oracle(body)) == pytest.approx(expected(0), rel=1e-9, abs=0)


def test_units_stand_beside_every_number_and_reasons_beside_every_null(client: APIClient) -> None:
    body = client.post(f"{scenario_url(client, oracle_inputs(client, 0))}/calculate/sync", {}).json()
    results = {part: body[part] for part in ("technoEconomics", "financials", "carbon")}
    # Years are numbers of years, and roots are of the unit of the rate beside them.
    table = results["financials"].pop("cashFlowTable")

    numbers = {
        path
        for path, value in dotted(results).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    assert {path for path in numbers if not covered(path, body["units"])} == set()
    assert {path for path in nulls(results) if not covered(path, body["reasons"])} == set()
    assert body["reasons"] == {"carbon.blend.ok": "carbon.blendShare is not known"}
    assert body["units"]["financials.cashFlowTable"] == "USD"
    assert [row["year"] for row in table] == list(range(21))
    assert body["units"]["technoEconomics.lcop"] == "USD/t"
    assert body["units"]["technoEconomics.utilityConsumption.Electricity"] == "kWh/year"
    assert body["units"]["carbon.carbonIntensity"] == "gCO2e/MJ"


def dotted(tree: Any, path: str = "") -> dict[str, Any]:
    if isinstance(tree, dict):
        pairs = [(f"{path}.{key}" if path else key, value) for key, value in tree.items()]
        return {key: value for name, branch in pairs for key, value in dotted(branch, name).items()}
    if isinstance(tree, list):
        return {key: value for branch in tree for key, value in dotted(branch, path).items()}
    return {path: tree}


def test_every_input_says_where_it_comes_from(client: APIClient) -> None:
    body = client.post(f"{scenario_url(client, oracle_inputs(client, 0))}/calculate/sync", {}).json()

    resolved = body["resolvedInputs"]
    assert {entry["origin"] for entry in resolved.values()} == {"user", "default", "derived"}
    assert [path for path, entry in resolved.items() if entry["origin"] != "user" and not entry.get("source")] == []
    assert {path for path, entry in resolved.items() if entry["origin"] == "user"} == {
        "pathway",
        "country",
        "utilities[1].carbonIntensity",
        "products[0].density",
        "products[1].density",
        "products[2].density",
        "capital.workingCapitalRatio",
        "capital.locationFactor",
        "finance.discountRate",
        "finance.taxRate",
    }
    assert resolved["finance.taxRate"] == {"value": 0.28, "unit": "1", "origin": "user"}
    assert resolved["feedstocks[0].price"] == {
        "value": 930.0,
        "unit": "USD/t",
        "origin": "default",
        "source": "miniTEA specification workbook, HEFA example",
        "confidence": "confirmed",
    }
    assert resolved["utilities[1].unit"]["origin"] == "derived"
    assert resolved["reference.corsiaCore"]["value"] == 13.9
    assert resolved["reference.blendLimit"]["origin"] == "derived"
