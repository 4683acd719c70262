from django.db import migrations

# A project that is locked is being changed by whoever locked it, or by another of its scenarios at this very moment:
# nobody waits for it, so that whoever holds a scenario and comes here cannot stand in the way of who locks a project
# and then its scenarios.
KEEP = """
UPDATE projects_project SET changed_at = latest.updated_at
FROM (SELECT project_id, max(updated_at) AS updated_at FROM scenarios_scenario GROUP BY project_id) latest
WHERE latest.project_id = projects_project.id AND latest.updated_at > projects_project.changed_at;

CREATE FUNCTION scenarios_change_projects(projects uuid[]) RETURNS void LANGUAGE sql AS $$
    UPDATE projects_project SET changed_at = statement_timestamp() WHERE id IN (
        SELECT id FROM projects_project WHERE id = ANY (projects) FOR NO KEY UPDATE SKIP LOCKED
    )
$$;

CREATE FUNCTION scenarios_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM scenarios_change_projects(ARRAY(SELECT DISTINCT project_id FROM made));
    RETURN NULL;
END $$;

CREATE FUNCTION scenarios_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM scenarios_change_projects(ARRAY(SELECT DISTINCT project_id FROM gone));
    RETURN NULL;
END $$;

CREATE FUNCTION scenarios_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM scenarios_change_projects(ARRAY[NEW.project_id]);
    RETURN NULL;
END $$;

CREATE TRIGGER scenarios_made AFTER INSERT ON scenarios_scenario REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION scenarios_made();
CREATE TRIGGER scenarios_gone AFTER DELETE ON scenarios_scenario REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION scenarios_gone();
CREATE TRIGGER scenarios_changed AFTER UPDATE OF name, inputs ON scenarios_scenario FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.inputs IS DISTINCT FROM NEW.inputs)
    EXECUTE FUNCTION scenarios_changed();
"""
LEAVE = """
DROP TRIGGER scenarios_made ON scenarios_scenario;
DROP TRIGGER scenarios_gone ON scenarios_scenario;
DROP TRIGGER scenarios_changed ON scenarios_scenario;
DROP FUNCTION scenarios_made();
DROP FUNCTION scenarios_gone();
DROP FUNCTION scenarios_changed();
DROP FUNCTION scenarios_change_projects(uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0005_changed_at"),
        ("scenarios", "0003_result_encoder"),
    ]

    operations = [
        migrations.RunSQL(KEEP, LEAVE),
    ]
