"""What Django's own check for deployment does not know of."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def site_is_over_tls(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.SITE_URL.startswith("https://"):
        return []
    hint = "Set SITE_URL to the https address that people reach the product at."
    return [Warning("Links in mails lead to an address without TLS.", hint=hint, id="accounts.W001")]
