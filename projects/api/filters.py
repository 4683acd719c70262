import django_filters

from config.http.filters import WireFilterSet
from projects.choices import Stage
from projects.models import Project


class ProjectFilterSet(WireFilterSet):
    stage = django_filters.ChoiceFilter(choices=Stage.choices)
    team = django_filters.UUIDFilter(field_name="team_id")
    owner = django_filters.UUIDFilter(field_name="created_by_id", help_text="Id of the user who made it.")

    class Meta:
        model = Project
        fields: list[str] = []
