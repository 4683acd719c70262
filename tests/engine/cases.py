"""Scenarios the engine's tests share, in wire form, and ways to vary them."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from scenarios.engine import InputError, InputProblem, evaluate, resolve
from scenarios.engine.origins import NoDefaults, Sourced
from scenarios.engine.resolution import Resolution

ORACLES = Path(__file__).parent / "oracles"


@cache
def oracle(name: str) -> Any:
    return json.loads((ORACLES / f"{name}.json").read_text())


def changed(base: Any, changes: Any) -> Any:
    """``base`` with ``changes`` merged in: objects key by key, everything else replaced."""
    if not (isinstance(base, Mapping) and isinstance(changes, Mapping)):
        return changes
    return {**base, **{key: changed(base.get(key), value) for key, value in changes.items()}}


def hefa(**changes: Any) -> dict[str, Any]:
    """HEFA from used cooking oil, 500 kt/y: the inputs of oracles/hefa_500kt.json, and what it does not depend on."""
    given = oracle("hefa_500kt")["inputs"]
    feed, hydrogen, power = given["feedstock"], given["hydrogen"], given["electricity"]
    wire = {
        "plant": {"capacity": given["capacity_t_per_y"], "loadHours": 8000, "referenceLoadHours": 8000},
        "feedstocks": [
            {
                "feedstock": feed["name"],
                "yield": feed["yield_t_per_t"],
                "price": feed["price_usd_per_t"],
                "carbonIntensity": feed["ci_gco2e_per_kg"],
                "carbonContent": feed["carbon_kg_per_kg"],
            }
        ],
        "utilities": [
            {
                "utility": "Hydrogen",
                "consumption": hydrogen["consumption_t_per_t"],
                "price": hydrogen["price_usd_per_t"],
                "carbonIntensity": hydrogen["ci_gco2e_per_kg"],
            },
            {
                "utility": "Electricity",
                "consumption": power["consumption_kwh_per_t"],
                "price": power["price_usd_per_kwh"],
                "carbonIntensity": power["ci_gco2e_per_kwh"],
            },
        ],
        "products": [
            {
                "product": name,
                "yield": product["yield_t_per_t"],
                "price": product["price_usd_per_t"],
                "lowerHeatingValue": product["lhv_mj_per_kg"],
                "carbonContent": product["carbon_kg_per_kg"],
                "density": 0.8,
            }
            for name, product in given["products"].items()
        ],
        "capital": {
            "tciReference": given["tci_ref_usd"],
            "capacityReference": given["capacity_ref_t_per_y"],
            "scalingExponent": given["scaling_exponent"],
        },
        "operating": {"indirectOpexRatio": given["indirect_opex_to_tci"]},
        "finance": {
            "discountRate": given["discount_rate"],
            "lifetime": given["lifetime_years"],
            "taxRate": given["tax_rate"],
        },
        "carbon": {
            "processIntensity": given["process_ci_gco2e_per_mj"],
            "fossilComparator": given["fossil_comparator_gco2e_per_mj"],
            "fossilJetPrice": 800,
        },
    }
    return changed(wire, changes)


def whole_method(**changes: Any) -> dict[str, Any]:
    """A plant that uses every part of the method: nothing is at a value that hides a factor."""
    wire = {
        "pathway": "HEFA-SPK",
        "country": "MYS",
        "plant": {
            "capacity": 310_000,
            "loadHours": 7_900,
            "referenceLoadHours": 8_100,
            "utilisation": [0.55, 0.8, 0.95],
        },
        "feedstocks": [
            {
                "feedstock": "Used cooking oil",
                "share": 0.7,
                "yield": 1.21,
                "price": 930,
                "carbonIntensity": 46.5,
                "carbonContent": 0.78,
            },
            {
                "feedstock": "Tallow",
                "share": 0.3,
                "yield": 1.27,
                "price": 870,
                "carbonIntensity": 210,
                "carbonContent": 0.76,
            },
        ],
        "utilities": [
            {"utility": "Hydrogen", "consumption": 0.042, "price": 3400, "carbonIntensity": 9100},
            {"utility": "Electricity", "consumption": 120, "price": 0.085, "carbonIntensity": 580},
            {"utility": "Steam", "consumption": 0.4, "price": 28, "carbonIntensity": 190},
        ],
        "products": [
            {
                "product": "Jet",
                "yield": 0.64,
                "price": 2300,
                "lowerHeatingValue": 43.8,
                "carbonContent": 0.847,
                "density": 0.757,
            },
            {
                "product": "Diesel",
                "yield": 0.15,
                "price": 1500,
                "lowerHeatingValue": 42.6,
                "carbonContent": 0.85,
                "density": 0.78,
            },
            {
                "product": "Naphtha",
                "yield": 0.21,
                "price": 1000,
                "lowerHeatingValue": 43.4,
                "carbonContent": 0.84,
                "density": 0.7,
            },
            {
                "product": "Char",
                "yield": 0.02,
                "price": 90,
                "lowerHeatingValue": 28,
                "carbonContent": 0.9,
                "liquidFuel": False,
            },
        ],
        "capital": {
            "tciReference": 4.1e8,
            "capacityReference": 500_000,
            "scalingExponent": 0.62,
            "workingCapitalRatio": 0.06,
            "locationFactor": 1.12,
            "costYear": 2023,
            "referenceYear": 2019,
            "contingency": 0.09,
            "pioneerFactor": 1.15,
        },
        "operating": {
            "indirectOpexRatio": 0.071,
            "otherVariable": 12.5,
            "startup": {"months": 7, "salesShare": 0.5, "variableShare": 0.75, "fixedShare": 0.9},
        },
        "finance": {
            "discountRate": 0.075,
            "rateBasis": "real",
            "inflation": 0.021,
            "lifetime": 21,
            "operationStart": 2028,
            "constructionShares": [0.08, 0.6, 0.32],
            "taxRate": 0.24,
            "depreciation": {"method": "macrs", "years": 7},
            "debt": {"share": 0.6, "interest": 0.065, "term": 12, "constructionInterest": "capitalised"},
            "escalation": {"products": 0.004, "feedstock": 0.007, "utilities": -0.003, "fixed": 0.002},
            "salvageShare": 0.05,
        },
        "carbon": {
            "processIntensity": 12.4,
            "transportIntensity": 0.8,
            "landUseChange": 1.5,
            "avoided": 0.6,
            "carbonPrice": 55,
            "fossilJetPrice": 790,
            "blendShare": 0.3,
        },
        "incentives": [
            {"incentive": "45Z", "kind": "us_45z", "amount": 1.0, "firstYear": 2026, "lastYear": 2029, "share": 0.9},
            {
                "incentive": "RIN",
                "kind": "rin",
                "amount": 0.9,
                "rinsPerGallon": 1.6,
                "minimumReduction": 0.2,
                "indexed": True,
            },
            {"incentive": "Premium", "kind": "price_premium", "amount": 40, "product": "Diesel", "lastYear": 2041},
            {"incentive": "Grant", "kind": "capital_grant", "amount": 1.2e7},
            {"incentive": "Investment credit", "kind": "capital_grant_share", "amount": 0.03},
        ],
    }
    return changed(wire, changes)


class KnownReferences(NoDefaults):
    """Defaults that know the reference values a scenario may bring along, and nothing else."""

    VALUES = {
        "cost_index": 797.9,
        "cost_index_reference": 607.5,
        "corsia_core": 13.9,
        "corsia_land_use_change": 0.0,
        "blend_limit": 0.5,
    }

    def __init__(self, **values: float | None) -> None:
        self.known = {**self.VALUES, **values}

    def reference(self, chosen: Mapping[str, Any]) -> Mapping[str, Sourced]:
        of_years = {"cost_index": "capital.cost_year", "cost_index_reference": "capital.reference_year"}
        return {
            name: Sourced(value, "a table", "confirmed")
            for name, value in self.known.items()
            if name not in of_years or chosen.get(of_years[name]) is not None
        }


def resolved(wire: Mapping[str, Any]) -> Resolution:
    return resolve(wire, KnownReferences())


def calculated(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Every quantity of one case."""
    return evaluate(resolved(wire).inputs)


