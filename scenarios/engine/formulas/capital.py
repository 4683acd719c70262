"""Capital (method.md 6-8)."""

from scenarios.engine.formula import Undefined, formula
from scenarios.engine.numeric import Value, power


@formula(
    "Cost index ratio", "1", "CEPCI of the cost year / CEPCI of the reference year, 1 where no years are given",
    source="method 6", accepts_undefined=True,
)  # fmt: skip
def cost_index_ratio(cost_index: Value | Undefined, cost_index_reference: Value | Undefined) -> Value:
    if isinstance(cost_index, Undefined) or isinstance(cost_index_reference, Undefined):
        return 1.0
    return cost_index / cost_index_reference


@formula(
    "Total capital investment", "USD",
    "reference TCI × (capacity / reference capacity)^scaling exponent × location factor × cost index ratio"
    " × (1 + contingency) × pioneer factor",
    source="method 6, 8", symbol="TCI",
)  # fmt: skip
def tci_usd(
    tci_reference_usd: Value,
    capacity_t_per_y: Value,
    capacity_reference_t_per_y: Value,
    scaling_exponent: Value,
    location_factor: Value,
    cost_index_ratio: Value,
    contingency: Value,
    pioneer_factor: Value,
) -> Value:
    scale = power(capacity_t_per_y / capacity_reference_t_per_y, scaling_exponent)
    return tci_reference_usd * scale * location_factor * cost_index_ratio * (1 + contingency) * pioneer_factor


@formula("Working capital", "USD", "working capital ratio × TCI", source="method 7", symbol="WC")
def working_capital_usd(working_capital_ratio: Value, tci_usd: Value) -> Value:
    return working_capital_ratio * tci_usd


@formula("Fixed capital investment", "USD", "TCI - working capital", source="method 7", symbol="FCI")
def fci_usd(tci_usd: Value, working_capital_usd: Value) -> Value:
    return tci_usd - working_capital_usd
