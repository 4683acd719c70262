from django.contrib import admin
from django.http import HttpRequest

# Large columns of a calculation, which only its own page shows.
LARGE = ("inputs", "resolved_inputs", "result")


def is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_changelist")


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the product's own services make."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
