"""The list of pages is complete."""

from django.urls import get_resolver

from tests.browser.sights import NOT_SEEN, SIGHTS

APPS = ("accounts.urls", "masterdata.urls", "scenarios.urls")


def test_every_address_of_a_page_is_among_the_sights() -> None:
    named = {
        pattern.name
        for resolver in get_resolver().url_patterns
        if getattr(getattr(resolver, "urlconf_name", None), "__name__", None) in APPS
        for pattern in resolver.url_patterns
    }

    assert {"projects", "session-login"} <= named
    assert named - {sight.view for sight in SIGHTS} == NOT_SEEN
