from django.db import models


class Role(models.TextChoices):
    """What a member may do in a team: viewers read, editors write, owners also manage the team."""

    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


WRITING_ROLES = frozenset({Role.OWNER, Role.EDITOR})
