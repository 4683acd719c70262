from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built while projects are read and written, which PostgreSQL does outside a transaction alone."""

    atomic = False

    dependencies = [("projects", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "project",
            models.Index(
                models.F("team"), models.F("stage"), models.F("updated_at").desc(), name="projects_team_stage"
            ),
        ),
        AddIndexConcurrently(
            "project", models.Index(models.F("team"), models.F("created_at"), name="projects_team_created")
        ),
        AddIndexConcurrently("project", models.Index(models.F("team"), models.F("name"), name="projects_team_name")),
    ]
