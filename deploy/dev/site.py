"""The portal on a port of loopback, with its styleguide, for a real browser; `make styleguide` opens it."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import django
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread

from deploy.dev.processes import hear_endings


@contextmanager
def styleguide_site() -> Iterator[str]:
    """Serve until the block ends, and yield the address of the styleguide, which needs no database."""
    with override_settings(ROOT_URLCONF="deploy.dev.urls", WHITENOISE_AUTOREFRESH=True):
        server = LiveServerThread("127.0.0.1", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        try:
            yield f"http://127.0.0.1:{server.port}/styleguide/"
        finally:
            server.terminate()


def main() -> None:
    """Serve the styleguide until Ctrl-C."""
    hear_endings()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.dev.settings")
    django.setup()
    with suppress(KeyboardInterrupt), styleguide_site() as address:
        sys.stdout.write(f"Every page in every state: {address}\nCtrl-C ends it.\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
