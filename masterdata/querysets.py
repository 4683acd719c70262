"""Master data querysets: who sees them (everybody who is signed in) and the shapes the API asks for."""

from typing import Any, Self

from django.db import models


class MasterDataQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows without figures of their own; a relation that was not fetched is an error, not a query."""

    def visible_to(self, user: Any) -> Self:
        """Master data belongs to no team: everybody who may ask sees all of it."""
        return self

    def for_list(self) -> Self:
        return self.fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        return self.for_list()


class ItemQuerySet[M: models.Model](MasterDataQuerySet[M]):
    """Items with their figures, one further query whatever the number of rows."""

    def for_list(self) -> Self:
        prefetch = models.Prefetch("figures", queryset=_figures_of(self.model).order_by("pk"))
        return self.prefetch_related(prefetch).fetch_mode(models.FETCH_RAISE)


class DesignQuerySet[M: models.Model](MasterDataQuerySet[M]):
    """Designs with the pathway and feedstock they join."""

    def for_list(self) -> Self:
        return self.select_related("pathway", "feedstock").fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        """With their figures, and the product or utility of each: one further query."""
        figures = _figures_of(self.model).select_related("product", "utility").order_by("pk")
        return self.for_list().prefetch_related(models.Prefetch("figures", queryset=figures))


def _figures_of(model: type[models.Model]) -> models.QuerySet[Any]:
    related: Any = model._meta.get_field("figures").related_model
    return related.objects.all()


class MasterDataManager[M: models.Model](models.Manager[M]):
    """A manager the type checker can follow through the abstract models; it does what as_manager() would."""

    def get_queryset(self) -> MasterDataQuerySet[M]:
        return MasterDataQuerySet(self.model, using=self._db)

    def visible_to(self, user: Any) -> MasterDataQuerySet[M]:
        return self.get_queryset().visible_to(user)

    def for_list(self) -> MasterDataQuerySet[M]:
        return self.get_queryset().for_list()

    def for_detail(self) -> MasterDataQuerySet[M]:
        return self.get_queryset().for_detail()


class ItemManager[M: models.Model](MasterDataManager[M]):
    def get_queryset(self) -> ItemQuerySet[M]:
        return ItemQuerySet(self.model, using=self._db)


class DesignManager[M: models.Model](MasterDataManager[M]):
    def get_queryset(self) -> DesignQuerySet[M]:
        return DesignQuerySet(self.model, using=self._db)
