from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built while entries are written, which PostgreSQL does outside a transaction alone."""

    atomic = False

    dependencies = [("accounts", "0005_via_browser")]

    operations = [
        AddIndexConcurrently(
            "auditentry",
            models.Index(models.F("team"), models.F("actor"), models.F("id").desc(), name="audit_person"),
        ),
        AddIndexConcurrently(
            "auditentry", models.Index(models.F("team"), models.F("kind"), models.F("id").desc(), name="audit_kind")
        ),
        AddIndexConcurrently("auditentry", models.Index(models.F("team"), models.F("at"), name="audit_time")),
    ]
