"""The master data version moves with every statement that may change master data, whoever sends it.

A trigger cannot be forgotten by a new door (admin, import, API, loader, bulk update, a person in psql), and it works in
the writer's own transaction. It fires before the statement, so that all writers queue for the counter's row before
they hold rows of a table. Numbers come from a sequence because a sequence never repeats: a catalogue built inside a
transaction that is then rolled back keeps a number no other data will ever have.
"""

from django.db import migrations

TABLES = [
    "corsiavalue",
    "costindex",
    "country",
    "countryfigure",
    "designdefault",
    "designfigure",
    "exchangerate",
    "feedstock",
    "feedstockfigure",
    "incentive",
    "macrsrate",
    "pathway",
    "pathwayfigure",
    "product",
    "productfigure",
    "referencevalue",
    "utility",
    "utilityfigure",
]

CREATE = """
CREATE SEQUENCE masterdata_version_number AS bigint;

INSERT INTO masterdata_masterdataversion (id, number, updated_at)
VALUES (1, nextval('masterdata_version_number'), statement_timestamp());

CREATE FUNCTION masterdata_move_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO masterdata_masterdataversion AS version (id, number, updated_at)
    VALUES (1, nextval('masterdata_version_number'), statement_timestamp())
    ON CONFLICT (id) DO UPDATE SET number = nextval('masterdata_version_number'), updated_at = statement_timestamp();
    RETURN NULL;
END $$;
"""

DROP = """
DROP FUNCTION masterdata_move_version();
DELETE FROM masterdata_masterdataversion;
DROP SEQUENCE masterdata_version_number;
"""


def watch(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""CREATE TRIGGER masterdata_version BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON masterdata_{table}
            FOR EACH STATEMENT EXECUTE FUNCTION masterdata_move_version()""",
        f"DROP TRIGGER masterdata_version ON masterdata_{table}",
    )


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP), *map(watch, TABLES)]
