"""From what a person sent to complete inputs: names, defaults, what must hold together, and every fault at once."""

import math
from collections.abc import Mapping, Sequence

import pytest

from scenarios.engine import InputError, resolve
from scenarios.engine.fields import walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.origins import METHOD_SOURCE, NoDefaults, Sourced
from tests.engine.cases import changed, check, hefa, plain_project, problems, with_item


class Library(NoDefaults):
    """A small master data: one feedstock with a price, a capacity, and names to be mistaken for."""

    def value(self, path: str) -> Sourced | None:
        return {"plant.capacity": Sourced(300_000.0, "A study", "secondary")}.get(path)

    def items(self, group: str) -> Sequence[str]:
        return ("Used cooking oil",) if group == "feedstocks" else ()

    def item(self, group: str, name: str) -> Mapping[str, Sourced] | None:
        if group != "feedstocks":
            return super().item(group, name)
        if name.casefold() != "used cooking oil":
            return None
        return {
            "feedstock": Sourced("Used cooking oil", "list", "confirmed"),
            "yield": Sourced(1.21, "A study", "secondary"),
            "price": Sourced(930.0, "A market report", "unconfirmed"),
        }

    def names(self, group: str) -> Sequence[str]:
        return ("Used cooking oil", "Soybean oil") if group == "feedstocks" else ()


def test_yields_of_the_liquid_fuels_sum_to_one():
    assert problems(with_item("products", **{"yield": 0.54})) == {"products": "sum"}
    (problem,) = check(with_item("products", **{"yield": 0.54}))
    assert "sum to 0.9," in problem.message
    assert problems(with_item("products", **{"yield": 0.6409})) == {}
    assert problems(with_item("products", **{"yield": 0.6411})) == {"products": "sum"}


def test_what_must_hold_together():
    feed = hefa()["feedstocks"][0]
    cases = [
        ({"feedstocks": [{**feed, "share": 0.5}, {**feed, "feedstock": "Tallow", "share": 0.4}]}, "feedstocks", "sum"),
        ({"finance": {"constructionShares": [0.05] * 19}}, "finance.construction_shares", "sum"),
        ({"finance": {"constructionShares": [0.05] * 20}}, None, None),
        ({"finance": {"constructionShares": []}}, "finance.construction_shares", "empty"),
        ({"finance": {"constructionShares": [0.02] * 51}}, "finance.construction_shares", "maximum"),
        ({"finance": {"constructionShares": 1}}, "finance.construction_shares", "type"),
        ({"finance": {"constructionShares": [0.5, "0.5"]}}, "finance.construction_shares", "type"),
        ({"finance": {"depreciation": {"method": "macrs"}}}, "finance.depreciation.years", "consistency"),
        ({"finance": {"depreciation": {"method": "macrs", "years": 8}}}, "finance.depreciation.years", "consistency"),
        ({"finance": {"depreciation": {"method": "macrs", "years": 15}}}, None, None),
        ({"finance": {"depreciation": {"method": "MACRS"}}}, "finance.depreciation.method", "choice"),
        ({"finance": {"debt": {"share": 0.5, "term": 21}}}, "finance.debt.term", "consistency"),
        ({"finance": {"debt": {"share": 0, "term": 21}}}, None, None),
        ({"plant": {"utilisation": 0}}, "plant.utilisation", "consistency"),
        ({"plant": {"utilisation": [0.5] * 21}}, "plant.utilisation", "consistency"),
        ({"plant": {"utilisation": [0.5, 1.2]}}, "plant.utilisation", "maximum"),
        ({"finance": {"lifetime": 1}, "operating": {"startup": {"months": 13}}}, "operating.startup.months",
         "consistency"),
        ({"capital": {"costYear": 2023}}, "capital.reference_year", "required"),
        ({"capital": {"referenceYear": 2019}}, "capital.cost_year", "required"),
        ({"finance": {"lifetime": 20.5}}, "finance.lifetime", "type"),
        ({"finance": {"lifetime": 0}}, "finance.lifetime", "minimum"),
        ({"finance": {"taxRate": 1}}, "finance.tax_rate", "maximum"),
        ({"finance": {"discountRate": -1}}, "finance.discount_rate", "minimum"),
        ({"products": []}, "products", "empty"),
        ({"products": {}}, "products", "type"),
        ({"products": "Jet"}, "products", "type"),
        ({"products": [7]}, "products[0]", "type"),
        ({"plant": []}, "plant", "type"),
        ({"carbon": 5}, "carbon", "type"),
        ({"carbon": {"route": ["actual"]}}, "carbon.route", "choice"),
        ({"finance": {"pricedProduct": "  "}}, "finance.priced_product", "type"),
        ({"finance": {"pricedProduct": 5}}, "finance.priced_product", "type"),
    ]  # fmt: skip
    for change, field, code in cases:
        expected = {} if field is None else {field: code}
        found = problems(changed(hefa(), change))
        found.pop("finance.depreciation.years" if field == "finance.depreciation.method" else "", None)
        assert found == expected, change


