import django.db.models.deletion
from django.db import migrations, models

# Statements that make or delete many projects move each count once, in an order that all keep, so that two of them
# wait for each other at most. The trigger stands before the counts are taken: what is written meanwhile waits for it.
KEEP = """
CREATE FUNCTION projects_count_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO projects_teamprojects (team_id, stage, projects)
    SELECT team_id, stage, count(*) FROM made GROUP BY team_id, stage ORDER BY team_id, stage
    ON CONFLICT (team_id, stage) DO UPDATE SET projects = projects_teamprojects.projects + excluded.projects;
    RETURN NULL;
END $$;

CREATE FUNCTION projects_count_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO projects_teamprojects (team_id, stage, projects)
    SELECT team_id, stage, -count(*) FROM gone GROUP BY team_id, stage ORDER BY team_id, stage
    ON CONFLICT (team_id, stage) DO UPDATE SET projects = projects_teamprojects.projects + excluded.projects;
    RETURN NULL;
END $$;

CREATE FUNCTION projects_count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO projects_teamprojects (team_id, stage, projects)
    SELECT * FROM (VALUES (OLD.team_id, OLD.stage, -1), (NEW.team_id, NEW.stage, 1)) AS moved (team_id, stage, projects)
    ORDER BY team_id, stage
    ON CONFLICT (team_id, stage) DO UPDATE SET projects = projects_teamprojects.projects + excluded.projects;
    RETURN NULL;
END $$;

CREATE FUNCTION projects_count_none() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM projects_teamprojects;
    RETURN NULL;
END $$;

CREATE TRIGGER projects_count_made AFTER INSERT ON projects_project REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION projects_count_made();
CREATE TRIGGER projects_count_gone AFTER DELETE ON projects_project REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION projects_count_gone();
CREATE TRIGGER projects_count_moved AFTER UPDATE OF team_id, stage ON projects_project FOR EACH ROW
    WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id OR OLD.stage IS DISTINCT FROM NEW.stage)
    EXECUTE FUNCTION projects_count_moved();
CREATE TRIGGER projects_count_none AFTER TRUNCATE ON projects_project
    FOR EACH STATEMENT EXECUTE FUNCTION projects_count_none();

INSERT INTO projects_teamprojects (team_id, stage, projects)
SELECT team_id, stage, count(*) FROM projects_project GROUP BY team_id, stage;
"""
LEAVE = """
DROP TRIGGER projects_count_made ON projects_project;
DROP TRIGGER projects_count_gone ON projects_project;
DROP TRIGGER projects_count_moved ON projects_project;
DROP TRIGGER projects_count_none ON projects_project;
DROP FUNCTION projects_count_made();
DROP FUNCTION projects_count_gone();
DROP FUNCTION projects_count_moved();
DROP FUNCTION projects_count_none();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("projects", "0002_indexes_of_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamProjects",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("screening", "Screening"),
                            ("pre_feasibility", "Pre-feasibility"),
                            ("feasibility", "Feasibility"),
                            ("feed", "Front-end engineering design (FEED)"),
                            ("fid", "Final investment decision (FID)"),
                            ("construction", "Construction"),
                            ("operation", "Operation"),
                        ],
                        max_length=20,
                    ),
                ),
                ("projects", models.IntegerField()),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="project_counts",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "stage"), name="projects_teamprojects_once")],
            },
        ),
        migrations.RunSQL(KEEP, LEAVE),
    ]
