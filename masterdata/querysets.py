"""Master data querysets: who sees them (everybody who is signed in) and the shapes the API asks for."""

from typing import Any, Self

from django.db import models

READ_FIELDS = ("parameter", "value", "unit", "source", "confidence", "valid_from", "note")


class MasterDataQuerySet(models.QuerySet):
    """Rows without figures of their own; a relation that was not fetched is an error, not a query."""

    def visible_to(self, user: Any) -> Self:
        """Master data belongs to no team: everybody who may ask sees all of it."""
        return self

    def for_list(self) -> Self:
        return self.fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        return self.for_list()


class ItemQuerySet(MasterDataQuerySet):
    """Items with their figures, one further query whatever the number of rows."""

    def for_list(self) -> Self:
        figures = self.model._meta.get_field("figures").related_model
        prefetch = models.Prefetch("figures", queryset=figures.objects.order_by("pk"))
        return self.prefetch_related(prefetch).fetch_mode(models.FETCH_RAISE)
