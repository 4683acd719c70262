"""Numbers in templates: rounded for reading, exact for copying, and never blank without a reason."""

from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from config.figures import DOLLARS, shown_unit, told

register = template.Library()
register.filter("shown_unit", shown_unit)


@register.simple_tag(takes_context=True)
def figure(context: template.Context, value: Any, unit: str = "1", reason: str = "") -> SafeString:
    """``value`` in ``unit`` as an element that holds it exactly, in the currency of the reader.

    None is shown as not defined, with the ``reason``. "%" takes a fraction.
    """
    if value is None:
        return format_html('<span class="undefined" title="{}">not defined</span>', reason or "There is no value.")
    if isinstance(value, bool):
        return format_html("<span>{}</span>", "yes" if value else "no")
    if isinstance(value, str):
        return format_html("<span>{}</span>", value)
    exact, exact_unit = (context.get("currency") or DOLLARS).shown(float(value), unit)
    number, short_unit = told(exact, exact_unit)
    named = "" if unit == "1" else " (a fraction)" if unit.startswith("%") else f" {escape(shown_unit(exact_unit))}"
    behind = f' <span class="unit">{escape(short_unit)}</span>' if short_unit else ""
    # Put together by hand: a page has hundreds, and of their parts only units need escaping.
    markup = f'<data class="figure" value="{exact!r}" title="{exact!r}{named}">{number}{behind}</data>'
    return mark_safe(markup)  # noqa: S308
