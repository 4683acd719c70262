"""The pages of one's own account: the same as the API, in words, for people and their password managers."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.models import ApiKey, SignIn, User
from accounts.services.sign_ins import Device
from accounts.tokens import token_pair
from tests.accounts.mails import delivered, links_in
from tests.factories import PASSWORD, user_make
from tests.fixtures import api_client, browser_of

pytestmark = pytest.mark.django_db

OPEN = ["/login", "/register", "/register/resend", "/register/confirm?token=x", "/password/reset"]
OPEN += ["/password/reset/confirm?token=x", "/email/confirm?token=x"]
OWN = ["/account", "/account/password", "/account/email", "/account/sessions", "/account/keys", "/account/delete"]
ME = "/api/v1/auth/me"


@pytest.fixture
def ada() -> User:
    return user_make(email="ada@example.com", password=PASSWORD, name="Ada")


@pytest.fixture
def browser(ada: User) -> Client:
    return browser_of(ada)


@pytest.mark.parametrize("path", OPEN + OWN)
def test_pages_are_strict_and_every_field_has_a_label(browser: Client, path: str) -> None:
    page = browser.get(path)

    assert page.status_code == 200
    assert "style=" not in page.text
    assert "onclick" not in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    article = page.text.split("<article", 1)[1]
    for field in re.findall(r"<(?:input|select)[^>]*>", article):
        if 'type="hidden"' not in field:
            name = re.search(r'id="([^"]+)"', field)[1]
            assert f'<label for="{name}"' in article, field
    assert len(re.findall(r"<h1", page.text)) == 1


@pytest.mark.parametrize("path", OWN)
def test_pages_of_an_account_are_for_who_is_signed_in(path: str) -> None:
    assert Client().get(path).headers["Location"] == f"/login?next={path}"
    assert Client().post(path, {}).headers["Location"] == f"/login?next={path}"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/register", ['autocomplete="email"', 'autocomplete="new-password"', 'autocomplete="name"']),
        ("/login", ['autocomplete="username"', 'autocomplete="current-password"']),
        ("/password/reset/confirm?token=x", ['autocomplete="new-password"']),
        ("/account/password", ['autocomplete="current-password"', 'autocomplete="new-password"']),
        ("/account/email", ['autocomplete="email"', 'autocomplete="current-password"']),
    ],
)
def test_browsers_know_what_to_fill_in(browser: Client, path: str, words: list[str]) -> None:
    page = browser.get(path).text

    assert [word for word in words if word not in page] == []


def test_from_registering_to_signing_in() -> None:
    browser = Client()
    form = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}

    told = browser.post("/register", form)
    early = browser.post("/login", {"username": "ada@example.com", "password": PASSWORD})
    (message,) = delivered()
    early = browser.post("/login", {"username": "ada@example.com", "password": PASSWORD})
    link = next(link for link in links_in(message) if "token=" in link).removeprefix("http://127.0.0.1:8000")
    opened = browser.get(link)
    still = browser.post("/login", {"username": "ada@example.com", "password": PASSWORD})
    token = re.search(r'name="token" value="([^"]+)"', opened.text)[1]
    confirmed = browser.post("/register/confirm", {"token": token}, follow=True)
    signed_in = browser.post("/login", {"username": "ada@example.com", "password": PASSWORD})

    assert "We have sent a mail to this address." in told.text
    assert "Confirm your e-mail address first" in early.text
    assert "/register/resend" in early.text
    assert still.status_code == 200  # opening the link, as mail scanners do, confirms nothing
    assert "Your address is confirmed. Sign in." in confirmed.text
    assert signed_in.status_code == 302


def test_a_password_by_mail(ada: User, browser: Client) -> None:
    guest = Client()
    guest.post("/password/reset", {"email": "ada@example.com"})
    token = re.search(r"token=(\S+)", str(delivered()[0].body))[1]

    bad = guest.post("/password/reset/confirm", {"token": token, "new_password": "password"})
    done = guest.post("/password/reset/confirm", {"token": token, "new_password": "a short swim"}, follow=True)
    again = guest.post("/password/reset/confirm", {"token": token, "new_password": "a short swim"})

    assert "too common" in bad.text
    assert 'aria-invalid="true"' in bad.text
    assert 'id="id_new_password_error"' in bad.text
    assert "Your password is changed." in done.text
    assert "This link is not valid, or no longer" in again.text
    assert browser.get(ME).status_code == 401


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("/register", {"email": "ada@example.com"}, {"email": "new@example.com"}),
        ("/register/resend", {"email": "ada@example.com"}, {"email": "new@example.com"}),
        ("/password/reset", {"email": "ada@example.com"}, {"email": "new@example.com"}),
    ],
)
def test_pages_tell_nobody_who_has_an_account(ada: User, path: str, known: Any, unknown: Any) -> None:
    pages = [Client().post(path, {**form, "password": PASSWORD}) for form in (known, unknown)]

    assert pages[0].status_code == pages[1].status_code == 200
    bodies = [re.sub(r'"X-CSRFToken": "\w+"', "", page.text) for page in pages]
    assert bodies[0] == bodies[1]


def test_faults_are_said_in_words_and_what_was_typed_stays(ada: User) -> None:
    page = Client().post("/register", {"email": "no address", "password": "short", "name": "<b>Ada</b>"})

    assert page.status_code == 200
    assert "Enter a valid email address." in page.text
    assert 'value="&lt;b&gt;Ada&lt;/b&gt;"' in page.text
    assert "This password is too short." in page.text
    assert 'value="short"' not in page.text


def test_a_name_is_text_on_every_page(ada: User, browser: Client) -> None:
    browser.post("/account", {"name": "<script>alert(1)</script>"})

    ada.refresh_from_db()
    assert ada.name == "<script>alert(1)</script>"
    for path in OWN:
        page = browser.get(path).text
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path


def test_a_form_changes_what_it_shows_and_nothing_else(ada: User, browser: Client) -> None:
    browser.post("/account", {"name": "New", "is_staff": "on", "email": "x@example.com", "is_superuser": "on"})

    ada.refresh_from_db()
    assert (ada.name, ada.email, ada.is_staff, ada.is_superuser) == ("New", "ada@example.com", False, False)


def test_a_new_password_keeps_this_browser_and_ends_the_others(ada: User, browser: Client) -> None:
    other, program = browser_of(ada), api_client(ada)
    key = browser.session.session_key

    wrong = browser.post("/account/password", {"current_password": "x", "new_password": "a short swim"})
    done = browser.post("/account/password", {"current_password": PASSWORD, "new_password": "a short swim"})

    assert "This is not your password." in wrong.text
    assert done.headers["Location"] == "/account"
    assert browser.session.session_key != key
    assert [client.get(ME).status_code for client in (browser, other, program)] == [200, 401, 401]


def test_devices_can_be_seen_and_signed_out(ada: User, browser: Client) -> None:
    other = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0<b>"})
    other.post("/login", {"username": ada.email, "password": PASSWORD})
    row = SignIn.objects.exclude(user_agent="").get()

    page = browser.get("/account/sessions").text
    browser.post("/account/sessions", {"sign_in": str(row.pk)})

    assert "Firefox on Windows" in page
    assert page.count("this device") == 1
    assert (other.get(ME).status_code, browser.get(ME).status_code) == (401, 200)
    assert browser.post("/account/sessions", {"sign_in": "nonsense"}).status_code == 302
    assert browser.post("/account/sessions").headers["Location"] == "/login"
    assert (browser.get(ME).status_code, SignIn.objects.count()) == (401, 0)


def test_devices_come_a_light_page_at_a_time_however_many_there_are(ada: User, browser: Client) -> None:
    """The pages are not to be stored, so they go uncompressed."""
    for number in range(101):
        name = f"Program {number} with a name as long as a name is told"
        token_pair(ada, Device(user_agent=f"{name}/1.0", ip="2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"))
    before = [browser.get(f"/account/sessions?page={number}") for number in range(1, 7)]
    shown = [key for page in before for key in keys_on(page)]

    done = browser.post("/account/sessions?page=6", {"sign_in": keys_on(before[5])[0]})
    after = browser.get(done.headers["Location"])

    assert [len(keys_on(page)) for page in before] == [20] * 5 + [2]
    assert set(shown) == {str(key) for key in ada.sign_ins.values_list("pk", flat=True)} | {keys_on(before[5])[0]}
    assert max(len(page.content) for page in before) < 30_000
    assert "Page 1 of 6" in before[0].text
    assert ('href="?page=2"' in before[0].text, 'href="?page=7"' in before[5].text) == (True, False)
    assert done.headers["Location"] == "/account/sessions?page=6"
    assert ("Signed out there." in after.text, "Page 6 of 6" in after.text) == (True, True)
    assert keys_on(browser.get("/account/sessions?page=9")) == keys_on(after)


def keys_on(page: HttpResponse) -> list[str]:
    return re.findall(r'name="sign_in" value="([0-9a-f-]{36})"', page.text)


def test_nobody_signs_out_somebody_elses_device(ada: User, browser: Client) -> None:
    stranger = user_make()
    client = api_client(stranger)

    browser.post("/account/sessions", {"sign_in": str(stranger.sign_ins.get().pk)})

    assert client.get(ME).status_code == 200


def test_a_key_is_shown_once_on_the_page(ada: User, browser: Client) -> None:
    made = browser.post("/account/keys", {"name": "nightly", "scope": "read", "days": "30"})
    raw = re.search(r"sfp_[\w-]{65}", made.text)[0]
    program = Client(headers={"Authorization": f"Bearer {raw}"})

    assert "no-store" in made.headers["Cache-Control"]
    assert program.get(ME).json()["email"] == ada.email
    later = browser.get("/account/keys").text
    assert (raw in later, "nightly" in later) == (False, True)

    browser.post("/account/keys", {"end": str(ApiKey.objects.get().pk)})
    assert program.get(ME).status_code == 401


def test_a_key_without_an_end_is_asked_for_by_name(browser: Client) -> None:
    browser.post("/account/keys", {"name": "for ever", "scope": "write", "days": ""})
    browser.post("/account/keys", {"name": "wrong", "scope": "write", "days": "9999"})

    assert [(key.name, key.expires_at) for key in ApiKey.objects.all()] == [("for ever", None)]


def test_pages_have_the_limits_of_the_api(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "register": "1/d"}
    cache.clear()
    form = {"email": "ada@example.com", "password": PASSWORD}

    pages = [Client().post("/register", form) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 429]
    assert "Too many attempts" in pages[1].text
    assert int(pages[1].headers["Retry-After"]) >= 1


def test_passwords_that_are_refused_are_no_registrations_yet(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "register": "1/h"}
    cache.clear()
    browser, form = Client(), {"email": "ada@example.com"}

    refused = [browser.post("/register", {**form, "password": word}) for word in ("short", "password", "12345678")]
    taken = browser.post("/register", {**form, "password": PASSWORD})

    assert [page.status_code for page in refused] == [200] * 3
    assert "too common" in refused[1].text
    assert "Read your mail" in taken.text


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "https:evil"])
def test_nobody_is_sent_away_after_signing_in(ada: User, where: str) -> None:
    form = {"username": ada.email, "password": PASSWORD, "next": where}

    assert "evil" not in Client().post(f"/login?next={where}", form).headers["Location"]
    assert "javascript" not in Client().post(f"/login?next={where}", form).headers["Location"]


def test_forms_of_other_sites_do_nothing(ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    for path in OPEN + OWN:
        assert browser.post(path.split("?")[0], {"password": PASSWORD}).status_code == 403, path
    assert User.objects.filter(pk=ada.pk).exists()
