"""Shares of a whole as people read them."""

from django import template

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """``0.834`` as "83 %"; empty without one. All but all is not "100 %", nor next to nothing "0 %"."""
    if share is None:
        return ""
    rounded = round(100 * share)
    if rounded == 100 and share < 1:
        return "> 99 %"
    if rounded == 0 and share > 0:
        return "< 1 %"
    return f"{rounded} %"
