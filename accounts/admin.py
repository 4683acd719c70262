"""Users, teams, members and the audit for staff: services write, so that their rules and the audit hold."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.choices import Role
from accounts.models import ApiKey, AuditEntry, Membership, SignIn, Team, User
from accounts.sentences import sentence
from accounts.services import (
    TeamRefusal,
    administrator_keep,
    email_replaced,
    member_add,
    member_remove,
    member_role_set,
    password_tell,
    personal_team_create,
    reset_ask,
    team_create,
    team_delete,
    team_rename,
    teams_owned_alone,
    user_deactivate,
    user_verify,
)


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class UserChangeForm(DjangoUserChangeForm):
    """Whoever is left must be able to do everything."""

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        was = User.objects.get(pk=self.instance.pk)
        if not all(given.get(name, getattr(was, name)) for name in ("is_active", "is_staff", "is_superuser")):
            administrator_keep(user=was)
        return given


class PasswordForm(AdminPasswordChangeForm):
    """Who gets another password is told."""

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        password_tell(user=user)
        return user


class TeamForm(forms.ModelForm):
    """A new team has an owner."""

    owner = forms.ModelChoiceField(User.objects.filter(is_active=True), required=False)

    def clean_owner(self) -> User | None:
        owner: User | None = self.cleaned_data["owner"]
        if owner is None and self.instance._state.adding:
            raise forms.ValidationError("A team needs an owner.")
        return owner


class LookedAtAdmin:
    """Mixed into what is only looked at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(LookedAtAdmin, admin.TabularInline):
    """Members are added and changed one by one, on their own page."""

    model = Membership
    extra = 0
    show_change_link = True


REFUSALS = (TeamRefusal, ValidationError)


class RefusingAdmin(admin.ModelAdmin):
    """What a service refuses is said, and nothing of it is done."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except REFUSALS as error:
            return self._refused(request, error)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except REFUSALS as error:
            return self._refused(request, error)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().changelist_view(request, *args, **kwargs)
        except REFUSALS as error:
            return self._refused(request, error)

    @staticmethod
    def _refused(request: HttpRequest, error: TeamRefusal | ValidationError) -> HttpResponse:
        messages.error(request, " ".join(error.messages) if isinstance(error, ValidationError) else str(error))
        return HttpResponseRedirect(request.get_full_path())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)


# What makes a user more than others is for superusers to give.
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(RefusingAdmin, DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = PasswordForm
    ordering = ["email"]
    list_display = ["email", "name", "is_verified", "is_active", "is_staff", "created_at", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", ("email_verified_at", admin.EmptyFieldListFilter), "groups"]
    search_fields = ["email", "name"]
    readonly_fields = ["email_verified_at", "created_at", "last_login"]
    actions = ["verify", "deactivate", "send_reset"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["email_verified_at", "created_at", "last_login"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["email", "name", "usable_password", "password1", "password2"]}),
    ]
    inlines = [MembershipInline]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return [] if obj is None else list(self.inlines)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _is_super(request) else (*fields, *POWERS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not _is_super(request):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not _is_super(request):
            return False
        return super().has_delete_permission(request, obj)

    def _chosen(self, request: HttpRequest, users: QuerySet[User]) -> list[User]:
        return [user for user in users if self.has_change_permission(request, user)]

    @admin.display(boolean=True, description="verified", ordering="email_verified_at")
    def is_verified(self, user: User) -> bool:
        return user.is_verified

    @admin.action(description="Take the e-mail address for verified", permissions=["change"])
    def verify(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        count = sum(user_verify(user=user) for user in self._chosen(request, queryset))
        self.message_user(request, f"Verified: {count}.", messages.SUCCESS)

    @admin.action(description="Deactivate, and sign out everywhere", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = [user for user in self._chosen(request, queryset) if user.pk != request.user.pk]
        for user in chosen:
            user_deactivate(user=user)
        self.message_user(request, f"Deactivated: {len(chosen)}.", messages.SUCCESS)

    @admin.action(description="Send a mail to choose another password", permissions=["change"])
    def send_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = self._chosen(request, queryset)
        for user in chosen:
            reset_ask(email=user.email)
        self.message_user(request, f"Mails on their way: {len(chosen)}.", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            # Who makes a user here answers for the address.
            obj.email_verified_at = timezone.now()
        super().save_model(request, obj, form, change)
        if not change:
            personal_team_create(user=obj)
        elif "email" in form.changed_data:
            email_replaced(user=obj, before=form.initial["email"])

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        names = ", ".join(teams_owned_alone(user=obj).values_list("name", flat=True))
        if names:
            raise TeamRefusal("last-owner", f"{obj} is the only owner of {names}: give that team another one first.")
        administrator_keep(user=obj)
        obj.delete()


def _is_super(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


class _LookedAt(admin.ModelAdmin):
    """Rows that are made elsewhere and can only be ended here."""

    list_select_related = ["user"]
    search_fields = ["user__email"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SignIn)
class SignInAdmin(_LookedAt):
    list_display = ["user", "kind", "ip", "created_at", "last_used_at"]
    fields = ["user", "kind", "user_agent", "ip", "created_at", "last_used_at", "expires_at"]


@admin.register(ApiKey)
class ApiKeyAdmin(_LookedAt):
    list_display = ["user", "name", "scope", "created_at", "expires_at", "last_used_at"]
    fields = ["user", "name", "scope", "hint", "created_at", "expires_at", "last_used_at"]


@admin.register(Team)
class TeamAdmin(RefusingAdmin):
    form = TeamForm
    list_display = ["name", "personal_of", "created_at"]
    list_select_related = ["personal_of"]
    search_fields = ["name", "personal_of__email"]
    readonly_fields = ["personal_of", "created_at"]
    inlines = [MembershipInline]

    def get_fields(self, request: HttpRequest, obj: Team | None = None) -> list[Any]:
        return ["name", "owner"] if obj is None else ["name", "personal_of", "created_at"]

    def get_inlines(self, request: HttpRequest, obj: Team | None) -> list[Any]:
        return [] if obj is None else list(self.inlines)

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:
        name = form.cleaned_data["name"]
        if change:
            team_rename(team=Team.objects.get(pk=obj.pk), name=name)
        else:
            obj.__dict__.update(team_create(user=form.cleaned_data["owner"], name=name).__dict__)

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        team_delete(team=obj)


@admin.register(Membership)
class MembershipAdmin(RefusingAdmin):
    list_display = ["user", "team", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user", "team"]
    search_fields = ["user__email", "team__name"]
    autocomplete_fields = ["user", "team"]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[Any]:
        return [] if obj is None else ["user", "team", "created_at"]

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        role = Role(form.cleaned_data["role"])
        if change:
            member_role_set(team=obj.team, member=obj.user_id, role=role)
        else:
            obj.__dict__.update(member_add(team=obj.team, user=obj.user, role=role).__dict__)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        member_remove(team=obj.team, member=obj.user_id)


@admin.register(AuditEntry)
class AuditEntryAdmin(LookedAtAdmin, admin.ModelAdmin):
    """To look at: the database itself refuses changes."""

    list_display = ["at", "told", "via", "kind", "action"]
    list_filter = ["kind", "action", "via"]
    search_fields = ["actor_name", "label", "=team", "=project", "=target", "=actor", "=request_id"]
    show_full_result_count = False

    @admin.display(description="what")
    def told(self, entry: AuditEntry) -> str:
        return sentence(entry)
