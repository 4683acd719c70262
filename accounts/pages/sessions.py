"""Signing in and out with a session, for the pages, the admin and the browsable API."""

from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.attempts import attempt_allowed, attempt_succeeded
from accounts.forms import SignInForm
from accounts.middleware import SESSION_SIGN_IN, sign_in_begin
from accounts.services import sign_in_end
from config.http.pages import htmx_of


class SignInPage(LoginView):
    template_name = "accounts/login.html"
    authentication_form = SignInForm

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if htmx_of(request):
            # Asked for a part of a page by somebody who has been signed out since it was opened: a form in its place
            # would take the page away, and what was typed in it.
            return HttpResponse("Sign in first.", status=401, content_type="text/plain")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        wait = attempt_allowed(request)
        if wait is None:
            return super().post(request, *args, **kwargs)
        form = self.authentication_form(request, initial={"username": request.POST.get("username", "")})
        context = self.get_context_data(form=form, wait=wait)
        response = render(request, self.template_name, context, status=429)
        response.headers["Retry-After"] = str(wait)
        return response

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        session_end(self.request)
        response = super().form_valid(form)
        sign_in_begin(self.request, form.get_user())
        attempt_succeeded(self.request, response)
        return response


class SignOutPage(LogoutView):
    """Asks first when it is opened: signing out by a link would let any page do it."""

    http_method_names = ["get", "post", "options"]
    template_name = "accounts/logout.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return render(request, self.template_name)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        session_end(request)
        return super().post(request, *args, **kwargs)


def session_end(request: HttpRequest) -> None:
    """End the sign-in that the session of this request names, if any."""
    session = request.session
    if SESSION_KEY in session and SESSION_SIGN_IN in session:
        sign_in_end(user=UUID(session[SESSION_KEY]), sign_in=UUID(session[SESSION_SIGN_IN]))
