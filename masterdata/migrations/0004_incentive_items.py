"""Terms of an incentive: what makes a figure of a policy instrument an item of a scenario's incentive stack.

The loader tells a row an editor changed by the digest of the columns it loaded. There are more columns now, so the
digests of rows nobody touched are written anew: otherwise a load would take all of them for an editor's.
"""

import hashlib
import json
from datetime import date

from django.db import migrations, models

FILE = "incentives.csv"
BEFORE = "code name scheme region value value_text unit source confidence valid_from note".split()
ADDED = (
    "kind first_year last_year minimum_reduction reference_intensity rins_per_gallon indexed country".split()
)


def digest(values, columns):
    shown = {name: values[name] for name in columns}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=date.isoformat).encode()).hexdigest()


def redigest(apps, before, after):
    stored = {row["pk"]: row for row in apps.get_model("masterdata", "Incentive").objects.values("pk", *BEFORE, *ADDED)}
    for loaded in apps.get_model("masterdata", "LoadedRow").objects.filter(file=FILE):
        row = stored.get(loaded.object_id)
        if row and digest(row, before) == loaded.digest:
            loaded.digest = digest(row, after)
            loaded.save(update_fields=["digest"])


def forwards(apps, schema_editor):
    redigest(apps, BEFORE, [*BEFORE, *ADDED])


def backwards(apps, schema_editor):
    redigest(apps, [*BEFORE, *ADDED], BEFORE)


