"""What many do at once comes out right on PostgreSQL too, which takes turns another way than SQLite."""

import os
import re
import subprocess
import sys

import psycopg

from deploy.dev.demo.postgres import PostgresServer
from tests.architecture.sources import ROOT

RACES = 10  # so many tests of the portal, at least, are marked `race` or `both`


def test_the_races_of_the_portal_come_out_right_on_postgresql(postgres: PostgresServer) -> None:
    """Django holds one database for a whole run, so these tests run once more in a run of their own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["DATABASE_URL"] = postgres.make_database("portal_races")
    command = [sys.executable, "-m", "pytest", "-m", "race or both", "--reuse-db", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-q", "tests/portal"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= RACES
    # It was this server that they ran on: its test database is there, with a throttle's table in it.
    with psycopg.connect(postgres.url("test_portal_races")) as client:
        assert client.execute("SELECT count(*) FROM web_throttle").fetchone() is not None
