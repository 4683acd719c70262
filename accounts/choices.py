from django.db import models


class Role(models.TextChoices):
    """What a member may do in a team: viewers read, editors write, owners also manage the team."""

    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


WRITING_ROLES = frozenset({Role.OWNER, Role.EDITOR})


class TokenPurpose(models.TextChoices):
    """What the link in a mail is for."""

    VERIFY = "verify", "Confirm an address"
    RESET = "reset", "Choose a new password"
    CHANGE = "change", "Change the address"


class SignInKind(models.TextChoices):
    """How a device stays signed in."""

    BROWSER = "browser", "Browser"
    TOKEN = "token", "Program"


class KeyScope(models.TextChoices):
    """What an API key may do with what its owner's roles allow."""

    READ = "read", "Read"
    WRITE = "write", "Read and write"


class Kind(models.TextChoices):
    """What a change was made to."""

    TEAM = "team", "Team"
    MEMBER = "member", "Member"
    INVITATION = "invitation", "Invitation"
    PROJECT = "project", "Project"
    SCENARIO = "scenario", "Scenario"
    SHARE_LINK = "share_link", "Share link"


class Action(models.TextChoices):
    CREATED = "created", "Created"
    CHANGED = "changed", "Changed"
    MOVED = "moved", "Moved"
    DELETED = "deleted", "Deleted"
    LEFT = "left", "Left"
    ACCEPTED = "accepted", "Accepted"
    REVOKED = "revoked", "Revoked"
    RESENT = "resent", "Sent again"


class Via(models.TextChoices):
    """The door a change came by. A share link only shows, so that nothing comes by it."""

    SESSION = "session", "Browser"
    TOKEN = "token", "Access token"
    API_KEY = "api_key", "API key"
    ADMIN = "admin", "Admin"
    COMMAND = "command", "Command"


class TeamEnd(models.TextChoices):
    """What becomes of a team whose only owner deletes their account."""

    HAND_OVER = "hand_over", "Another member owns it"
    MOVE = "move", "What it has moves to another team"
    DELETE = "delete", "It is deleted with all it has"
