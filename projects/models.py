"""Projects: what a team weighs up, one plant each."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Team
from accounts.models.users import one_line
from projects.choices import Stage
from projects.querysets import ProjectQuerySet, ShareLinkQuerySet, TeamProjectsQuerySet


class Project(models.Model):
    """A plant that a team considers, with its scenarios.

    ``version`` moves with every change and is what ``If-Match`` compares.
    """

    my_role: str  # of the user asked for, by ``visible_to``
    changed_by: str | None  # the name of who changed it last, by ``with_changer``

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The index below begins with the team, and serves what an index of its own would.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="projects", db_index=False)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    stage = models.CharField(max_length=20, choices=Stage, default=Stage.SCREENING)
    progress = models.FloatField(default=0, help_text="Fraction of the present stage that is done, 0 to 1.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="created_projects"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Kept by triggers of the database, here and of the scenarios (migrations 0005 and scenarios 0004).
    changed_at = models.DateTimeField(
        default=timezone.now, db_default=Now(), editable=False, help_text="The last change of it or of its scenarios."
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "id"]
        # A list is of the teams of its reader, in one of these orders; of a stage it is counted from the index alone.
        indexes = [
            models.Index("team", models.F("updated_at").desc(), name="projects_team_updated"),
            models.Index("team", models.F("changed_at").desc(), name="projects_team_changed"),
            models.Index("team", "stage", models.F("updated_at").desc(), name="projects_team_stage"),
            models.Index("team", "created_at", name="projects_team_created"),
            models.Index("team", "name", name="projects_team_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="projects_stage_known"),
            # NaN sorts above every number in PostgreSQL, so the upper bound refuses it too.
            models.CheckConstraint(
                condition=models.Q(progress__gte=0, progress__lte=1), name="projects_progress_is_fraction"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamProjects(models.Model):
    """How many projects a team has in a stage: triggers of the database keep it, within whatever changes projects.

    A page of a list says how many there are in all, and should not cost more for every project there is.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="project_counts", db_index=False)
    stage = models.CharField(max_length=20, choices=Stage)
    projects = models.IntegerField()

    objects = TeamProjectsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "stage"], name="projects_teamprojects_once")]

    def __str__(self) -> str:
        return f"{self.projects} in {self.stage}"


class ShareLink(models.Model):
    """A link that shows a project to whoever has it, until it expires or is revoked; of its token the hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="share_links")
    name = models.CharField(max_length=100, validators=[one_line], help_text="For you, to tell links apart.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()
