"""The fields of a scenario's form."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString, mark_safe

from scenarios.pages.fields import Field
from scenarios.pages.looks import drawn, look_of

register = template.Library()


@register.simple_tag(takes_context=True)
def fields(context: template.Context, those: Iterable[Field]) -> SafeString:
    """``those``, one after the other, as ``scenarios/editor/field.html`` draws them."""
    may_write = bool(context["may_write"])
    return mark_safe("".join(drawn(look_of(one, may_write=may_write)) for one in those))  # noqa: S308
