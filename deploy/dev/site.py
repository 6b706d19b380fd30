"""The portal on a port of loopback, with its styleguide, for a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread


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
