"""Every design of the master data, in every country, calculates on its defaults alone."""

from typing import Any

import orjson
import pytest

from accounts.models import User
from config.http.rendering import encode
from masterdata.catalogue import current
from projects.models import Project
from scenarios.api.serializers import result_body
from scenarios.models import Scenario
from scenarios.services import inputs_preview
from tests.scenarios.cases import calculate, covered, nulls, scenario_make

pytestmark = pytest.mark.django_db

DESIGNS = [
    ("HEFA-SPK", "Used cooking oil"),
    ("HEFA-SPK", "Tallow"),
    ("HEFA-SPK", "Soybean oil"),
    ("FT-SPK", "Municipal solid waste"),
    ("FT-SPK", "Forest residues"),
    ("FT-SPK", "Agricultural residues"),
    ("ATJ-SPK", "Ethanol"),
    ("PtL-FT", "Captured CO2 and water"),
]
PARTS = ("technoEconomics", "financials", "carbon")


def test_no_design_is_left_out_below() -> None:
    catalogue = current()

    assert [(design.pathway.code, design.feedstock.name) for design in catalogue.designs] == DESIGNS
    assert len(catalogue.countries) == 18


def unexplained(result: dict[str, Any]) -> list[str]:
    """The nulls of a result that have no reason."""
    return [path for path in nulls({part: result[part] for part in PARTS}) if not covered(path, result["reasons"])]


@pytest.mark.parametrize(("pathway", "feedstock"), DESIGNS, ids=lambda name: name)
def test_design_calculates_in_every_country(project: Project, user: User, pathway: str, feedstock: str) -> None:
    faults = {}
    for country in current().countries:
        inputs = {"pathway": pathway, "feedstocks": [{"feedstock": feedstock}], "country": country.code}
        made = calculate(scenario_make(project=project, user=user, inputs=inputs), user=user)
        stored = Scenario.objects.with_result().get(pk=made.pk)
        # The renderer's encoder refuses NaN and infinity wherever they stand.
        first, body = (orjson.loads(encode(result_body(scenario))) for scenario in (made, stored))
        if body["status"] != "calculated" or body != first or unexplained(body):
            faults[country.code] = (body["status"], body["message"], unexplained(body))

    assert faults == {}


@pytest.mark.parametrize(("pathway", "feedstock"), DESIGNS, ids=lambda name: name)
def test_default_value_of_corsia_is_missing_rather_than_zero(pathway: str, feedstock: str) -> None:
    faults = {}
    for country in current().countries:
        inputs = {"pathway": pathway, "feedstocks": [{"feedstock": feedstock}], "country": country.code}
        preview = inputs_preview(inputs={**inputs, "carbon": {"route": "corsia_default"}})
        result = orjson.loads(encode(preview))
        known = current().corsia(pathway, feedstock, country.code)
        published = None if known is None or known.land_use_change.value is None else known.core.value
        if unexplained(result) or (result["carbon"]["carbonIntensity"] is None) != (published is None):
            faults[country.code] = (published, result["carbon"]["carbonIntensity"], unexplained(result))

    assert faults == {}


@pytest.mark.parametrize(("pathway", "feedstock"), DESIGNS, ids=lambda name: name)
def test_a_design_makes_no_more_mass_than_it_takes_in(pathway: str, feedstock: str) -> None:
    inputs = {"pathway": pathway, "feedstocks": [{"feedstock": feedstock}], "country": "MYS"}
    result = inputs_preview(inputs=inputs)
    economics, resolved = result["technoEconomics"], result["resolvedInputs"]
    names = {entry["value"]: path for path, entry in resolved.items() if path.endswith(".utility")}
    weighed = [
        used
        for name, used in economics["utilityConsumption"].items()
        if resolved[names[name].replace(".utility", ".unit")]["value"] == "t"
    ]

    assert sum(economics["feedstockConsumption"].values()) + sum(weighed) >= sum(economics["production"].values())