class Migration(migrations.Migration):

    dependencies = [
        ('masterdata', '0003_carbon_factors'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalincentive',
            name='country',
            field=models.CharField(blank=True, help_text='ISO codes of the countries where the fuel must be made, separated by semicolons; empty: anywhere.', max_length=200),
        ),
        migrations.AddField(
            model_name='historicalincentive',
            name='first_year',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Calendar year in which it is first paid; empty: open.', null=True, verbose_name='first year'),
        ),
        migrations.AddField(
            model_name='historicalincentive',
            name='indexed',
            field=models.BooleanField(default=False, help_text='Whether the amount follows general inflation: market prices do, statutory ones do not.'),
        ),
        migrations.AddField(
            model_name='historicalincentive',
            name='kind',
            field=models.CharField(blank=True, choices=[('per_volume', 'per volume of fuel'), ('us_45z', 'US 45Z clean fuel production credit'), ('us_40b', "US 40B blender's credit"), ('rin', 'RINs of the US Renewable Fuel Standard'), ('lcfs', 'credits of a low-carbon fuel standard'), ('ets', 'allowances of an emissions trading system'), ('mandate_certificate', 'certificates of a production mandate'), ('price_premium', 'premium on the price of the fuel'), ('capital_grant', 'capital grant'), ('capital_grant_share', 'capital grant as a share of the investment'), ('us_45q', 'US 45Q carbon sequestration credit'), ('us_45v', 'US 45V clean hydrogen credit')], help_text='How it is paid; empty: a figure only, which cannot be put into a stack.', max_length=20),
        ),
        migrations.AddField(
            model_name='historicalincentive',
            name='last_year',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Calendar year in which it is last paid; empty: open.', null=True, verbose_name='last year'),
        ),
        migrations.AddField(
            model_name='historicalincentive',
            name='minimum_reduction',
            field=models.FloatField(blank=True, help_text='Fraction of the reference intensity; empty: none asked.', null=True, verbose_name='minimum reduction'),
        ),
        migrations.AddField(
            model_name='historicalincentive',
            name='reference_intensity',
            field=models.FloatField(blank=True, help_text="gCO2e/MJ; what reductions and credits are counted against. Empty: the engine's 89.", null=True, verbose_name='reference intensity'),
        ),
        migrations.AddField(
            model_name='historicalincentive',
            name='rins_per_gallon',
            field=models.FloatField(blank=True, help_text='Per gallon of the fuel itself; for the kind rin alone.', null=True, verbose_name='RINs per gallon'),
        ),
        migrations.AddField(
            model_name='incentive',
            name='country',
            field=models.CharField(blank=True, help_text='ISO codes of the countries where the fuel must be made, separated by semicolons; empty: anywhere.', max_length=200),
        ),
        migrations.AddField(
            model_name='incentive',
            name='first_year',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Calendar year in which it is first paid; empty: open.', null=True, verbose_name='first year'),
        ),
        migrations.AddField(
            model_name='incentive',
            name='indexed',
            field=models.BooleanField(default=False, help_text='Whether the amount follows general inflation: market prices do, statutory ones do not.'),
        ),
        migrations.AddField(
            model_name='incentive',
            name='kind',
            field=models.CharField(blank=True, choices=[('per_volume', 'per volume of fuel'), ('us_45z', 'US 45Z clean fuel production credit'), ('us_40b', "US 40B blender's credit"), ('rin', 'RINs of the US Renewable Fuel Standard'), ('lcfs', 'credits of a low-carbon fuel standard'), ('ets', 'allowances of an emissions trading system'), ('mandate_certificate', 'certificates of a production mandate'), ('price_premium', 'premium on the price of the fuel'), ('capital_grant', 'capital grant'), ('capital_grant_share', 'capital grant as a share of the investment'), ('us_45q', 'US 45Q carbon sequestration credit'), ('us_45v', 'US 45V clean hydrogen credit')], help_text='How it is paid; empty: a figure only, which cannot be put into a stack.', max_length=20),
        ),
        migrations.AddField(
            model_name='incentive',
            name='last_year',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Calendar year in which it is last paid; empty: open.', null=True, verbose_name='last year'),
        ),
        migrations.AddField(
            model_name='incentive',
            name='minimum_reduction',
            field=models.FloatField(blank=True, help_text='Fraction of the reference intensity; empty: none asked.', null=True, verbose_name='minimum reduction'),
        ),
        migrations.AddField(
            model_name='incentive',
            name='reference_intensity',
            field=models.FloatField(blank=True, help_text="gCO2e/MJ; what reductions and credits are counted against. Empty: the engine's 89.", null=True, verbose_name='reference intensity'),
        ),
        migrations.AddField(
            model_name='incentive',
            name='rins_per_gallon',
            field=models.FloatField(blank=True, help_text='Per gallon of the fuel itself; for the kind rin alone.', null=True, verbose_name='RINs per gallon'),
        ),
        migrations.AddConstraint(
            model_name='incentive',
            constraint=models.CheckConstraint(condition=models.Q(('kind', ''), models.Q(('kind', 'per_volume'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/(gal|L|l|m3|bbl))$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'us_45z'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/(gal|L|l|m3|bbl))$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'us_40b'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/(gal|L|l|m3|bbl))$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'rin'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/RIN)$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'lcfs'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/t)$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'ets'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/t)$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'mandate_certificate'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/(gal|L|l|m3|bbl))$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'price_premium'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/t)$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'capital_grant'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3})$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'capital_grant_share'), ('value__isnull', False), ('unit__regex', '^(fraction)$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0), ('value__lte', 1.0)), models.Q(('kind', 'us_45q'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/t)$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), models.Q(('kind', 'us_45v'), ('value__isnull', False), ('unit__regex', '^([A-Z]{3}/t)$'), ('value__lt', float("inf")), ('value__gt', float("-inf")), ('value__gte', 0.0)), _connector='OR'), name='masterdata_incentive_kind', violation_error_code='out_of_bounds', violation_error_message='A kind needs a number, in the unit of the kind.'),
        ),
        migrations.AddConstraint(
            model_name='incentive',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', ''), _negated=True), models.Q(('country', ''), ('first_year__isnull', True), ('indexed', False), ('last_year__isnull', True), ('minimum_reduction__isnull', True), ('reference_intensity__isnull', True), ('rins_per_gallon__isnull', True)), _connector='OR'), name='masterdata_incentive_terms', violation_error_message='A figure without a kind is no item of a stack, and has no terms.'),
        ),
        migrations.AddConstraint(
            model_name='incentive',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_year__isnull', True), ('first_year__range', (1950, 2200)), _connector='OR'), models.Q(('last_year__isnull', True), ('last_year__range', (1950, 2200)), _connector='OR'), models.Q(('first_year__isnull', True), ('last_year__isnull', True), ('first_year__lte', models.F('last_year')), _connector='OR')), name='masterdata_incentive_years', violation_error_message='The years are calendar years from 1950 to 2200, the first not after the last.'),
        ),
        migrations.AddConstraint(
            model_name='incentive',
            constraint=models.CheckConstraint(condition=models.Q(('minimum_reduction__isnull', True), ('minimum_reduction__range', (0.0, 1.0)), _connector='OR'), name='masterdata_incentive_minimum_reduction', violation_error_message='The reduction must be a fraction from 0 to 1.'),
        ),
        migrations.AddConstraint(
            model_name='incentive',
            constraint=models.CheckConstraint(condition=models.Q(('reference_intensity__isnull', True), models.Q(('reference_intensity__gt', 0.0), ('reference_intensity__lte', 1000.0)), _connector='OR'), name='masterdata_incentive_reference_intensity', violation_error_message='The intensity must be above 0 and at most 1000 gCO2e/MJ.'),
        ),
        migrations.AddConstraint(
            model_name='incentive',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'rin'), ('rins_per_gallon__gt', 0.0), ('rins_per_gallon__isnull', False), ('rins_per_gallon__lte', 10.0)), models.Q(models.Q(('kind', 'rin'), _negated=True), ('rins_per_gallon__isnull', True)), _connector='OR'), name='masterdata_incentive_rins', violation_error_message='The kind rin, and no other, needs RINs per gallon: above 0 and at most 10.'),
        ),
        migrations.AddConstraint(
            model_name='incentive',
            constraint=models.CheckConstraint(condition=models.Q(('country', ''), ('country__regex', '^[A-Z]{3}(;[A-Z]{3})*$'), _connector='OR'), name='masterdata_incentive_country', violation_error_message='Countries are codes of three capital letters (ISO 3166-1 alpha-3), separated by semicolons.'),
        ),
        migrations.RunPython(forwards, backwards),
    ]
