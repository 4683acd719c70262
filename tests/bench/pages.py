"""The pages as a browser asks for them, one after the other, with 10,000 projects and 50,000 scenarios stored.

Measured inside the product's own environment, in a process of its own: `python -m tests.bench.pages PORT` is that
process. Its client keeps one connection, and so asks one web process.
"""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.rates import web_cpu_s
from tests.load.dataset import WATCHER, email_of
from tests.stack.product import ROOT, Product

CALLS = 30
COMPARED = 5
CODINGS = "gzip, deflate, br"
# Sent with the cookie of the same value, as a page sends what it was given.
CSRF = "b" * 32

type Figure = tuple[str, float, str] | tuple[str, float, str, str]


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with Product(Path(folder), environment={"RATELIMIT_ENABLE": "0"}) as product:
            product.up()
            command = [sys.executable, "-m", "tests.bench.pages", str(product.port)]
            done = subprocess.run(
                command, cwd=ROOT, env=product.environment, stdout=subprocess.PIPE, text=True, check=True
            )
            for figure in json.loads(done.stdout):
                yield tuple(figure)
            product.stop()


def _figures(port: int) -> Iterator[Figure]:
    from tests.load.dataset import dataset_make, dataset_settle

    dataset_make()
    scene = _scene()
    dataset_settle()
    for who, email in (("1 team", email_of(1)), ("50 teams", WATCHER)):
        browser = Browser(port, email)
        for name, path in scene.pages.items():
            yield from _page(browser, f"{name}, {who}", path)
        yield from _typing(browser, f"preview of what is typed, {who}", scene, "/preview")
        yield from _typing(browser, f"save with preview, {who}", scene)
    yield from _weights(Browser(port, email_of(1)), scene)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is looked at: addresses by the kind of the page, and the scenario that is edited."""

    pages: Mapping[str, str]
    scenario: Any


def _scene() -> Scene:
    """The HEFA example with as many cases as are compared, in a team of 200 projects that both readers write in."""
    from accounts.choices import Role
    from accounts.models import Membership, User
    from scenarios.models import Scenario
    from scenarios.services import calculation_run, example_create, scenario_duplicate, scenario_update

    user = User.objects.get(email=email_of(1))
    team = user.memberships.get(team__personal_of=None).team
    Membership.objects.filter(user__email=WATCHER, team=team).update(role=Role.EDITOR)
    first = example_create(user=user, team=team)
    cases = [first, *(scenario_duplicate(scenario=first, user=user) for _ in range(COMPARED - 1))]
    for number, case in enumerate(cases):
        inputs = {**case.inputs, "finance": {"discountRate": 0.06 + number / 100}}
        scenario_update(scenario=Scenario.objects.get(pk=case.pk), inputs=inputs)
        calculation_run(scenario=Scenario.objects.get(pk=case.pk), user=user)
    project, scenario = f"/projects/{first.project_id}", f"/scenarios/{first.pk}"
    pages = {
        "projects": "/projects",
        "projects, searched": "/projects?search=plant+9",
        "project": project,
        "comparison": f"{project}/comparison",
        "editor": scenario,
        "result": f"{scenario}/result",
        "trace": f"{scenario}/trace/lcop",
        "trace, all open": f"{scenario}/trace/lcop?all=1",
        "history": f"{scenario}/history",
        "master data": "/master-data",
        "master data, designs": "/master-data/designs",
        "account": "/account",
        "teams": "/teams",
        "team": f"/teams/{team.pk}",
    }
    return Scene(pages, first)


class Browser:
    """Somebody signed in by session, over HTTP."""

    def __init__(self, port: int, email: str) -> None:
        from django.test import Client

        from accounts.models import User

        self.port = port
        self.client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_ENCODING=CODINGS, HTTP_X_CSRFTOKEN=CSRF)
        self.client.force_login(User.objects.get(email=email))
        # The first request of a session lists the device.
        self.client.get("/account")
        self.client.cookies["csrftoken"] = CSRF
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self.client.cookies.items())
        self.headers = {"Cookie": cookies, "X-CSRFToken": CSRF, "Accept-Encoding": CODINGS}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> tuple[float, bytes]:
        """Milliseconds, and the body as it was sent."""
        method, body, headers = "GET", None, self.headers
        if form is not None:
            method, body = "POST", urlencode(form)
            headers = {**headers, **AS_FORM, "HX-Request": "true"}
        start = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        received = answer.read()
        took = (time.perf_counter() - start) * 1e3
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {received[:200]!r}")
        return took, received


AS_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _page(browser: Browser, name: str, path: str) -> Iterator[Figure]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(3):
        browser.ask(path)
    cpu = web_cpu_s(browser.port)
    answers = [browser.ask(path) for _ in range(CALLS)]
    cpu = web_cpu_s(browser.port) - cpu
    browser.client.get(path)
    with CaptureQueriesContext(connection) as queries:
        browser.client.get(path)
    yield from _told(name, answers, cpu, len(queries))


def _typing(browser: Browser, name: str, scene: Scene, part: str = "") -> Iterator[Figure]:
    """The whole form with one value changed each time, as the editor sends it while somebody types."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from scenarios.models import Scenario
    from tests.scenarios.forms import controls

    path = scene.pages["editor"] + part
    form = controls(browser.client.get(scene.pages["editor"], HTTP_ACCEPT_ENCODING=""))

    def typed(number: int) -> dict[str, str]:
        held = json.dumps(Scenario.objects.get(pk=scene.scenario.pk).inputs)
        return {**form, "base": held, "action": "save", "finance.discountRate": f"{7 + number / 1000}"}

    for number in range(3):
        browser.ask(path, typed(number))
    answers = []
    cpu = web_cpu_s(browser.port)
    for number in range(CALLS):
        answers.append(browser.ask(path, typed(100 + number)))
    cpu = web_cpu_s(browser.port) - cpu
    body = urlencode(typed(200))
    with CaptureQueriesContext(connection) as queries:
        browser.client.post(path, body, content_type=AS_FORM["Content-Type"], HTTP_HX_REQUEST="true")
    yield from _told(name, answers, cpu, len(queries), most_ms=100)


