"""Registering, confirming an address, choosing a password by mail."""

from django import forms
from django.http import HttpResponse

from accounts.forms import AddressForm, NewPasswordForm, RegisterForm, TokenForm
from accounts.pages.forms import FormPage, TokenPage
from accounts.services import (
    email_change,
    email_verify,
    password_reset,
    registration_ask,
    reset_ask,
    verification_ask,
)
from accounts.words import REGISTERED, RESET, SENT

READ_MAIL = "Read your mail"


class RegisterPage(FormPage):
    form_class = RegisterForm
    heading = "Register"
    intro = "We send you a mail; the link in it confirms that the address is yours."
    button = "Register"
    rates = (("register", "ip"),)
    # Or a third password that is too common would be the last for an hour.
    is_counted_with_faults = False

    def do(self, form: forms.Form) -> HttpResponse:
        registration_ask(**form.cleaned_data)
        return self.told(READ_MAIL, REGISTERED)


class ResendPage(FormPage):
    form_class = AddressForm
    heading = "Send the mail again"
    intro = "For who has registered, and has not confirmed the address yet."
    button = "Send"
    rates = (("mail", "ip"),)

    def do(self, form: forms.Form) -> HttpResponse:
        verification_ask(**form.cleaned_data)
        return self.told(READ_MAIL, SENT)


class VerifyPage(TokenPage):
    form_class = TokenForm
    heading = "Confirm your address"
    intro = "One click, and your account is ready."
    button = "Confirm"
    rates = (("anon", "ip"),)

    def do(self, form: forms.Form) -> HttpResponse:
        email_verify(**form.cleaned_data)
        return self.back("session-login", "Your address is confirmed. Sign in.")


class ResetPage(FormPage):
    form_class = AddressForm
    heading = "Forgotten your password?"
    intro = "We send you a mail with a link, by which you choose another one."
    button = "Send"
    rates = (("mail", "ip"),)

    def do(self, form: forms.Form) -> HttpResponse:
        reset_ask(**form.cleaned_data)
        return self.told(READ_MAIL, RESET)


class ResetConfirmPage(TokenPage):
    form_class = NewPasswordForm
    heading = "Choose a password"
    intro = "You are then signed out everywhere, and your API keys end."
    rates = (("anon", "ip"),)

    def do(self, form: forms.Form) -> HttpResponse:
        password_reset(**form.cleaned_data)
        return self.back("session-login", "Your password is changed. Sign in with the new one.")


class EmailConfirmPage(TokenPage):
    form_class = TokenForm
    heading = "Confirm your new address"
    intro = "From then on you sign in with it."
    button = "Confirm"
    rates = (("anon", "ip"),)

    def do(self, form: forms.Form) -> HttpResponse:
        email_change(**form.cleaned_data)
        return self.back("account", "Your address is changed.")
