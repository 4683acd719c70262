"""One's own account: name, password, address, devices, keys."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone

from accounts.choices import KeyScope
from accounts.devices import device_words
from accounts.forms import DeletionForm, EmailChangeForm, KeyForm, NameForm, PasswordChangeForm
from accounts.models import ApiKey, SignIn
from accounts.pages.forms import AccountPage
from accounts.services import (
    account_delete,
    api_key_create,
    api_key_end,
    deletion_stakes,
    deletion_targets,
    email_change_ask,
    password_change,
    sign_in_end,
    sign_ins_end,
    user_update,
)
from accounts.words import CHANGE

SIGN_INS = 20


class ProfilePage(AccountPage):
    template_name = "accounts/account.html"
    form_class = NameForm
    heading = "Your account"

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.request.user.name}  # type: ignore[union-attr]

    def do(self, form: forms.Form) -> HttpResponse:
        user_update(user=self.user, **form.cleaned_data)
        return self.back("account", "Saved.")


class PasswordPage(AccountPage):
    form_class = PasswordChangeForm
    heading = "Change your password"
    intro = "You stay signed in here, and nowhere else."
    rates = (("login", "user"),)

    def do(self, form: forms.Form) -> HttpResponse:
        user = self.user
        # Another key of the session, too, as for every change of what it stands on.
        self.request.session.cycle_key()
        password_change(user=user, keep=self.request.user.sign_in_id, **form.cleaned_data)  # type: ignore[union-attr]
        return self.back("account", "Your password is changed.")


class EmailPage(AccountPage):
    form_class = EmailChangeForm
    heading = "Change your address"
    intro = "We send a mail to the new address; the link in it makes it yours. The present address gets a notice."
    button = "Send"
    rates = (("login", "user"), ("mail", "user"))

    def do(self, form: forms.Form) -> HttpResponse:
        email_change_ask(user=self.user, **form.cleaned_data)
        return self.told("Read your mail", CHANGE)


class SessionsPage(AccountPage):
    """Where one is signed in. Sent with an id it ends that sign-in, without one all of them."""

    template_name = "accounts/sessions.html"
    form_class = forms.Form
    heading = "Devices"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        rows = SignIn.objects.visible_to(user).live().for_list().order_by("-last_used_at", "-pk")
        page = Paginator(rows, SIGN_INS).get_page(self.request.GET.get("page"))
        listed = [
            {"row": row, "device": device_words(row.user_agent), "is_current": row.pk == user.sign_in_id}
            for row in page
        ]
        return super().get_context_data(**kwargs) | {"sign_ins": listed, "page": page}

    def do(self, form: forms.Form) -> HttpResponse:
        user: Any = self.request.user
        if "sign_in" not in self.request.POST:
            sign_ins_end(user=user)
            logout(self.request)
            return HttpResponseRedirect(resolve_url("session-login"))
        key = _uuid(self.request.POST["sign_in"])
        if key is None or not sign_in_end(user=user, sign_in=key):
            return self._back_to_page("That device was signed out already.")
        if key == user.sign_in_id:
            logout(self.request)
            return HttpResponseRedirect(resolve_url("session-login"))
        return self._back_to_page("Signed out there.")

    def _back_to_page(self, said: str) -> HttpResponse:
        """Whoever signs out one device of an older page goes on there; pages that are gone lead to the last one."""
        page = self.request.GET.get("page", "")
        return self.back(resolve_url("account-sessions") + (f"?page={page}" if page.isdecimal() else ""), said)


class KeysPage(AccountPage):
    """One's API keys, and a form for another one, which is shown in the answer and nowhere else."""

    template_name = "accounts/keys.html"
    form_class = KeyForm
    heading = "API keys"
    button = "Make a key"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        keys = ApiKey.objects.visible_to(self.request.user).for_list()
        return super().get_context_data(**kwargs) | {"keys": keys, "now": timezone.now()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "end" not in request.POST:
            return super().post(request, *args, **kwargs)
        key = _uuid(request.POST["end"])
        if request.user.is_authenticated and key is not None:
            api_key_end(user=request.user, key=key)
        return self.back("account-keys", "The key is ended.")

    def do(self, form: forms.Form) -> HttpResponse:
        given = form.cleaned_data
        _, raw = api_key_create(
            user=self.user,
            name=given["name"],
            scope=KeyScope(given["scope"]),
            expires_at=form.expires_at(),  # type: ignore[attr-defined]
        )
        context = self.get_context_data(form=KeyForm(), made=raw)
        return self.render_to_response(context, status=201)


class DeletionPage(AccountPage):
    form_class = DeletionForm
    heading = "Delete your account"
    intro = "It cannot be undone. Teams that others own stay as they are, and so does what you made there."
    button = "Delete my account"
    extra_context = {"is_grave": True}
    rates = (("login", "user"),)

    def get_form_kwargs(self) -> dict[str, Any]:
        user = self.user
        stakes = deletion_stakes(user=user)
        return super().get_form_kwargs() | {
            "stakes": stakes,
            "targets": deletion_targets(user=user, stakes=stakes),
        }

    def do(self, form: forms.Form) -> HttpResponse:
        choices = form.choices()  # type: ignore[attr-defined]
        account_delete(user=self.user, password=form.cleaned_data["password"], choices=choices)
        logout(self.request)
        return self.told("Deleted", "Your account is deleted.")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
