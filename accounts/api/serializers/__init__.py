from accounts.api.serializers.signing_in import (
    LoginSerializer,
    LogoutSerializer,
    RefreshSerializer,
    TokenPairSerializer,
)
from accounts.api.serializers.teams import MemberSerializer, MyTeamSerializer, TeamBriefSerializer
from accounts.api.serializers.users import MeSerializer, UserBriefSerializer

__all__ = [
    "LoginSerializer",
    "LogoutSerializer",
    "MeSerializer",
    "MemberSerializer",
    "MyTeamSerializer",
    "RefreshSerializer",
    "TeamBriefSerializer",
    "TokenPairSerializer",
    "UserBriefSerializer",
]
