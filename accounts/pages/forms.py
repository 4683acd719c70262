"""A page with one form, whose faults are said beside its fields."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from accounts.models import User
from config.http.limits import seconds_to_wait


@method_decorator(never_cache, name="dispatch")
class FormPage(FormView):
    """``do`` hands what the form holds to a service; what the service refuses stands beside the fields it names."""

    template_name = "accounts/form.html"
    heading = ""
    intro = ""
    button = "Save"
    # Rates counted for each time the form is sent: their name and key.
    rates: tuple[tuple[str, str], ...] = ()
    # Whether it counts when the form has faults, too: not where nothing is done then, and nothing guessed.
    is_counted_with_faults = True

    def do(self, form: forms.Form) -> HttpResponse:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if self.is_counted_with_faults or form.is_valid():
            waits = [seconds_to_wait(request, name, key) for name, key in self.rates]
            wait = max((wait for wait in waits if wait is not None), default=None)
            if wait is not None:
                response = self.render_to_response(self.get_context_data(form=form, wait=wait), status=429)
                response.headers["Retry-After"] = str(wait)
                return response
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return self.do(form)
        except ValidationError as error:
            tree = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
            for name, faults in tree.items():
                form.add_error(name if name in form.fields else None, faults)
            return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "heading": self.heading,
            "intro": self.intro,
            "button": self.button,
        }

    def told(self, heading: str, text: str, *, status: int = 200) -> HttpResponse:
        """A page that only says something."""
        return render(self.request, "accounts/told.html", {"heading": heading, "text": text}, status=status)

    def back(self, to: str, said: str) -> HttpResponse:
        messages.success(self.request, said)
        return HttpResponseRedirect(resolve_url(to))


class TokenPage(FormPage):
    """What a link in a mail leads to. Opening it does nothing, since programs open links too: its button does."""

    def get_initial(self) -> dict[str, Any]:
        return {"token": self.request.GET.get("token", "")}


class AccountPage(LoginRequiredMixin, FormPage):
    """A page of one's own account."""

    template_name = "accounts/account_form.html"

    @property
    def user(self) -> User:
        """The user who asks, with all columns."""
        return User.objects.get(pk=cast(User, self.request.user).pk)
