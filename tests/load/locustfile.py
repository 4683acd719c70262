"""People at work: each signs in as themselves, reads projects (3) and master data (2), calculates and polls (1).

Run by `make load` (tests/load/__main__.py), which starts the product and fills it; each user waits 1-3 s between tasks.
"""

import itertools
import json
import os
import time
from typing import Any

from locust import FastHttpUser, between, events, task

from tests.bench.hefa import HEFA
from tests.load.dataset import PASSWORD, USERS, email_of

API = "/api/v1"
POLL_EVERY_S = 0.25
GIVE_UP_S = 30.0

_numbers = itertools.count()
# Of signing in the times (ms) and failures, which locust forgets when everybody has arrived; of answers that came
# compressed the bytes that were sent and what they were made of.
_noted: dict[str, Any] = {"arrivals": [], "failed": 0, "sent": 0, "plain": 0}


@events.request.add_listener
def _note(name: str, response_time: float, exception: Exception | None, response: Any = None, **_: Any) -> None:
    if name == "sign in":
        _noted["arrivals"].append(response_time)
        _noted["failed"] += exception is not None
    if exception is None and response is not None and response.headers.get("Content-Encoding"):
        _noted["sent"] += int(response.headers["Content-Length"])
        _noted["plain"] += len(response.content)


@events.quitting.add_listener
def _keep_notes(**_: Any) -> None:
    with open(os.environ["NOTES_FILE"], "w", encoding="utf-8") as file:
        json.dump(_noted, file)


class Person(FastHttpUser):
    """One of the users of the data set, on a project of their own.

    By the lean client: that of 500 users with ``requests`` takes half a processor from the product beside it.
    """

    wait_time = between(1, 3)

    def on_start(self) -> None:
        self.number = next(_numbers) % USERS + 1
        self.etags: dict[str, str] = {}
        self.signed: dict[str, str] = {}
        self.calculations = 0
        credentials = {"email": email_of(self.number), "password": PASSWORD}
        with self.client.post(f"{API}/auth/login", json=credentials, name="sign in", catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code} {answer.text[:200]}")
                return
            self.signed = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
        mine = self._read("projects", "/projects?ordering=name&search=Plant")
        project = mine["items"][self.number % len(mine["items"])]["id"]
        scenarios = self._read("scenarios", f"/projects/{project}/scenarios")
        self.scenario = scenarios["items"][0]["id"]

    @task(3)
    def projects(self) -> None:
        self._read("projects", "/projects")

    @task(2)
    def master_data(self) -> None:
        """As a browser does it, which keeps what it has and asks whether that is still so."""
        self._read("master data", "/master-data", conditional=True)

    @task(1)
    def calculate(self) -> None:
        self.calculations += 1
        # Other inputs each time, or the stored result would be given.
        rate = 0.05 + (self.number * 1000 + self.calculations) * 1e-7
        finance: Any = {**HEFA["finance"], "discountRate": rate}  # type: ignore[dict-item]
        at = f"{API}/scenarios/{self.scenario}/calculate"
        start = time.perf_counter()
        body = {"inputs": {**HEFA, "finance": finance}}
        self.client.post(at, json=body, headers=self.signed, name="calculate")
        while True:
            with self.client.get(f"{at}/status", headers=self.signed, name="status", catch_response=True) as answer:
                if answer.status_code != 200:
                    answer.failure(str(answer.status_code))
                    return
                status = answer.json()["status"]
            if status != "calculating":
                break
            if time.perf_counter() - start > GIVE_UP_S:
                self._calculated(start, TimeoutError(f"still calculating after {GIVE_UP_S:.0f} s"))
                return
            time.sleep(POLL_EVERY_S)
        self._calculated(start, None if status == "calculated" else RuntimeError(status))

    def _calculated(self, start: float, error: Exception | None) -> None:
        """From asking to seeing the result, pauses between questions included: a figure of its own."""
        took = (time.perf_counter() - start) * 1e3
        events.request.fire(
            request_type="WAIT", name="calculate to calculated", response_time=took, response_length=0, exception=error
        )

    def _read(self, name: str, path: str, *, conditional: bool = False) -> Any:
        known = {"If-None-Match": self.etags[path]} if conditional and path in self.etags else {}
        headers = {**self.signed, **known}
        with self.client.get(API + path, name=name, headers=headers, catch_response=True) as answer:
            if answer.status_code == 304:
                answer.success()
                return None
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code} {answer.text[:200]}")
                return None
            self.etags[path] = answer.headers["ETag"]
            return json.loads(answer.content)
