"""Who changed what, when, from what to what."""

from django.db import models
from django.db.models.functions import Now

from accounts.choices import Action, Kind, Via
from accounts.querysets import AuditQuerySet


class AuditEntry(models.Model):
    """One change, as it was made; the database refuses to change it (migration 0003).

    Nothing here is a foreign key: an entry outlives its actor, its target and its team. ``label`` is what the target
    was called, ``changes`` a list of ``{path, before, after}`` of what differs and nothing else.
    """

    # Of entries of one burst, shown as one; set by ``entries_merged``.
    since: object = None
    saves: int = 1

    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=254, blank=True)
    via = models.CharField(max_length=10, choices=Via)
    request_id = models.CharField(max_length=64, blank=True)
    # The team whose owners may read it, and the project under which it stands, if any.
    team = models.UUIDField()
    project = models.UUIDField(null=True)
    kind = models.CharField(max_length=12, choices=Kind)
    action = models.CharField(max_length=12, choices=Action)
    target = models.UUIDField()
    label = models.CharField(max_length=254, blank=True)
    changes = models.JSONField(default=list)
    # What one person typed into one scenario within five minutes; every save is an entry of its own.
    burst = models.UUIDField(null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        # A list is of one team or project, the newest first; owners ask it for what one person did, for one kind, and
        # for a time, which in a team of 200,000 entries was to read them all.
        indexes = [
            models.Index("team", models.F("id").desc(), name="audit_team"),
            models.Index("team", "actor", models.F("id").desc(), name="audit_person"),
            models.Index("team", "kind", models.F("id").desc(), name="audit_kind"),
            models.Index("team", "at", name="audit_time"),
            models.Index(
                "project", models.F("id").desc(), name="audit_project", condition=models.Q(project__isnull=False)
            ),
            models.Index("burst", "id", name="audit_burst", condition=models.Q(burst__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="audit_kind_known"),
            models.CheckConstraint(condition=models.Q(action__in=Action.values), name="audit_action_known"),
            models.CheckConstraint(condition=models.Q(via__in=Via.values), name="audit_via_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}: {self.get_action_display()}"
