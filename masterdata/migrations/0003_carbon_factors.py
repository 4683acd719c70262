"""The view behind the list of carbon factors."""

from django.db import migrations, models

CREATE = """
CREATE VIEW masterdata_carbonfactor AS
SELECT 'country-' || figure.id AS id, 'grid' AS kind, country.code, country.name AS subject, '' AS pathway,
       country.name AS region, COALESCE(EXTRACT(YEAR FROM figure.valid_from)::text, '') AS year, figure.parameter,
       figure.value, '' AS value_text, figure.unit, figure.source, figure.confidence, figure.valid_from, figure.note
  FROM masterdata_countryfigure figure
  JOIN masterdata_country country ON country.id = figure.country_id
 WHERE figure.parameter = 'grid_carbon_intensity'
UNION ALL
SELECT 'reference-' || grid.id, 'grid', grid.subject, grid.region, '', grid.region, grid.year, 'grid_carbon_intensity',
       grid.value, grid.value_text, grid.unit, grid.source, grid.confidence, grid.valid_from, grid.note
  FROM masterdata_referencevalue grid
 WHERE grid.category = 'grid_emission_factor'
   AND NOT EXISTS (
       SELECT FROM masterdata_countryfigure figure
         JOIN masterdata_country country ON country.id = figure.country_id
        WHERE figure.parameter = 'grid_carbon_intensity' AND country.code = grid.subject)
UNION ALL
SELECT 'corsia-' || id || '-core', 'corsia', '', feedstock, pathway, region, year::text, 'core',
       core, '', unit, source, confidence, valid_from, note
  FROM masterdata_corsiavalue
UNION ALL
SELECT 'corsia-' || id || '-land-use', 'corsia', '', feedstock, pathway, region, year::text, 'land_use_change',
       land_use_change, '', unit, land_use_change_source, land_use_change_confidence, valid_from, note
  FROM masterdata_corsiavalue
UNION ALL
SELECT 'utility-' || figure.id, 'utility', utility.code, utility.name, '', '', '', figure.parameter,
       figure.value, '', figure.unit, figure.source, figure.confidence, figure.valid_from, figure.note
  FROM masterdata_utilityfigure figure
  JOIN masterdata_utility utility ON utility.id = figure.utility_id
 WHERE figure.parameter = 'carbon_intensity'
UNION ALL
SELECT 'reference-' || id, 'hydrogen', '', subject, '', region, year, 'carbon_intensity',
       value, value_text, unit, source, confidence, valid_from, note
  FROM masterdata_referencevalue
 WHERE category = 'hydrogen_ci' AND parameter = 'carbon intensity'
"""


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0002_version_triggers")]

    operations = [
        migrations.RunSQL(CREATE, "DROP VIEW masterdata_carbonfactor"),
        migrations.CreateModel(
            name="CarbonFactor",
            fields=[
                ("id", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=12)),
                ("code", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=120)),
                ("pathway", models.CharField(max_length=40)),
                ("region", models.CharField(max_length=80)),
                ("year", models.CharField(max_length=20)),
                ("parameter", models.CharField(max_length=160)),
                ("value", models.FloatField(null=True)),
                ("value_text", models.CharField(max_length=200)),
                ("unit", models.CharField(max_length=60)),
                ("source", models.CharField(max_length=400)),
                ("confidence", models.CharField(max_length=12)),
                ("valid_from", models.DateField(null=True)),
                ("note", models.TextField()),
            ],
            options={"db_table": "masterdata_carbonfactor", "managed": False},
        ),
    ]
