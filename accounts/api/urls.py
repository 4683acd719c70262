from django.urls import path

from accounts.api.audit import TeamAuditViewSet
from accounts.api.views import account, registration, signing_in, teams
from accounts.api.views.me import DeletionView, MeView
from config.http.routers import router

own = router()
own.register("auth/sessions", account.SignInViewSet, basename="auth-session")
own.register("auth/api-keys", account.ApiKeyViewSet, basename="auth-api-key")
own.register("teams", teams.TeamViewSet)

urlpatterns = [
    path("auth/register", registration.RegisterView.as_view(), name="auth-register"),
    path("auth/verify-email", registration.VerifyEmailView.as_view(), name="auth-verify-email"),
    path("auth/resend-verification", registration.ResendVerificationView.as_view(), name="auth-resend-verification"),
    path("auth/login", signing_in.LoginView.as_view(), name="auth-login"),
    path("auth/refresh", signing_in.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", signing_in.LogoutView.as_view(), name="auth-logout"),
    path("auth/logout/all", signing_in.LogoutAllView.as_view(), name="auth-logout-all"),
    path("auth/password/change", account.PasswordChangeView.as_view(), name="auth-password-change"),
    path("auth/password/reset", registration.PasswordResetView.as_view(), name="auth-password-reset"),
    path(
        "auth/password/reset/confirm",
        registration.PasswordResetConfirmView.as_view(),
        name="auth-password-reset-confirm",
    ),
    path("auth/email", account.EmailChangeView.as_view(), name="auth-email"),
    path("auth/email/confirm", account.EmailChangeConfirmView.as_view(), name="auth-email-confirm"),
    path("auth/me", MeView.as_view(), name="auth-me"),
    path("teams/<uuid:team_id>/members", teams.TeamMemberViewSet.as_view({"get": "list"}), name="team-member-list"),
    path(
        "teams/<uuid:team_id>/members/<uuid:user_id>",
        teams.TeamMemberViewSet.as_view({"patch": "partial_update", "delete": "destroy"}, detail=True),
        name="team-member-detail",
    ),
    path(
        "teams/<uuid:team_id>/invitations",
        teams.InvitationViewSet.as_view({"get": "list", "post": "create"}),
        name="team-invitation-list",
    ),
    path(
        "teams/<uuid:team_id>/invitations/<uuid:pk>",
        teams.InvitationViewSet.as_view({"get": "retrieve", "delete": "destroy"}, detail=True),
        name="team-invitation-detail",
    ),
    path(
        "teams/<uuid:team_id>/invitations/<uuid:pk>/resend",
        teams.InvitationViewSet.as_view({"post": "resend"}, detail=True),
        name="team-invitation-resend",
    ),
    path("invitations/accept", teams.InvitationAcceptView.as_view(), name="invitation-accept"),
    path("teams/<uuid:team_id>/audit", TeamAuditViewSet.as_view({"get": "list"}), name="team-audit-list"),
    path("auth/me/deletion", DeletionView.as_view(), name="auth-me-deletion"),
    *own.urls,
]
