"""Users, the teams they work in and the role each has there, where they are signed in, and what is mailed to them."""

from accounts.models.mail import Letter, MailedToken
from accounts.models.sign_ins import ApiKey, SignIn
from accounts.models.teams import Membership, Team
from accounts.models.users import User

__all__ = ["ApiKey", "Letter", "MailedToken", "Membership", "SignIn", "Team", "User"]
