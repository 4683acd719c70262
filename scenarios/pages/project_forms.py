"""What people fill in about projects, and about a scenario before its inputs."""

from typing import Any

from django import forms

from accounts.models import Team, User
from masterdata.catalogue import Catalogue
from projects.choices import Stage

NEW_NAME = "Base case"
PREFERRED_PATHWAY = "HEFA-SPK"
PREFERRED_COUNTRY = "MYS"


class ProjectForm(forms.Form):
    """What a project says of itself."""

    name = forms.CharField(max_length=200)
    description = forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea({"rows": 3}), help_text="Optional."
    )
    stage = forms.ChoiceField(choices=Stage.choices, initial=Stage.SCREENING)


class NewProjectForm(ProjectForm):
    """A project of one of the teams that the user may write in."""

    team: forms.ModelChoiceField = forms.ModelChoiceField(
        None, empty_label=None, help_text="All members of the team see the project.",
        error_messages={"invalid_choice": "You cannot create projects in that team."},
    )  # fmt: skip
    field_order = ("name", "team", "stage", "description")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.writable_by(user).order_by("personal_of", "name", "id")
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = teams


class EditProjectForm(ProjectForm):
    """``version`` is that of the project when the form was opened; ``progress`` is in percent of the stage."""

    progress = forms.FloatField(
        min_value=0, max_value=100, label="Progress", help_text="Percent of the present stage that is done.",
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("name", "description", "stage", "progress", "version")


class NewScenarioForm(forms.Form):
    """The three choices that bring a complete set of defaults, where a design of them is published."""

    name = forms.CharField(max_length=200)
    pathway = forms.ChoiceField(help_text="How the fuel is made, as ASTM D7566 names it.")
    feedstock = forms.ChoiceField()
    country = forms.ChoiceField(help_text="Brings tax, location factor, electricity price and grid intensity.")

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("pathway", pathway_choices(catalogue))
        self._choose("country", [(record.code, record.name) for record in catalogue.countries])
        self._choose("feedstock", feedstock_choices(catalogue, self["pathway"].value() or ""))

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def pathway_choices(catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    """Pathways in two groups: those with a published design on some feedstock, and those without."""
    designed = {design.pathway.code for design in catalogue.designs}
    named = {record.code: f"{record.code}: {record.name}" for record in catalogue.pathways}
    groups = {
        "With a published design": [code for code in named if code in designed],
        "Without: you supply yields and costs": [code for code in named if code not in designed],
    }
    return [(label, [(code, named[code]) for code in codes]) for label, codes in groups.items() if codes]


def feedstock_choices(catalogue: Catalogue, pathway: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Feedstocks in two groups: those with a published design of the pathway, and those without."""
    designed = designed_feedstocks(catalogue, pathway)
    others = [record.name for record in catalogue.feedstocks if record.name not in designed]
    groups = {f"With a published design of {pathway}": designed, "Without: you supply yields and costs": others}
    return [(label, [(name, name) for name in names]) for label, names in groups.items() if names]


def designed_feedstocks(catalogue: Catalogue, pathway: str) -> list[str]:
    return [design.feedstock.name for design in catalogue.designs if design.pathway.code == pathway]


def first_choices(catalogue: Catalogue, pathway: str = "") -> dict[str, str]:
    """What a new scenario starts with: the pathway asked for, its first designed feedstock, and a country."""
    codes = [record.code for record in catalogue.pathways]
    countries = [record.code for record in catalogue.countries]
    chosen = next((code for code in (pathway, PREFERRED_PATHWAY, *codes) if code in codes), "")
    return {
        "pathway": chosen,
        "feedstock": next(iter(designed_feedstocks(catalogue, chosen)), ""),
        "country": next((code for code in (PREFERRED_COUNTRY, *countries) if code in countries), ""),
    }
