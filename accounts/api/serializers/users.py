from django.contrib.auth import get_user_model
from rest_framework import serializers

from accounts.api.fields import DisplayNameField
from accounts.api.serializers.teams import MyTeamSerializer
from config.http.serializers import WireModelSerializer, WireSerializer


class UserBriefSerializer(WireSerializer):
    """A user as others see them beside what they made."""

    id = serializers.UUIDField(read_only=True)
    name = DisplayNameField()


class MeSerializer(WireModelSerializer):
    """The user who asks."""

    teams = MyTeamSerializer(many=True, read_only=True, source="my_teams")

    class Meta:
        model = get_user_model()
        fields = ["id", "email", "name", "is_staff", "created_at", "teams"]
        read_only_fields = ["email", "is_staff", "created_at"]
