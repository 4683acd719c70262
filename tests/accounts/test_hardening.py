"""Settings that must not be forgotten stop the start, or are Django's own check's to name."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from config import env

KEY = "kX7-wq93_vZb2-NnR51-tGh8e-LpY04-cDs6u-aFj2m-QoW9i-xEr3"
PROPER = {
    "SECRET_KEY": KEY,
    "BEHIND_TLS_PROXY": "1",
    "ALLOWED_HOSTS": "safapac.example.org",
    "SITE_URL": "https://safapac.example.org",
    "MAIL_URL": "smtps://me:secret@mail.example.org",
}


def managed(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean: Mapping[str, str] = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=env.ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_check_for_deployment_has_nothing_to_say() -> None:
    done = managed("check", "--deploy", "--fail-level", "INFO", **PROPER)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_mail_that_goes_nowhere_is_no_deployment() -> None:
    done = managed("check", "--deploy", "--fail-level", "WARNING", **{**PROPER, "MAIL_URL": "console:"})

    assert "mail.E001" in done.stderr


def test_links_without_tls_are_no_deployment() -> None:
    done = managed("check", "--deploy", "--fail-level", "WARNING", **{**PROPER, "SITE_URL": "http://127.0.0.1:8000"})

    assert "accounts.W001" in done.stderr


@pytest.mark.parametrize("key", ["", "k" * 31])
def test_no_start_without_a_key_that_is_long_enough(key: str) -> None:
    done = managed("check", **{**PROPER, "SECRET_KEY": key, "DATABASE_URL": "postgres://u@127.0.0.1/x"})

    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_cookies_are_for_this_site_over_tls_alone() -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE")
    script = f"from django.conf import settings; print([getattr(settings, name) for name in {names}])"

    assert managed("shell", "--no-imports", "-c", script, **PROPER).stdout.strip() == "[True, True, True, 'Lax']"


def test_behind_tls_everything_is_over_tls_and_stays_so() -> None:
    script = (
        "from django.test import Client; "
        "client = Client(headers={'Host': 'safapac.example.org'}); "
        "plain = client.get('/api/v1/units?x=1'); "
        "secure = client.get('/api/v1/units', headers={'X-Forwarded-Proto': 'https'}); "
        "print(plain.status_code, plain['Location'], secure.status_code, secure['Strict-Transport-Security']); "
        "print('Strict-Transport-Security' in client.get('/health/live'))"
    )

    told = managed("shell", "--no-imports", "-c", script, **PROPER)

    assert told.stdout.splitlines() == [
        "301 https://safapac.example.org/api/v1/units?x=1 401 max-age=31536000; includeSubDomains",
        "False",
    ], told.stderr


def test_without_a_proxy_nobody_claims_to_have_come_over_tls() -> None:
    script = (
        "from django.test import RequestFactory; "
        "print(RequestFactory().get('/', headers={'X-Forwarded-Proto': 'https'}).is_secure())"
    )

    assert managed("shell", "--no-imports", "-c", script, SECRET_KEY=KEY).stdout.strip() == "False"
