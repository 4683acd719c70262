from django.contrib.auth.base_user import BaseUserManager
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact


class UserManager(BaseUserManager):
    """Users by e-mail address, compared without case."""

    def by_address(self, address: str):
        """The users, one or none, with this e-mail address, whatever its case."""
        # Both sides are lowered by the database, so that its index on lower(email) answers; `iexact` would use UPPER.
        return self.filter(Exact(Lower("email"), Lower(Value(address))))

    def get_by_natural_key(self, username: str | None):
        return self.by_address(username or "").get()

    def create_user(self, email: str, password: str | None = None, **fields):
        """A user with a personal team of their own; see ``accounts.services.user_create``."""
        from accounts.services import user_create  # services stand on the models

        return user_create(email=email, password=password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields):
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})
