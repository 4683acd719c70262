from django.contrib.auth import get_user_model
from rest_framework import serializers

from accounts.api.fields import DisplayNameField
from accounts.choices import Role
from accounts.models import Membership, Team
from config.http.serializers import WireModelSerializer, WireSerializer


class UserBriefSerializer(WireSerializer):
    """A user as others see them beside what they made."""

    id = serializers.UUIDField(read_only=True)
    name = DisplayNameField()


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


class MeSerializer(WireModelSerializer):
    """The user who asks."""

    teams = MyTeamSerializer(many=True, read_only=True, source="my_teams")

    class Meta:
        model = get_user_model()
        fields = ["id", "email", "name", "is_staff", "created_at", "teams"]
        read_only_fields = ["email", "is_staff", "created_at"]


class MemberSerializer(WireModelSerializer):
    """A member of a team."""

    id = serializers.UUIDField(source="user.id", read_only=True)
    name = DisplayNameField(source="user")
    email = serializers.EmailField(source="user.email", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "name", "email", "role"]
        read_only_fields = ["role"]


class LoginSerializer(WireSerializer):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False, style={"input_type": "password"})


class RefreshSerializer(WireSerializer):
    refresh_token = serializers.CharField(max_length=4096)


class TokenPairSerializer(WireSerializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField(help_text="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds that the access token lasts.")
    user = MeSerializer()
