"""What ties a sign-in to the password it was made under."""

from accounts.models import User


def stamp_of(user: User) -> str:
    """A keyed hash of the user's password hash: another one as soon as the password is another."""
    return user.get_session_auth_hash()
