"""A project's audit and its share links for people; its other pages stand with its scenarios."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views import View

from accounts.choices import Role
from accounts.models import AuditEntry
from accounts.models.users import one_line
from accounts.pages.forms import AccountPage
from accounts.pages.teams import audit_page
from projects import sharing
from projects.access import writable_project
from projects.models import Project, ShareLink


class ProjectAuditPage(LoginRequiredMixin, View):
    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        project = get_object_or_404(Project.objects.visible_to(request.user), pk=project_id)
        if project.my_role != Role.OWNER:
            raise PermissionDenied
        entries = AuditEntry.objects.filter(project=project.pk)
        return audit_page(
            request,
            entries,
            name=project.name,
            back=resolve_url("project", project.pk),
            project=project,
            section="projects",
        )


class ShareLinkForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For you, to tell links apart: who it is for.",
    )
    days = forms.TypedChoiceField(
        label="Good for",
        choices=[("7", "a week"), ("30", "30 days"), ("90", "90 days"), ("365", "a year")],
        initial="30",
        coerce=int,
    )


class SharingPage(AccountPage):
    """A project's links, and a form for another one, which is shown in the answer and nowhere else."""

    template_name = "projects/sharing.html"
    form_class = ShareLinkForm
    heading = "Share links"
    button = "Make a link"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project = writable_project(self.request.user, self.kwargs["project_id"])
        links = ShareLink.objects.filter(project=project).for_list()
        return super().get_context_data(**kwargs) | {"project": project, "links": links, "section": "projects"}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "revoke" not in request.POST or not request.user.is_authenticated:
            return super().post(request, *args, **kwargs)
        project = writable_project(request.user, self.kwargs["project_id"])
        try:
            link = ShareLink.objects.get(project=project, pk=request.POST["revoke"])
        except (ShareLink.DoesNotExist, ValidationError):
            raise Http404 from None
        sharing.share_link_revoke(link=link)
        messages.success(request, f"{link.name} leads nowhere any more.")
        return HttpResponseRedirect(resolve_url("project-shares", project.pk))

    def do(self, form: forms.Form) -> HttpResponse:
        project = writable_project(self.request.user, self.kwargs["project_id"])
        given = form.cleaned_data
        expires_at = timezone.now() + timedelta(days=given["days"])
        try:
            _, token = sharing.share_link_create(
                project=project, user=self.user, name=given["name"], expires_at=expires_at
            )
        except sharing.TooManyLinks:
            raise ValidationError(sharing.TOO_MANY) from None
        made = self.request.build_absolute_uri(reverse("shared-page", args=[token]))
        return self.render_to_response(self.get_context_data(form=ShareLinkForm(), made=made), status=201)
