"""What is done now and then, by workers, so that nothing of accounts piles up or waits for ever."""

from contextlib import suppress
from datetime import timedelta

from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import User
from accounts.services.invitations import invitations_purge
from accounts.services.letters import letters_purge, letters_wake
from accounts.services.mailed_tokens import mailed_tokens_purge
from accounts.services.sign_ins import sign_ins_purge

# Long after the last link of the registration has run out.
NEVER_VERIFIED = timedelta(days=7)


def accounts_upkeep() -> None:
    """Send for a worker where letters are due; forget what has run out, and accounts that nobody ever confirmed."""
    letters_wake()
    letters_purge()
    mailed_tokens_purge()
    invitations_purge()
    sign_ins_purge()
    since = timezone.now() - NEVER_VERIFIED
    for user in User.objects.filter(email_verified_at=None, last_login=None, created_at__lt=since, is_staff=False):
        # Somebody may have given them projects, which nobody deletes unasked.
        with suppress(ProtectedError):
            user.delete()
