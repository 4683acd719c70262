from rest_framework import serializers

from accounts.api.fields import DisplayNameField
from accounts.choices import Role
from accounts.models import Membership, Team
from config.http.serializers import WireModelSerializer, WireSerializer


class TeamBriefSerializer(WireSerializer):
    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)


class MyTeamSerializer(WireModelSerializer):
    """One of my teams and my role in it."""

    role = serializers.ChoiceField(Role.choices, source="my_role", read_only=True)
    is_personal = serializers.BooleanField(read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "role", "is_personal"]
        read_only_fields = ["name"]


class MemberSerializer(WireModelSerializer):
    """A member of a team."""

    id = serializers.UUIDField(source="user.id", read_only=True)
    name = DisplayNameField(source="user")
    email = serializers.EmailField(source="user.email", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "name", "email", "role"]
        read_only_fields = ["role"]
