#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from config import env
    from config.embedded import runtime

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError:
        if runtime.is_embedded() and not runtime.is_database_up(env.VAR_DIR):
            sys.exit("The servers are not running: start them with `make run`.")
        raise


if __name__ == "__main__":
    main()
