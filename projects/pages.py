"""A project's audit for people; its other pages stand with its scenarios."""

from uuid import UUID

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, resolve_url
from django.views import View

from accounts.choices import Role
from accounts.models import AuditEntry
from accounts.pages.teams import audit_page
from projects.models import Project


class ProjectAuditPage(LoginRequiredMixin, View):
    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project = get_object_or_404(Project.objects.visible_to(request.user), pk=project_id)
        if project.my_role != Role.OWNER:
            raise PermissionDenied
        entries = AuditEntry.objects.filter(project=project.pk)
        return audit_page(request, entries, name=project.name, back=resolve_url("projects"))
