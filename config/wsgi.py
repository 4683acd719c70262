"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from config.http.chunks import BoundedChunks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = BoundedChunks(get_wsgi_application())
