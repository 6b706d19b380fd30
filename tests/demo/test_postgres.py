"""The throw-away PostgreSQL lets nobody in without a password, and leaves nothing behind."""

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.processes import answers, wait_until
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.postgres
PROGRAM = """
import sys
from pathlib import Path
from deploy.dev.demo.postgres import PostgresServer
server = PostgresServer(Path(sys.argv[1]))
server.start()
print(server.port, flush=True)
sys.stdin.read()
"""


def test_postgres_keeps_its_databases_over_a_restart(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    url = server.make_database("kept")
    with psycopg.connect(url) as client:
        client.execute("CREATE TABLE kept (word text)")
        client.commit()
        server.stop()  # with a client that is still there
    assert not server.alive()
    server.start()
    with psycopg.connect(url) as client:
        assert client.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    server.stop()
    assert not answers(server.address, server.port)


def test_postgres_refuses_a_wrong_password(postgres: PostgresServer) -> None:
    url = postgres.url("postgres").replace("keyback:", "keyback:not-")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_the_postgres_account_is_no_superuser(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url("postgres")) as client:
        assert client.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
            False,
        )


def test_postgres_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        port = int(parent.stdout.readline())
        assert answers("127.0.0.1", port)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert wait_until(lambda: not answers("127.0.0.1", port), seconds=5)
    assert not (tmp_path / "data" / "postmaster.pid").exists()
