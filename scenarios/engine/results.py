"""What a calculation says: the quantities a person asked for, under the names of the API, with units and reasons.

``KPIS`` is the one list of scalar results; the result tree, its units and what can be traced all follow from it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from scenarios.engine.fields import camel
from scenarios.engine.formula import Undefined
from scenarios.engine.incentive import CAPITAL_KINDS
from scenarios.engine.metrics import MULTIPLE, NONE, UNIQUE
from scenarios.engine.model import GRAPH
from scenarios.engine.numeric import total
from scenarios.engine.yearly_table import cash_flow_rows

TECHNO_ECONOMICS = {
    "total_capital_investment": "tci_usd",
    "fixed_capital_investment": "fci_usd",
    "working_capital": "working_capital_usd",
    "total_production": "production_t_per_y",
    "total_opex": "total_opex_usd_per_y",
    "total_revenue": "total_revenue_usd_per_y",
    "carbon_revenue": "carbon_revenue_usd_per_y",
    "capital_grants": "capital_grant_usd",
    "lcop": "lcop_usd_per_t",
    "net_lcop": "net_lcop_usd_per_t",
    "capital_recovery_factor": "capital_recovery_factor_per_y",
    "fuel_lower_heating_value": "fuel_lower_heating_value_mj_per_kg",
}
BY_BASIS = {
    "npv": "npv_usd",
    "irr": "irr",
    "modified_irr": "modified_irr",
    "payback_years": "payback_years",
    "discounted_payback_years": "discounted_payback_years",
    "profitability_index": "profitability_index",
    "return_on_investment": "roi",
}
MINIMUM_PRICE = {
    "usd_per_t": "minimum_selling_price_usd_per_t",
    "usd_per_l": "minimum_selling_price_usd_per_l",
    "usd_per_gal": "minimum_selling_price_usd_per_gal",
}
CARBON = {
    "carbon_intensity": "carbon_intensity_g_per_mj",
    "fuel_emissions": "fuel_emissions_kg_per_t",
    "emissions": "emissions_t_per_y",
    "avoided": "avoided_t_per_y",
    "reduction": "reduction",
    "abatement_cost": "abatement_cost_usd_per_t",
}


def kpi_keys(basis: str) -> dict[str, str]:
    """The quantity behind every KPI that can be traced, by its wire name."""
    keys = {name: key for table in (TECHNO_ECONOMICS, CARBON) for name, key in table.items()}
    keys |= {name: f"{basis}_{key}" for name, key in BY_BASIS.items()}
    keys |= {
        "minimum_selling_price": MINIMUM_PRICE["usd_per_t"],
        "carbon_conversion_efficiency": "carbon_efficiency",
        "product_intensity": "product_intensity_kg_per_t",
        "corsia_emissions_reduction": "corsia_reduction_t_per_y",
        "corsia_eligible": "corsia_eligible",
        "red_eligible": "red_eligible",
        "us45z_eligible": "us45z_eligible",
        "blend_allowed": "blend_allowed",
        "incentives": "incentive_usd_per_y",
    }
    return {camel(name): key for name, key in keys.items()}


def report(values: Mapping[str, Any]) -> dict[str, Any]:
    """The result of one case as plain numbers under wire names, with the units and the reasons for what is null."""
    writer = _Writer(values)
    tree = {
        "technoEconomics": writer.techno_economics(),
        "financials": writer.financials(),
        "carbon": writer.carbon(),
    }
    return {**tree, "units": writer.units, "reasons": writer.reasons}


@dataclass(frozen=True, slots=True)
class _Table:
    """Scalar results that stand side by side: the wire name, quantity and path of each, and the units by path."""

    lines: tuple[tuple[str, str, str], ...]
    units: Mapping[str, str]


def _table(keys: Mapping[str, str], path: str, prefix: str = "") -> _Table:
    lines = [(camel(name), prefix + key, f"{path}.{camel(name)}") for name, key in keys.items()]
    return _Table(tuple(lines), {here: GRAPH.formulas[key].unit for _, key, here in lines})


_TECHNO_ECONOMICS = _table(TECHNO_ECONOMICS, "technoEconomics")
_MINIMUM_PRICE = _table(MINIMUM_PRICE, "financials.minimumSellingPrice")
_CARBON = _table(CARBON, "carbon")
# By basis: the one that counts stands in the financials themselves, and again, beside the other, under its name.
_DRIVING = {basis: _table(BY_BASIS, "financials", f"{basis}_") for basis in ("unlevered", "levered")}
_BY_NAME = {basis: _table(BY_BASIS, f"financials.{basis}", f"{basis}_") for basis in ("unlevered", "levered")}


class _Writer:
    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.units: dict[str, str] = {}
        self.reasons: dict[str, str] = {}

    def scalar(self, key: str, path: str) -> Any:
        """One number, None with its reason noted where it is undefined."""
        self.units[path] = GRAPH.formulas[key].unit
        return self.plain(self.values[key], path)

    def plain(self, value: Any, path: str, item: str = "") -> Any:
        """A number as it is written, of an ``item`` if of one; None with the reason noted where there is none."""
        if type(value) is float and math.isfinite(value):
            return value + 0.0  # no negative zero
        here = f"{path}.{item}" if item else path
        if isinstance(value, float):
            self.reasons[here] = "the number is too large to be stated"
            return None
        if isinstance(value, Undefined):
            self.reasons[here] = value.reason
            return None
        return value.item() if isinstance(value, np.generic) else value

    def table(self, table: _Table) -> dict[str, Any]:
        self.units.update(table.units)
        return {name: self.plain(self.values[key], path) for name, key, path in table.lines}

    def items(self, names: str, key: str, path: str) -> dict[str, Any]:
        """A quantity by item under the items' own names; all None where the whole of it is undefined."""
        self.units[path] = GRAPH.formulas[key].unit
        found = self.values[key]
        labels = self.values[names]
        if isinstance(found, Undefined):
            self.reasons[path] = found.reason
            return dict.fromkeys(labels)
        return {label: self.plain(value, path, label) for label, value in zip(labels, found, strict=True)}

    def utility_units(self, path: str) -> None:
        del self.units[path]
        for name, unit in zip(self.values["utility_name"], self.values["utility_unit"], strict=True):
            self.units[f"{path}.{name}"] = f"{unit}/year"

    def techno_economics(self) -> dict[str, Any]:
        at = "technoEconomics"
        tree = self.table(_TECHNO_ECONOMICS)
        tree["production"] = self.items("product_name", "product_t_per_y", f"{at}.production")
        tree["feedstockConsumption"] = self.items("feedstock_name", "feedstock_t_per_y", f"{at}.feedstockConsumption")
        tree["utilityConsumption"] = self.items("utility_name", "utility_units_per_y", f"{at}.utilityConsumption")
        self.utility_units(f"{at}.utilityConsumption")
        tree["opexBreakdown"] = {
            "feedstocks": self.items("feedstock_name", "feedstock_cost_usd_per_y", f"{at}.opexBreakdown.feedstocks"),
            "utilities": self.items("utility_name", "utility_cost_usd_per_y", f"{at}.opexBreakdown.utilities"),
            "otherVariable": self.scalar("other_variable_cost_usd_per_y", f"{at}.opexBreakdown.otherVariable"),
            "indirectOpex": self.scalar("indirect_opex_usd_per_y", f"{at}.opexBreakdown.indirectOpex"),
        }
        tree["revenueBreakdown"] = self.items("product_name", "product_revenue_usd_per_y", f"{at}.revenueBreakdown")
        tree["lcopShares"] = {
            "feedstocks": self.items("feedstock_name", "feedstock_lcop_share", f"{at}.lcopShares.feedstocks"),
            "utilities": self.items("utility_name", "utility_lcop_share", f"{at}.lcopShares.utilities"),
            "otherVariable": self.scalar("other_variable_lcop_share", f"{at}.lcopShares.otherVariable"),
            "indirectOpex": self.scalar("indirect_opex_lcop_share", f"{at}.lcopShares.indirectOpex"),
            "capital": self.scalar("capital_lcop_share", f"{at}.lcopShares.capital"),
        }
        tree["carbonConversionEfficiency"] = {
            **self.items("product_name", "product_carbon_efficiency", f"{at}.carbonConversionEfficiency"),
            "total": self.scalar("carbon_efficiency", f"{at}.carbonConversionEfficiency.total"),
        }
        return tree

    def financials(self) -> dict[str, Any]:
        at, basis = "financials", self.values["npv_basis"]
        driving = self.basis(basis, at, _DRIVING[basis])
        price = self.table(_MINIMUM_PRICE)
        return {
            **driving,
            "basis": basis,
            "minimumSellingPrice": {"product": self.priced_product(), **price},
            "unlevered": self.basis("unlevered", f"{at}.unlevered", _BY_NAME["unlevered"]),
            "levered": self.basis("levered", f"{at}.levered", _BY_NAME["levered"]),
            "incentives": self.incentives(f"{at}.incentives"),
            "cashFlowTable": self.cash_flow_table(basis),
        }

    def incentives(self, path: str) -> list[dict[str, Any]]:
        """Item by item: what a full year pays, in how many years, the sum of them, and why an item pays nothing."""
        values, found = self.values, []
        for index, (name, kind) in enumerate(zip(values["incentive_name"], values["incentive_kind"], strict=True)):
            here, flow = f"{path}[{index}]", values["incentive_by_year_usd"][index]
            is_grant = kind in CAPITAL_KINDS
            paid = values["incentive_paid_by_year"][index]
            granted = values["incentive_grant_usd"][index]
            self.units |= {f"{here}.perTonne": "USD/t", f"{here}.fullYear": "USD/year", f"{here}.total": "USD"}
            found.append(
                {
                    "incentive": name,
                    "kind": kind,
                    "perTonne": self.plain(values["incentive_rate_usd_per_t"][index], f"{here}.perTonne"),
                    "fullYear": self.plain(values["incentive_usd_per_y"][index], f"{here}.fullYear"),
                    "years": 0 if is_grant else int(sum(paid)),
                    "total": self.plain(
                        granted if is_grant else flow if isinstance(flow, Undefined) else total(flow), f"{here}.total"
                    ),
                    "note": self.incentive_note(index),
                }
            )
        return found

    def incentive_note(self, index: int) -> str:
        """Why an item that has a value pays nothing; empty where it pays."""
        values = self.values
        if values["incentive_kind"][index] in CAPITAL_KINDS:
            return ""
        if not any(values["incentive_paid_by_year"][index]):
            start = values["operation_start_year"]
            return f"not paid in any year of operation, {start} to {start + values['lifetime_years'] - 1}"
        asked, reached = values["incentive_minimum_reduction"][index], values["incentive_reduction"][index]
        if isinstance(asked, Undefined) and values["incentive_kind"][index] == "us_40b":
            asked = values["us40b_minimum_reduction"]
        if not isinstance(asked, Undefined) and not isinstance(reached, Undefined) and reached < asked:
            return f"the reduction of {reached:.1%} is below the {asked:.0%} asked for"
        if values["incentive_kind"][index] == "us_45z" and values["incentive_usd_per_y"][index] == 0:
            return "the intensity is not below the ceiling, or the feedstock is not North American"
        return ""

    def priced_product(self) -> str:
        index = self.values["priced_index"]
        return self.values["priced_product"] if isinstance(index, Undefined) else self.values["product_name"][index]

    def basis(self, basis: str, path: str, table: _Table) -> dict[str, Any]:
        tree = self.table(table)
        roots = self.values[f"{basis}_irr_roots"]
        if isinstance(roots, Undefined):
            found: list[float] = []
        else:
            found = [root for root in np.ravel(roots).tolist() if math.isfinite(root)]
        tree["irrStatus"] = {0: NONE, 1: UNIQUE}.get(len(found), MULTIPLE)
        tree["irrRoots"] = found
        self.units[f"{path}.irrRoots"] = "1"
        return tree

    def cash_flow_table(self, basis: str) -> list[dict[str, Any]]:
        """A row a year from -(m-1) to N; empty where the flow is undefined."""
        flow = self.values["levered_cash_flow_usd"]
        at = "financials.cashFlowTable"
        if isinstance(flow, Undefined):
            self.reasons[at] = flow.reason
            return []
        self.units[at] = "USD"
        return cash_flow_rows(self.values, basis, partial(self.plain, path=at))

    def carbon(self) -> dict[str, Any]:
        at, values = "carbon", self.values
        tree = self.table(_CARBON)
        tree["route"] = values["carbon_route"]
        tree["allocation"] = values["allocation"]
        tree["stages"] = self.stages(f"{at}.stages")
        tree["productIntensity"] = self.items("product_name", "product_intensity_kg_per_t", f"{at}.productIntensity")
        tree["allocations"] = {
            name: self.items("product_name", f"{name}_allocated_kg_per_t", f"{at}.allocations.{name}")
            for name in ("energy", "mass", "economic")
        }
        tree["corsia"] = {
            "route": values["carbon_route"],
            "value": self.scalar("priced_intensity_g_per_mj", f"{at}.corsia.value"),
            "defaultValue": self.scalar("corsia_default_g_per_mj", f"{at}.corsia.defaultValue"),
            "emissionsReduction": self.scalar("corsia_reduction_t_per_y", f"{at}.corsia.emissionsReduction"),
            "eligible": self.scalar("corsia_eligible", f"{at}.corsia.eligible"),
        }
        tree["red"] = {"eligible": self.scalar("red_eligible", f"{at}.red.eligible")}
        tree["us45z"] = {
            "intensity": self.scalar("us45z_intensity_kg_per_mmbtu", f"{at}.us45z.intensity"),
            "eligible": self.scalar("us45z_eligible", f"{at}.us45z.eligible"),
        }
        limit = values["blend_limit"]
        self.units[f"{at}.blend.limit"] = "1"
        tree["blend"] = {
            "limit": self.plain(limit, f"{at}.blend.limit"),
            "ok": self.scalar("blend_allowed", f"{at}.blend.ok"),
        }
        return tree

    def stages(self, path: str) -> dict[str, Any]:
        """The stages that sum to the carbon intensity, those of the table where its default value is used."""
        values = self.values
        self.units[path] = "gCO2e/MJ"
        if values["carbon_route"] == "corsia_default":
            keys = {"core": "corsia_core_g_per_mj", "landUseChange": "corsia_land_use_change_g_per_mj"}
            return {name: self.plain(values[key], f"{path}.{name}") for name, key in keys.items()}
        avoided = values["avoided_intensity_g_per_mj"]
        return {
            "feedstocks": self.items("feedstock_name", "feedstock_stage_g_per_mj", f"{path}.feedstocks"),
            "utilities": self.items("utility_name", "utility_stage_g_per_mj", f"{path}.utilities"),
            "process": self.plain(values["process_intensity_g_per_mj"], f"{path}.process"),
            "transport": self.plain(values["transport_intensity_g_per_mj"], f"{path}.transport"),
            "landUseChange": self.plain(values["land_use_change_g_per_mj"], f"{path}.landUseChange"),
            "avoided": self.plain(-avoided, f"{path}.avoided"),
        }
