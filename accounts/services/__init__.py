"""What can be done with users and teams. Functions take domain objects and keywords, and own their transactions."""

from accounts.services.teams import personal_team, personal_team_create, team_role
from accounts.services.users import user_create, user_update

__all__ = ["personal_team", "personal_team_create", "team_role", "user_create", "user_update"]
