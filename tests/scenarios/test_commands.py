"""The calculation from the command line, the template it reads, and the demo."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import password_change
from projects.models import Project
from scenarios.engine.fields import camel_path, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.models import Calculation, Scenario
from tests.scenarios.cases import SCENARIOS, scenario_make

pytestmark = pytest.mark.django_db

HEFA_MYS = ["--pathway", "HEFA-SPK", "--feedstock", "Used cooking oil", "--country", "MYS"]
PARTS = ("technoEconomics", "financials", "carbon", "units", "reasons", "resolvedInputs")


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    """Where create_demo notes what it set, which processes that test at once would share."""
    settings.VAR_DIR = tmp_path


def run(command: str, *arguments: str) -> str:
    output = io.StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def test_calculation_is_printed_line_by_line() -> None:
    lines = run("calculate", *HEFA_MYS).splitlines()

    shown = {line[:30].strip(): line[31:] for line in lines}
    assert shown["Total capital investment"] == "448,000,000 USD"
    assert shown["Levelised cost of production"] == "1,532.94 USD/t"
    assert shown["Net present value"].endswith(" USD")
    assert shown["Internal rate of return"].startswith("0.79")
    assert shown["Carbon intensity"] == "22.96 gCO2e/MJ"
    assert len(shown) == 10
    assert not Calculation.objects.exists()


def test_undefined_figure_is_printed_with_its_reason() -> None:
    lines = run("calculate", "--pathway", "PtL-FT", "--country", "MYS").splitlines()

    (line,) = (line for line in lines if line.startswith("Carbon intensity"))
    assert line[31:] == "feedstocks[0].carbonIntensity is not known"


def test_json_is_the_result_of_the_api(api: APIClient, project: Project, user: User) -> None:
    inputs = {"pathway": "HEFA-SPK", "feedstocks": [{"feedstock": "Used cooking oil"}], "country": "MYS"}
    scenario = scenario_make(project=project, user=user, inputs=inputs)

    printed = json.loads(run("calculate", *HEFA_MYS, "--json"))
    answered = api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {}).json()

    assert printed == {part: answered[part] for part in PARTS}


def test_inputs_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps({"plant": {"capacity": {"value": 250, "unit": "kt/year"}}, "utilities": []}))

    printed = json.loads(run("calculate", *HEFA_MYS, "--inputs", str(file), "--json"))

    assert printed["technoEconomics"]["totalProduction"] == 250_000
    assert printed["technoEconomics"]["utilityConsumption"] == {}
    assert printed["resolvedInputs"]["country"]["value"] == "MYS"


def test_inputs_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"pathway": "HEFA-SPK", "country": "IDN"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(given).encode())))

    printed = json.loads(run("calculate", "--inputs", "-", "--json"))

    assert printed["resolvedInputs"]["country"]["value"] == "IDN"


def test_every_fault_of_the_inputs_is_told(tmp_path: Path) -> None:
    file = tmp_path / "inputs.json"
    file.write_text('{"plant": {"capacity": -5, "loadHours": "abc"}, "country": "XXX"}')

    with pytest.raises(CommandError) as refused:
        run("calculate", "--pathway", "HEFA-SPK", "--inputs", str(file))

    lines = str(refused.value).splitlines()
    assert lines[0] == "These inputs cannot be calculated:"
    assert {line.split(":")[0].strip() for line in lines[1:]} == {"country", "plant.capacity", "plant.loadHours"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "--inputs: No such file or directory"),
        ("{", "--inputs: not JSON"),
        ('{"plant": {"capacity": NaN}}', "--inputs: not JSON"),
        ("[]", "--inputs: must hold an object of inputs"),
    ],
)
def test_file_that_cannot_be_read_is_told(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "inputs.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(CommandError, match=re.escape(message)):
        run("calculate", *HEFA_MYS, "--inputs", str(file))


def leaves(tree: Any, path: str = "") -> set[str]:
    if isinstance(tree, dict):
        pairs = [(f"{path}.{key}" if path else key, value) for key, value in tree.items()]
        return {leaf for name, value in pairs for leaf in leaves(value, name)}
    if isinstance(tree, list):
        return {leaf for value in tree for leaf in leaves(value, f"{path}[]")}
    assert tree is None
    return {path}


def test_template_holds_every_input_once() -> None:
    settable = {camel_path(path) for path, item in walk(ScenarioInputs) if item.spec.settable}

    assert leaves(json.loads(run("inputs_template"))) == {path for path in settable if not path.startswith("reference")}


def test_template_that_nobody_filled_in_takes_every_default(tmp_path: Path) -> None:
    file = tmp_path / "inputs.json"
    file.write_text(run("inputs_template"))

    assert run("calculate", *HEFA_MYS, "--inputs", str(file), "--json") == run("calculate", *HEFA_MYS, "--json")


def test_template_explains_its_fields() -> None:
    lines = run("inputs_template", "--help-fields").splitlines()

    explained = {line.split()[0]: line for line in lines}
    assert leaves(json.loads(run("inputs_template"))) <= set(explained)
    assert "[t/year]" in explained["plant.capacity"]
    assert "(unlevered | levered)" in explained["finance.basis"]


@pytest.fixture
def _without_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)


def signs_in(client: APIClient, password: str) -> bool:
    body = {"email": "demo@example.com", "password": password}
    return client.post("/api/v1/auth/login", body).status_code == 200


@pytest.mark.usefixtures("_without_password")
def test_demo_is_made_with_a_password_that_is_printed_once(anonymous_api: APIClient) -> None:
    first = run("create_demo")
    before = [list(model.objects.order_by("pk").values()) for model in (User, Project, Scenario, Calculation)]
    second = run("create_demo")

    password = re.fullmatch(r"demo user demo@example\.com: password (\S{12,})\n", first)[1]
    assert second == ""
    assert [list(model.objects.order_by("pk").values()) for model in (User, Project, Scenario, Calculation)] == before
    assert signs_in(anonymous_api, password)


@pytest.mark.usefixtures("_without_password")
def test_demo_has_calculated_scenarios_to_compare(client_of: Any) -> None:
    run("create_demo")

    user = User.objects.get(email="demo@example.com")
    api = client_of(user)
    (project,) = api.get("/api/v1/projects").json()["items"]
    compared = api.get(f"/api/v1/projects/{project['id']}/comparison").json()
    assert [entry["status"] for entry in compared["scenarios"]] == ["calculated"] * 3
    assert [row["path"] for row in compared["inputs"]] == ["plant.capacity", "feedstocks[0].price"]
    assert set(Calculation.objects.values_list("trigger", "user")) == {("command", user.pk)}


def test_demo_password_is_taken_from_the_environment(anonymous_api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "first of two passwords")
    made = run("create_demo")
    monkeypatch.setenv("DEMO_PASSWORD", "second of two passwords")
    changed = run("create_demo")
    unchanged = run("create_demo")

    assert made == changed == "demo user demo@example.com: password taken from DEMO_PASSWORD\n"
    assert unchanged == ""
    assert signs_in(anonymous_api, "second of two passwords")
    assert not signs_in(anonymous_api, "first of two passwords")
    assert Project.objects.count() == 1


def test_demo_password_that_a_person_chose_stays(anonymous_api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "first of two passwords")
    run("create_demo")
    user = User.objects.get(email="demo@example.com")
    password_change(user=user, current_password="first of two passwords", new_password="one of my own")

    again = run("create_demo")
    monkeypatch.setenv("DEMO_PASSWORD", "second of two passwords")
    another = run("create_demo")

    assert again == another == "demo user demo@example.com: somebody chose the password, which stays\n"
    assert signs_in(anonymous_api, "one of my own")
    assert not signs_in(anonymous_api, "first of two passwords")
    assert not signs_in(anonymous_api, "second of two passwords")
