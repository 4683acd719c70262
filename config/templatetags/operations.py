from django import template

from config.operations import Page, pages_for

register = template.Library()


@register.simple_tag(takes_context=True)
def operator_pages(context: template.Context) -> list[Page]:
    """The operators' pages that this person may open."""
    return pages_for(context["request"])
