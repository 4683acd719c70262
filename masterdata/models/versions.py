"""The version counter of the master data, and what the loader remembers of what it loaded."""

from django.db import models


class MasterDataVersion(models.Model):
    """One row; triggers in the database move ``number`` with every change of master data, in the same transaction.

    The numbers come from a sequence, so that a number a rolled-back transaction saw is never given to other data.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.BigIntegerField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="masterdata_version_single")]

    def __str__(self) -> str:
        return str(self.number)


class LoadedFile(models.Model):
    """A data file as it was last loaded; the same fingerprint means there is nothing to do."""

    name = models.CharField(max_length=80, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class LoadedRow(models.Model):
    """What the loader put into one row: a row that no longer agrees was changed by an editor, and is left alone."""

    file = models.CharField(max_length=80)
    key = models.CharField(max_length=500)
    object_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "key"], name="masterdata_loadedrow_unique")]

    def __str__(self) -> str:
        return f"{self.file}: {self.key}"
