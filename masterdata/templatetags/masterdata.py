"""How far a figure can be trusted, in a word and a sign."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from masterdata.choices import Confidence

register = template.Library()

SIGNS = {
    Confidence.CONFIRMED: "●",
    Confidence.SECONDARY: "◐",
    Confidence.UNCONFIRMED: "○",
    Confidence.DERIVED: "ƒ",
}
MEANINGS = {
    Confidence.CONFIRMED: "read in the source that is named",
    Confidence.SECONDARY: "from somebody who quotes the source",
    Confidence.UNCONFIRMED: "plausible, but not traced to a publication",
    Confidence.DERIVED: "worked out from other figures, as the source or the note says",
}


@register.simple_tag
def confidence(value: str) -> SafeString | str:
    """The word with its sign; what it means is told by the title. Nothing for no confidence."""
    if value not in Confidence.values:
        return ""
    known = Confidence(value)
    return format_html(
        '<span class="confidence {}" title="{}"><span aria-hidden="true">{}</span> {}</span>',
        known.value,
        MEANINGS[known],
        SIGNS[known],
        known.label,
    )


@register.simple_tag
def confidence_meanings() -> list[tuple[str, str]]:
    """Every confidence with what it means, for a legend."""
    return [(known.value, meaning) for known, meaning in MEANINGS.items()]
