"""Numbers in templates: rounded for reading, exact for copying, and never blank without a reason."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
    full = f"{exact!r} {'(a fraction)' if unit == '%' else shown_unit(exact_unit) if unit != '1' else ''}".strip()
    behind = format_html(' <span class="unit">{}</span>', short_unit) if short_unit else ""
    return format_html('<data class="figure" value="{}" title="{}">{}{}</data>', repr(exact), full, number, behind)
