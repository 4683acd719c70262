from typing import Any

from rest_framework import serializers

from accounts.models.users import shown_name
from config.http.fields import OfColumns


class DisplayNameField(OfColumns, serializers.CharField):
    """How a user is called, of the user itself unless ``source`` names where it is."""

    columns = ("name", "email")

    def __init__(self, source: str = "*", **kwargs: Any) -> None:
        super().__init__(source=source, read_only=True, **kwargs)

    def from_columns(self, name: str, email: str) -> str:
        return shown_name(name, email)
