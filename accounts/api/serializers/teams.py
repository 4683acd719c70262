from rest_framework import serializers

from accounts.api.fields import DisplayNameField
from accounts.choices import Role
from accounts.models import Invitation, Membership, Team
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


class TeamSerializer(WireModelSerializer):
    """A team with the role of the user who asks."""

    role = serializers.ChoiceField(Role.choices, source="my_role", read_only=True)
    is_personal = serializers.BooleanField(read_only=True, help_text="It goes with the account and takes no members.")

    class Meta:
        model = Team
        fields = ["id", "name", "role", "is_personal", "created_at"]


class RoleSerializer(WireSerializer):
    role = serializers.ChoiceField(Role.choices)


class HandOverSerializer(WireSerializer):
    member = serializers.UUIDField(help_text="Id of the member who is to own the team.")


class InvitationSerializer(WireModelSerializer):
    """An address that is invited. Whether it has an account is not told."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(Role.choices, default=Role.VIEWER)
    invited_by = serializers.SerializerMethodField(help_text="Name of the owner who sent it; null when they are gone.")

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "invited_by", "created_at", "asked_at", "expires_at"]
        read_only_fields = ["asked_at", "expires_at"]

    def get_invited_by(self, invitation: Invitation) -> str | None:
        return invitation.invited_by.display_name if invitation.invited_by else None


class InvitationTokenSerializer(WireSerializer):
    token = serializers.CharField(max_length=100, help_text="What stands in the link that was mailed.")
