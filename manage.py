#!/usr/bin/env python3
"""The portal's command line."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from portal.env import setting_finding
from writeback.envelope.findings import as_json, as_text, find_worst_level

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if sys.argv[1:2] == ["doctor"]:
            found = [setting_finding(error)]
            sys.stdout.write((as_json(found) if "--json" in sys.argv else as_text(found)) + "\n")
            sys.exit(find_worst_level(found).exit_status)
        sys.exit(f"Keyback does not start: {error}")
    except KeyboardInterrupt:
        sys.exit("Stopped; the steps before that remain done.")
