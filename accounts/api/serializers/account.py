"""Bodies of what a person does with their own account."""

from django.contrib.auth.password_validation import validate_password
from rest_framework import serializers

from accounts.api.serializers.teams import TeamBriefSerializer
from accounts.api.serializers.users import UserBriefSerializer
from accounts.choices import KeyScope, TeamEnd
from accounts.devices import device_words
from accounts.models import ApiKey, SignIn, User
from accounts.models.users import one_line
from config.http.serializers import WireModelSerializer, WireSerializer


def _password() -> serializers.CharField:
    return serializers.CharField(max_length=1024, trim_whitespace=False, style={"input_type": "password"})


class AcceptedSerializer(WireSerializer):
    """Taken in; what comes of it is said by mail."""

    detail = serializers.CharField(read_only=True)


class AddressSerializer(WireSerializer):
    email = serializers.EmailField(max_length=254)


class RegisterSerializer(AddressSerializer):
    password = _password()
    name = serializers.CharField(max_length=150, required=False, allow_blank=True, validators=[one_line])

    def validate_password(self, password: str) -> str:
        """Beside the faults of the others, which the service would never come to see."""
        given = {name: str(self.initial_data.get(name, "")) for name in ("email", "name")}
        validate_password(password, User(**given))
        return password


class MailedTokenSerializer(WireSerializer):
    token = serializers.CharField(max_length=100, help_text="From the link in the mail.")


class PasswordResetSerializer(MailedTokenSerializer):
    new_password = _password()


class PasswordChangeSerializer(WireSerializer):
    current_password = _password()
    new_password = _password()


class EmailChangeSerializer(AddressSerializer):
    password = _password()


class SignInSerializer(WireModelSerializer):
    """A device on which one is signed in."""

    device = serializers.SerializerMethodField()
    is_current = serializers.SerializerMethodField(help_text="Whether this request was made by it.")

    class Meta:
        model = SignIn
        fields = ["id", "kind", "device", "ip", "created_at", "last_used_at", "expires_at", "is_current"]

    def get_device(self, sign_in: SignIn) -> str:
        return device_words(sign_in.user_agent)

    def get_is_current(self, sign_in: SignIn) -> bool:
        return sign_in.pk == self.context["request"].user.sign_in_id


class ApiKeySerializer(WireModelSerializer):
    """A key of a program, without the key itself."""

    name = serializers.CharField(max_length=100, validators=[one_line])
    scope = serializers.ChoiceField(KeyScope.choices, default=KeyScope.READ)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    class Meta:
        model = ApiKey
        fields = ["id", "name", "hint", "scope", "created_at", "expires_at", "last_used_at"]
        read_only_fields = ["hint", "created_at", "last_used_at"]


class NewApiKeySerializer(ApiKeySerializer):
    """A key just made. It is shown this once."""

    key = serializers.CharField(read_only=True, help_text="To be sent as `Authorization: Bearer sfp_…`.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]


class StakeSerializer(WireSerializer):
    """A team that only the user owns."""

    team = TeamBriefSerializer(read_only=True)
    is_personal = serializers.BooleanField(source="team.is_personal", read_only=True)
    is_asked = serializers.BooleanField(read_only=True, help_text="Whether something has to be chosen for it.")
    projects = serializers.IntegerField(source="count", read_only=True)
    members = UserBriefSerializer(
        source="others", many=True, read_only=True, help_text="To whom it can be handed over."
    )


class DeletionPlanSerializer(WireSerializer):
    """What deleting the account asks."""

    teams = StakeSerializer(many=True, read_only=True)
    targets = TeamBriefSerializer(many=True, read_only=True, help_text="Where projects can move.")


class TeamChoiceSerializer(WireSerializer):
    team = serializers.UUIDField()
    end = serializers.ChoiceField(TeamEnd.choices)
    to = serializers.UUIDField(required=False, help_text="The member (hand_over) or the team (move).")


class DeletionSerializer(WireSerializer):
    password = _password()
    teams = TeamChoiceSerializer(many=True, required=False)