def plain_project(**changes: Any) -> dict[str, Any]:
    """One feedstock, one product, nothing else: revenue 375, OPEX 270, FCI 400 million USD, as in projects.json."""
    wire = {
        "plant": {"capacity": 500_000, "loadHours": 8000, "referenceLoadHours": 8000},
        "feedstocks": [{"feedstock": "Oil", "yield": 1, "price": 500, "carbonIntensity": 0, "carbonContent": 0.9}],
        "products": [
            {
                "product": "Jet",
                "yield": 1,
                "price": 750,
                "lowerHeatingValue": 43.8,
                "carbonContent": 0.847,
                "density": 0.8,
            }
        ],
        "capital": {"tciReference": 400e6, "capacityReference": 500_000, "scalingExponent": 0.6},
        "operating": {"indirectOpexRatio": 0.05},
        "finance": {"discountRate": 0.1, "lifetime": 20},
        "carbon": {"processIntensity": 20},
    }
    return changed(wire, changes)


def check(wire: Any, defaults: NoDefaults | None = None) -> tuple[InputProblem, ...]:
    """Everything that is wrong, in the order in which it was found."""
    try:
        resolve(wire, defaults)
    except InputError as error:
        return error.problems
    return ()


def problems(wire: Any, defaults: NoDefaults | None = None) -> dict[str, str]:
    """Code by field of everything that is wrong; each field is named once."""
    found = check(wire, defaults)
    fields = [problem.field for problem in found]
    assert len(fields) == len(set(fields)), fields
    assert all(problem.message for problem in found)
    return {problem.field: problem.code for problem in found}


def with_item(group: str, **changes: Any) -> dict[str, Any]:
    """The HEFA example with its first feedstock, utility or product changed."""
    wire = hefa()
    wire[group] = [changed(wire[group][0], changes), *wire[group][1:]]
    return wire
