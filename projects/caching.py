"""What changes of projects outdate."""

from accounts.snapshots import team_tag
from config.cache.rows import outdates, row_tag
from projects.models import Project


def project_tag(key: object) -> str:
    return row_tag("project", key)


def connect() -> None:
    outdates(Project, lambda project: (project_tag(project.pk), team_tag(project.team_id)))
