import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Now

KEEP = """
UPDATE projects_project SET changed_at = updated_at;

CREATE FUNCTION projects_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := greatest(OLD.changed_at, NEW.changed_at, NEW.updated_at);
    RETURN NEW;
END $$;

CREATE TRIGGER projects_changed BEFORE UPDATE OF updated_at ON projects_project FOR EACH ROW
    EXECUTE FUNCTION projects_changed();
"""
LEAVE = """
DROP TRIGGER projects_changed ON projects_project;
DROP FUNCTION projects_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0004_share_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="changed_at",
            field=models.DateTimeField(
                db_default=Now(),
                default=django.utils.timezone.now,
                editable=False,
                help_text="The last change of it or of its scenarios.",
            ),
        ),
        migrations.RunSQL(KEEP, LEAVE),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                models.F("team"), models.OrderBy(models.F("changed_at"), descending=True), name="projects_team_changed"
            ),
        ),
    ]
