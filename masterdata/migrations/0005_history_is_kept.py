"""The history of master data is kept as it was written, whoever would change it.

What may change of an entry is who wrote it, to nobody, when that user is deleted. Entries may go once they are two
years old, and not before.
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
CREATE FUNCTION masterdata_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.history_date < statement_timestamp() - interval '2 years' THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.history_user_id IS NULL AND to_jsonb(NEW) - 'history_user_id' = to_jsonb(OLD) - 'history_user_id' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the history of master data is kept as it is: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""

DROP = "DROP FUNCTION masterdata_keep_history();"


def keep(table: str) -> migrations.RunSQL:
    name = f"masterdata_historical{table}"
    return migrations.RunSQL(
        f"""CREATE TRIGGER history_kept BEFORE UPDATE OR DELETE ON {name}
            FOR EACH ROW EXECUTE FUNCTION masterdata_keep_history();
            CREATE TRIGGER history_not_emptied BEFORE TRUNCATE ON {name}
            FOR EACH STATEMENT EXECUTE FUNCTION masterdata_keep_history();""",
        f"DROP TRIGGER history_not_emptied ON {name}; DROP TRIGGER history_kept ON {name};",
    )


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0004_incentive_items")]

    operations = [migrations.RunSQL(CREATE, DROP), *map(keep, TABLES)]
