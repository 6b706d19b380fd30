"""The site's memory on PostgreSQL: who lives, whose turn it is, and what a restart of the server does."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select

from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.processes import wait_until
from tests.writeback.test_state import HOLD_A_LOCK
from writeback.envelope.secret import Secret
from writeback.ports import StateAway
from writeback.state import State, StateUnusable, back_up
from writeback.state.migrations import SCHEMA
from writeback.state.tables import hits


@pytest.fixture
def url(postgres: PostgresServer, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    return postgres.make_database(f"state_{abs(hash(request.node.name))}")


@pytest.fixture
def state(url: str) -> Iterator[State]:
    made = State(Secret(url))
    yield made
    made.close()


def write_one(state: State) -> None:
    with state.writing() as tx:
        tx.execute(insert(hits).values(subject="x", at=1.0, ticket=b"t"))


def count(state: State) -> int:
    with state.reading() as tx:
        return len(tx.execute(select(hits.c.at)).all())


def test_a_process_lives_until_it_is_killed(state: State, url: str) -> None:
    command = [sys.executable, "-c", HOLD_A_LOCK, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        owner = bytes.fromhex(other.stdout.readline().strip())
        assert state.is_alive(owner)
        other.kill()
        other.wait()
        assert wait_until(lambda: not state.is_alive(owner), seconds=5)
    assert state.is_alive(state.processes.me)


def test_two_hosts_share_it_and_each_finds_the_other_alive(state: State, url: str) -> None:
    other = State(Secret(url), host="another machine")
    assert state.is_alive(other.processes.me)
    assert other.is_alive(state.processes.me)
    write_one(other)
    assert count(state) == 1
    other.close()
    assert wait_until(lambda: not state.is_alive(other.processes.me), seconds=5)


def test_workers_that_start_at_once_on_an_empty_database_make_its_tables_once(url: str) -> None:
    command = [sys.executable, "-c", HOLD_A_LOCK, url]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    told = [one.communicate("")[0].strip() for one in started]
    assert len({owner for owner in told if owner}) == 3


@pytest.mark.postgres
def test_a_restart_of_the_server_is_reported_as_away_until_the_next_beat(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    address = Secret(server.make_database("state"))
    mine, other = State(address), State(address)
    write_one(mine)
    server.stop()
    with pytest.raises(StateAway):
        write_one(mine)
    with pytest.raises(StateAway):
        mine.hold()
    server.start()
    mine.hold()
    assert other.is_alive(mine.processes.me)
    write_one(mine)
    assert count(other) == 2
    mine.close()
    other.close()
    server.stop()


def test_a_blocked_database_is_reported_as_away_after_five_seconds(state: State, url: str) -> None:
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [0x6B657962])
        begin = time.monotonic()
        with pytest.raises(StateAway, match="lock timeout"):
            write_one(state)
        assert 4 < time.monotonic() - begin < 7
    write_one(state)
    assert count(state) == 1


def test_a_version_that_is_not_ours_is_noticed_and_stops_the_start_with_a_sentence(
    state: State, url: str
) -> None:
    assert state.is_known()
    with psycopg.connect(url) as other:
        other.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    assert not state.is_known()
    with pytest.raises(StateUnusable, match=f"version 99 and this worker knows version {SCHEMA}"):
        State(Secret(url))


def test_a_wrong_password_stops_the_start_with_a_sentence_that_does_not_tell_it(url: str) -> None:
    with pytest.raises(StateUnusable, match="password authentication failed") as told:
        State(Secret(url.replace("keyback:", "keyback:not-")))
    assert "not-" not in str(told.value)


def test_postgresql_is_backed_up_by_its_own_tools(state: State, tmp_path: Path) -> None:
    with pytest.raises(StateUnusable, match="pg_dump"):
        back_up(state, tmp_path / "copy")