def _told(
    name: str, answers: list[tuple[float, bytes]], cpu_s: float, queries: int, *, most_ms: int = 60
) -> Iterator[Figure]:
    times = [took for took, _ in answers]
    yield f"page {name}, median", statistics.median(times), "ms", f"< {most_ms}"
    yield f"page {name}, p95", statistics.quantiles(times, n=20)[18], "ms"
    yield f"page {name}, web processor time of one", cpu_s / len(answers) * 1e3, "ms"
    yield f"page {name}, queries", queries, ""
    yield f"page {name}, compressed", len(answers[-1][1]), "B", "< 30000"


def _weights(browser: Browser, scene: Scene) -> Iterator[Figure]:
    """What a first visit brings over, and what all pages together do: each file once, since browsers keep them."""
    pages, files = {}, {}
    for name, path in scene.pages.items():
        markup = browser.client.get(path, HTTP_ACCEPT_ENCODING="").content.decode()
        pages[name] = re.findall(r'(?:src|href)="(/static/[^"]+)"', markup)
        files |= {file: len(browser.ask(file)[1]) for file in pages[name] if file not in files}
    sizes = {name: len(browser.ask(path)[1]) for name, path in scene.pages.items()}
    first = {name: sizes[name] + sum(files[file] for file in pages[name]) for name in pages}
    for name in ("projects", max(first, key=lambda name: first[name])):
        yield f"first visit, to the page {name}, all files", first[name] / 1e3, "kB", "< 400"
    yield "all files of all these pages", sum(files.values()) / 1e3, "kB"
    yield "largest page, its files kept", max(sizes.values()) / 1e3, "kB", "< 30"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    json.dump(list(_figures(int(sys.argv[1]))), sys.stdout)
