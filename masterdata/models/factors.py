"""Every carbon factor in one list, read from where each is kept."""

from django.db import models

from masterdata.querysets import MasterDataManager


class CarbonFactor(models.Model):
    """A row of the view ``masterdata_carbonfactor``: grid factors, CORSIA values, utilities and hydrogen routes.

    Nothing is stored here: a grid factor is edited at its country, a CORSIA value in its table, a utility's at the
    utility. A missing land-use value is a row whose value is NULL.
    """

    id = models.CharField(max_length=60, primary_key=True)
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    pathway = models.CharField(max_length=40)
    region = models.CharField(max_length=80)
    year = models.CharField(max_length=20)
    parameter = models.CharField(max_length=160)
    value = models.FloatField(null=True)
    value_text = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)
    source = models.CharField(max_length=400)
    confidence = models.CharField(max_length=12)
    valid_from = models.DateField(null=True)
    note = models.TextField()

    objects = MasterDataManager()

    class Meta:
        managed = False
        db_table = "masterdata_carbonfactor"

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}, {self.parameter}"
