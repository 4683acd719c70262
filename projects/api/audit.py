"""The audit of a project as owners of its team read it."""

from django.db.models import QuerySet
from rest_framework.generics import get_object_or_404

from accounts.api.audit import AuditViewSet, owners_only
from accounts.models import AuditEntry
from projects.models import Project


class ProjectAuditViewSet(AuditViewSet):
    def get_queryset(self) -> QuerySet[AuditEntry]:
        visible = Project.objects.visible_to(self.request.user).only("id")
        project = get_object_or_404(visible, pk=self.kwargs["project_id"])
        owners_only(project)
        return AuditEntry.objects.filter(project=project.pk)