def test_years_without_a_cost_index_are_refused():
    found = problems(changed(hefa(), {"capital": {"costYear": 2023, "referenceYear": 2019}}))
    assert found == {"capital.cost_year": "consistency", "capital.reference_year": "consistency"}


def test_products_cannot_hold_more_carbon_than_the_feedstock():
    assert problems(with_item("feedstocks", carbonContent=0.6)) == {"products": "consistency"}
    assert problems(with_item("feedstocks", carbonContent=0)) == {}


def test_a_liquid_fuel_holds_energy():
    assert problems(with_item("products", lowerHeatingValue=0)) == {"products[0].lower_heating_value": "consistency"}


def test_unknown_keys_are_refused_and_the_near_one_named():
    found = check(changed(hefa(), {"plant": {"capasity": 5}, "fnance": {}, "finance": {"debt": {"rate": 0.1}}}))
    by_field = {problem.field: (problem.code, problem.message) for problem in found}
    assert by_field == {
        "plant.capasity": ("unknown", "there is no such input; did you mean capacity?"),
        "fnance": ("unknown", "there is no such input; did you mean finance?"),
        "finance.debt.rate": ("unknown", by_field["finance.debt.rate"][1]),
    }


def test_an_unknown_key_of_any_length_is_named_in_a_short_sentence():
    (problem,) = check(changed(hefa(), {"plant": {"k" * 100_000: 1}}))
    assert len(problem.field) < 100
    assert len(problem.message) < 200


def test_a_flood_of_unknown_keys_is_summed_up():
    found = check(changed(hefa(), {"plant": {f"key{index}": 1 for index in range(5_000)}}))
    assert len(found) == 51
    assert (found[-1].field, found[-1].message) == ("plant", "holds 4950 more keys that are no inputs")


def test_what_the_master_data_supply_cannot_be_set():
    wire = changed(with_item("utilities", unit="kWh"), {"reference": {"costIndex": 800}})
    assert problems(wire) == {"utilities[0].unit": "read_only", "reference": "read_only"}


def test_a_name_stands_once_in_a_list_whatever_its_spelling():
    wire = hefa()
    wire["feedstocks"] = [
        {"feedstock": "used COOKING oil", "share": 0.5},
        {"feedstock": "Used cooking oil", "share": 0.5},
    ]
    assert problems(wire, Library()) == {"feedstocks[1].feedstock": "duplicate"}
    assert problems({**wire, "products": [wire["products"][0]] * 2}, Library()) == {
        "feedstocks[1].feedstock": "duplicate",
        "products[1].product": "duplicate",
        "products": "sum",
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (None, "required"),
        (7, "type"),
        ("", "type"),
        ("   ", "type"),
        ("x" * 201, "type"),
        (["a"], "type"),
        ("Jet\x00", "type"),
        ("\ud800", "type"),
        ("Je\nt", "type"),
    ],
)
def test_an_item_needs_a_name(name, code):
    assert problems(with_item("products", product=name)) == {"products[0].product": code}


def test_an_unknown_name_is_refused_and_near_ones_named():
    wire = with_item("feedstocks", feedstock="Soyabean oil")
    (problem,) = check(wire, Library())
    assert (problem.field, problem.code) == ("feedstocks[0].feedstock", "unknown_name")
    assert "near it: Soybean oil" in problem.message


def test_a_faulty_item_leaves_the_numbers_of_the_others_alone():
    wire = hefa()
    wire["products"] = ["nonsense", *wire["products"][1:]]
    wire["products"][2] = {**wire["products"][2], "lowerHeatingValue": 0}
    wire["products"].append({**wire["products"][2]})
    assert problems(wire) == {
        "products[0]": "type",
        "products[2].lower_heating_value": "consistency",
        "products[3].product": "duplicate",
        "products[3].lower_heating_value": "consistency",
    }


