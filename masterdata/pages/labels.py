"""What rows of the master data are called, and what they say of themselves."""

from config.figures import rounded, shown_unit
from masterdata import models as md
from masterdata.pages.book import Datum, Fact, Place


def without_figures(place: Place) -> Datum:
    """The line of an item that nobody has given a figure."""
    words = f"{place.title} {place.key}".casefold()
    return Datum(of=place, what="no figures", value=None, unit="", source="", confidence="", words=words)


def design_place(design: md.DesignDefault) -> Place:
    # Codes are letters, digits and hyphens: a point joins two of them without a doubt.
    return Place("designs", f"{design.pathway.code}.{design.feedstock.code}", str(design))


def design_label(row: md.DesignFigure) -> str:
    """The parameter, with the product or utility it is of."""
    label = row.get_parameter_display()
    owner = row.product or row.utility
    return f"{label}: {owner.name}" if owner else label


def incentive_terms(row: md.Incentive) -> tuple[Fact, ...]:
    """On what terms an instrument is paid, those that are given."""
    years = f"{row.first_year or 'open'} to {row.last_year or 'open'}"
    terms = (
        Fact("Scheme", row.scheme),
        Fact("Region", row.region),
        Fact("How it is paid", row.get_kind_display() if row.kind else "not an item of a stack: a figure only"),
        Fact("Years", years if row.first_year or row.last_year else ""),
        Fact("Least reduction", _number_text(row.minimum_reduction, 100, " %")),
        Fact("Reference intensity", _number_text(row.reference_intensity, 1, f" {shown_unit('gCO2e/MJ')}")),
        Fact("RINs per gallon", _number_text(row.rins_per_gallon, 1, "")),
        Fact("Follows inflation", ("yes" if row.indexed else "no") if row.kind else ""),
        Fact("Fuel made in", row.country.replace(";", ", ")),
    )
    return tuple(fact for fact in terms if fact.text)


def _number_text(value: float | None, factor: float, unit: str) -> str:
    return "" if value is None else f"{rounded(value * factor)}{unit}"
