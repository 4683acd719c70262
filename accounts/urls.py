from django.urls import path

from accounts.pages import SignInPage, SignOutPage

urlpatterns = [
    path("login", SignInPage.as_view(), name="session-login"),
    path("logout", SignOutPage.as_view(), name="session-logout"),
]
