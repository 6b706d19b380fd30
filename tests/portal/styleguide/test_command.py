"""`make styleguide` shows the pages in a browser until Ctrl-C."""

import re
import signal
import subprocess
import sys

import pytest

from deploy.dev.demo.walker import Walker

pytestmark = pytest.mark.slow


def test_pages_are_served_until_ctrl_c() -> None:
    command = [sys.executable, "-m", "deploy.dev.site"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            found = re.search(r"(http://127\.0\.0\.1:\d+)/styleguide/", server.stdout.readline())
            assert found
            assert 'id="pages"' in Walker(found[1]).get("/styleguide/").text
        finally:
            server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0
