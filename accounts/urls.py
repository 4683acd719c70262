from django.urls import path

from accounts.pages import account, registration, teams
from accounts.pages.sessions import SignInPage, SignOutPage

urlpatterns = [
    path("login", SignInPage.as_view(), name="session-login"),
    path("logout", SignOutPage.as_view(), name="session-logout"),
    path("register", registration.RegisterPage.as_view(), name="account-register"),
    path("register/resend", registration.ResendPage.as_view(), name="account-resend"),
    path("register/confirm", registration.VerifyPage.as_view(), name="account-verify"),
    path("password/reset", registration.ResetPage.as_view(), name="account-reset"),
    path("password/reset/confirm", registration.ResetConfirmPage.as_view(), name="account-reset-confirm"),
    path("email/confirm", registration.EmailConfirmPage.as_view(), name="account-email-confirm"),
    path("account", account.ProfilePage.as_view(), name="account"),
    path("account/password", account.PasswordPage.as_view(), name="account-password"),
    path("account/email", account.EmailPage.as_view(), name="account-email"),
    path("account/sessions", account.SessionsPage.as_view(), name="account-sessions"),
    path("account/keys", account.KeysPage.as_view(), name="account-keys"),
    path("account/delete", account.DeletionPage.as_view(), name="account-delete"),
    path("teams", teams.TeamsPage.as_view(), name="teams"),
    path("teams/<uuid:team_id>", teams.TeamPage.as_view(), name="team"),
    path("teams/<uuid:team_id>/audit", teams.TeamAuditPage.as_view(), name="team-audit-page"),
    path("invitation", teams.InvitationPage.as_view(), name="invitation"),
]
