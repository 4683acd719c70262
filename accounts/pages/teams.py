"""Teams for people: who is in them, who may come, who changed what."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.timesince import timesince
from django.views import View
from django.views.decorators.cache import cache_control

from accounts import services
from accounts.access import managed_team
from accounts.choices import Action, Role
from accounts.forms import InvitationForm, RoleForm, TeamForm, TokenForm
from accounts.models import AuditEntry, Invitation, Membership, Team, User
from accounts.pages.forms import AccountPage, TokenPage
from accounts.querysets import AuditQuerySet
from accounts.sentences import sentence, words
from accounts.words import OTHER_ADDRESS
from config.http.limits import seconds_to_wait

ENTRIES = 50


class TeamsPage(AccountPage):
    """One's teams, and a form for another one."""

    template_name = "accounts/teams.html"
    form_class = TeamForm
    heading = "Teams"
    button = "Make a team"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        teams = Team.objects.visible_to(self.request.user).order_by("name", "id")
        roles = dict(Role.choices)
        listed = [(team, roles[team.my_role]) for team in teams]
        return super().get_context_data(**kwargs) | {"teams": listed, "section": "teams"}

    def do(self, form: forms.Form) -> HttpResponse:
        team = services.team_create(user=self.user, **form.cleaned_data)
        messages.success(self.request, f"{team.name} is made: invite who is to be in it.")
        return HttpResponseRedirect(resolve_url("team", team.pk))


# Kept by nobody without asking anew, like what is never kept, but compressed: it has a form for each member.
@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
class TeamPage(LoginRequiredMixin, View):
    """A team with its members; owners manage it here. What is sent says in ``do`` what is to be done."""

    def get(self, request: HttpRequest, team_id: UUID) -> HttpResponse:
        return self._page(request, team_id)

    def post(self, request: HttpRequest, team_id: UUID) -> HttpResponse:
        deed = _DEEDS.get(request.POST.get("do", ""))
        if deed is None:
            raise Http404
        try:
            with transaction.atomic():
                said = deed(request, team_id)
        except (services.TeamRefusal, services.TooSoon) as error:
            text = str(error)
            messages.error(request, text[:1].upper() + text[1:])
        except ValidationError as error:
            return self._page(request, team_id, invitation=error.params["form"], status=400)  # type: ignore[index]
        except (Membership.DoesNotExist, Invitation.DoesNotExist, Team.DoesNotExist):
            messages.error(request, "That has gone meanwhile.")
        else:
            messages.success(request, said)
        still = Team.objects.visible_to(request.user).filter(pk=team_id).exists()
        return HttpResponseRedirect(resolve_url("team", team_id) if still else resolve_url("teams"))

    def _page(
        self, request: HttpRequest, team_id: UUID, invitation: forms.Form | None = None, status: int = 200
    ) -> HttpResponse:
        team = get_object_or_404(Team.objects.visible_to(request.user), pk=team_id)
        members = Membership.objects.filter(team=team).for_list().order_by("user__name", "user__email")
        is_owner = team.my_role == Role.OWNER
        context = {
            "team": team,
            "members": members,
            "others": [member for member in members if member.user_id != request.user.pk],
            "is_owner": is_owner,
            "role": dict(Role.choices)[team.my_role],
            "roles": Role.choices,
            "invitations": Invitation.objects.filter(team=team).for_list() if is_owner else (),
            "form": invitation or InvitationForm(),
            "section": "teams",
        }
        return render(request, "accounts/team.html", context, status=status)


type Deed = Callable[[HttpRequest, UUID], str]


def _member(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("member", ""))
    except ValueError:
        raise Membership.DoesNotExist from None


def _invitation(request: HttpRequest, team: Team) -> Invitation:
    try:
        return Invitation.objects.get(team=team, pk=request.POST.get("invitation", ""))
    except ValidationError:
        raise Invitation.DoesNotExist from None


def _rename(request: HttpRequest, team_id: UUID) -> str:
    team, form = managed_team(request.user, team_id), TeamForm(request.POST)
    if not form.is_valid():
        raise services.TeamRefusal("invalid", "A name has one line of at most 150 characters.")
    services.team_rename(team=team, **form.cleaned_data)
    return "Renamed."


def _delete(request: HttpRequest, team_id: UUID) -> str:
    team = managed_team(request.user, team_id)
    services.team_delete(team=team)
    return f"{team.name} is deleted."


def _leave(request: HttpRequest, team_id: UUID) -> str:
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=team_id)
    services.team_leave(team=team, user=cast(User, request.user))
    return f"You have left {team.name}."


def _hand_over(request: HttpRequest, team_id: UUID) -> str:
    team = managed_team(request.user, team_id)
    services.team_hand_over(team=team, user=cast(User, request.user), to=_member(request))
    return "The team is handed over; you are an editor of it now."