def test_all_faults_are_named_at_once():
    wire = changed(
        hefa(),
        {
            "plant": {"capacity": -5, "colour": "red"},
            "finance": {"discountRate": "seven", "lifetime": 0},
            "carbon": {"allocation": "luck"},
            "capital": {"tciReference": {"value": 1, "unit": "t"}},
        },
    )
    wire["products"][0]["yield"] = math.nan
    with pytest.raises(InputError) as raised:
        resolve(wire)
    assert {problem.field: problem.code for problem in raised.value.problems} == {
        "plant.capacity": "minimum",
        "plant.colour": "unknown",
        "finance.discount_rate": "type",
        "finance.lifetime": "minimum",
        "carbon.allocation": "choice",
        "capital.tci_reference": "unit",
        "products[0].yield": "finite",
    }
    assert all(problem.field in str(raised.value) for problem in raised.value.problems)


def test_what_has_no_default_is_required():
    assert problems({}) == {
        "plant.capacity": "required", "plant.load_hours": "required", "plant.reference_load_hours": "required",
        "feedstocks": "required", "products": "required",
        "capital.tci_reference": "required", "capital.capacity_reference": "required",
        "capital.scaling_exponent": "required", "operating.indirect_opex_ratio": "required",
        "finance.discount_rate": "required", "finance.lifetime": "required",
    }  # fmt: skip
    assert problems(None) == problems({})


@pytest.mark.parametrize("data", [[], "text", 5, True])
def test_inputs_that_are_no_object_are_refused(data):
    assert problems(data) == {"inputs": "type"}


def test_null_is_left_out():
    wire = plain_project()
    nulls = changed(wire, {"finance": {"taxRate": None, "debt": None}, "utilities": None, "carbon": {"avoided": None}})
    assert resolve(nulls).inputs == resolve(wire).inputs


def test_origin_says_whose_value_it_is():
    wire = hefa()
    del wire["plant"]["capacity"], wire["feedstocks"], wire["finance"]["taxRate"]
    wire["plant"]["utilisation"] = 1
    wire["finance"]["salvageShare"] = 0.1
    values = resolve(wire, Library()).values
    assert (values["plant.capacity"].origin, values["plant.capacity"].source) == ("default", "A study")
    assert values["plant.capacity"].confidence == "secondary"
    price = values["feedstocks[0].price"]
    assert (price.origin, price.source, price.confidence) == ("default", "A market report", "unconfirmed")
    assert (values["finance.tax_rate"].origin, values["finance.tax_rate"].source) == ("default", METHOD_SOURCE)
    # The user's value, though it is what the default says, is not a change of it.
    assert values["plant.utilisation"].origin == "default"
    assert (values["finance.salvage_share"].origin, values["finance.salvage_share"].source) == ("user", None)
    assert values["utilities[0].unit"].origin == "derived"


def test_a_default_that_is_not_known_is_undefined_where_it_may_be_and_required_where_not():
    class Unknown(Library):
        def item(self, group, name):
            found = super().item(group, name)
            if group != "feedstocks":
                return found
            return {**found, "price": Sourced(None, "no price found", ""), "yield": Sourced(None, "no yield found", "")}

    wire = {**hefa(), "feedstocks": [{"feedstock": "Used cooking oil"}]}
    assert problems(wire, Unknown()) == {"feedstocks[0].yield": "required"}
    wire["feedstocks"][0]["yield"] = 1.21
    assert resolve(wire, Unknown()).inputs.feedstocks[0].price is None


def test_every_leaf_of_the_inputs_is_among_the_values():
    found = resolve(hefa())
    expected = set()
    for path, _ in walk(ScenarioInputs):
        group, in_list, name = path.partition("[].")
        count = len(getattr(found.inputs, group)) if in_list else 1
        expected |= {f"{group}[{index}].{name}" if in_list else path for index in range(count)}
    without_reference = {path for path in expected if not path.startswith("reference.")}
    assert set(found.values) == without_reference


def test_a_group_that_no_calculation_reads_yet_is_refused_unless_it_is_empty():
    assert problems(hefa(uncertainties={})) == {}
    assert problems(hefa(uncertainties={"plant.capacity": {"kind": "normal"}})) == {"uncertainties": "unsupported"}
