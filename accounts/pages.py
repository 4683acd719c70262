"""Signing in and out with a session, for the admin and the browsable API."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.http.limits import by_address, seconds_to_wait


class SignInPage(LoginView):
    template_name = "accounts/login.html"
    authentication_form = AuthenticationForm

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        wait = seconds_to_wait(request, "login", "ip", by_address)
        if wait is None:
            return super().post(request, *args, **kwargs)
        context = self.get_context_data(form=self.authentication_form(request), wait=wait)
        response = render(request, self.template_name, context, status=429)
        response.headers["Retry-After"] = str(wait)
        return response


class SignOutPage(LogoutView):
    """Asks first when it is opened: signing out by a link would let any page do it."""

    http_method_names = ["get", "post", "options"]
    template_name = "accounts/logout.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return render(request, self.template_name)
