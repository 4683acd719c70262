"""Users, their teams and roles, where they are signed in, what is mailed to them, and who changed what."""

from accounts.models.audit import AuditEntry
from accounts.models.mail import Letter, MailedToken
from accounts.models.sign_ins import ApiKey, SignIn
from accounts.models.teams import Invitation, Membership, Team
from accounts.models.users import User

__all__ = ["ApiKey", "AuditEntry", "Invitation", "Letter", "MailedToken", "Membership", "SignIn", "Team", "User"]