def _role(request: HttpRequest, team_id: UUID) -> str:
    team, form = managed_team(request.user, team_id), RoleForm(request.POST)
    if not form.is_valid():
        raise Membership.DoesNotExist
    role = Role(form.cleaned_data["role"])
    membership = services.member_role_set(team=team, member=_member(request), role=role)
    return f"{membership.user.display_name} is {role.label.lower()} now."


def _remove(request: HttpRequest, team_id: UUID) -> str:
    services.member_remove(team=managed_team(request.user, team_id), member=_member(request))
    return "Removed: they see nothing of the team any more."


def _invite(request: HttpRequest, team_id: UUID) -> str:
    team, form = managed_team(request.user, team_id), InvitationForm(request.POST)
    if not form.is_valid():
        raise ValidationError("", params={"form": form})
    _count(request)
    given = form.cleaned_data
    user = cast(User, request.user)
    services.invitation_create(team=team, user=user, email=given["email"], role=Role(given["role"]))
    return f"{given['email']} is invited by mail."


def _resend(request: HttpRequest, team_id: UUID) -> str:
    team = managed_team(request.user, team_id)
    _count(request)
    services.invitation_resend(invitation=_invitation(request, team))
    return "Sent again; the link of the earlier mail leads nowhere now."


def _revoke(request: HttpRequest, team_id: UUID) -> str:
    team = managed_team(request.user, team_id)
    services.invitation_revoke(invitation=_invitation(request, team))
    return "The invitation is taken back."


def _count(request: HttpRequest) -> None:
    wait = seconds_to_wait(request, "invite", "user")
    if wait is not None:
        raise services.TooSoon(wait)


_DEEDS: dict[str, Deed] = {
    "rename": _rename,
    "delete": _delete,
    "leave": _leave,
    "hand-over": _hand_over,
    "role": _role,
    "remove": _remove,
    "invite": _invite,
    "resend": _resend,
    "revoke": _revoke,
}


class InvitationPage(TokenPage):
    """What an invitation leads to: who invites into what, and a button for who is signed in with its address."""

    template_name = "accounts/invitation.html"
    form_class = TokenForm
    heading = "Invitation"
    button = "Join the team"
    rates = (("anon", "ip"),)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        token = self.request.POST.get("token") or self.request.GET.get("token", "")
        try:
            invitation = services.invitation_find(token=token)
        except ValidationError:
            invitation = None
        user = self.request.user
        is_mine = bool(invitation and user.is_authenticated and user.email.lower() == invitation.email.lower())
        return super().get_context_data(**kwargs) | {"invitation": invitation, "is_mine": is_mine}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        # The address of this page is the secret.
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def do(self, form: forms.Form) -> HttpResponse:
        if not isinstance(self.request.user, User):
            return self.form_invalid(form)
        try:
            membership = services.invitation_accept(user=self.request.user, **form.cleaned_data)
        except services.OtherAddress:
            raise ValidationError(OTHER_ADDRESS) from None
        messages.success(self.request, "You are in.")
        return HttpResponseRedirect(resolve_url("team", membership.team_id))


class TeamAuditPage(LoginRequiredMixin, View):
    def get(self, request: HttpRequest, team_id: UUID) -> HttpResponse:
        team = get_object_or_404(Team.objects.visible_to(request.user), pk=team_id)
        if team.my_role != Role.OWNER:
            raise PermissionDenied
        entries = AuditEntry.objects.filter(team=team.pk)
        return audit_page(request, entries, name=team.name, back=resolve_url("team", team.pk))


# Of what comes or goes as a whole the sentence tells the name alone.
_WHOLE = (Action.CREATED, Action.DELETED)


def _ago(at: datetime) -> str:
    return "just now" if timezone.now() - at < timedelta(minutes=1) else f"{timesince(at)} ago"


def audit_page(request: HttpRequest, entries: AuditQuerySet, *, name: str, back: str, **more: Any) -> HttpResponse:
    """Who changed what of ``name``, as sentences with every change spelled out, a page of them at a time."""
    page = Paginator(entries.for_list().order_by("-pk"), ENTRIES).get_page(request.GET.get("page"))
    told = [
        {
            "entry": entry,
            "text": sentence(entry),
            "ago": _ago(entry.at),
            "changes": [
                (*words(entry, change["path"], change["before"]), words(entry, change["path"], change["after"])[1])
                # The sentence has said a single one.
                for change in (entry.changes if len(entry.changes) > 1 or entry.action in _WHOLE else ())
            ],
        }
        for entry in services.entries_merged(list(page.object_list))
    ]
    context = {"told": told, "page": page, "name": name, "back": back, "section": "teams", **more}
    return render(request, "accounts/audit.html", context)
