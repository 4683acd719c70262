from rest_framework import serializers

from accounts.api.serializers import UserBriefSerializer
from accounts.choices import Role
from config.http.fields import FiniteFloatField
from config.http.serializers import WireModelSerializer, WireSerializer
from projects.api.fields import MyTeamField
from projects.choices import Stage
from projects.models import Project


class ProjectSerializer(WireModelSerializer):
    """A project. PUT sets what it leaves out back to the default, except the team, which it keeps."""

    team = MyTeamField(required=False, help_text="The personal team unless another is named.")
    description = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    stage = serializers.ChoiceField(Stage.choices, default=Stage.SCREENING)
    progress = FiniteFloatField(
        min_value=0, max_value=1, default=0.0, help_text="Fraction of the present stage that is done."
    )
    created_by = UserBriefSerializer(read_only=True, allow_null=True)
    my_role = serializers.ChoiceField(Role.choices, read_only=True)

    class Meta:
        model = Project
        fields = [
            "id",
            "name",
            "description",
            "stage",
            "progress",
            "team",
            "created_by",
            "my_role",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["version"]


class ProjectDuplicateSerializer(WireSerializer):
    name = serializers.CharField(max_length=200, required=False, help_text='The source\'s name and "(copy)" if absent.')
    team = MyTeamField(required=False, help_text="The source's team if absent.")
