"""Files in forms: counted with the rest of the body, and held in memory."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler


class BoundedUploadHandler(MemoryFileUploadHandler):
    """Refuses a form of more than ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes before any of it is read.

    Django's own limit leaves files out: anybody could fill the disk by posting one to the sign-in.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any, **named: Any) -> None:  # noqa: N803
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("The form is larger than any may be.")
        self.activated = True
