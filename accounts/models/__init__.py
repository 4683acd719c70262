"""Users, the teams they work in, and the role each has there."""

from accounts.models.teams import Membership, Team
from accounts.models.users import User

__all__ = ["Membership", "Team", "User"]
