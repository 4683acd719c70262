"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from config.http.chunks import BoundedChunks
from config.http.repeats import Repeats

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = BoundedChunks(Repeats(get_wsgi_application()))
