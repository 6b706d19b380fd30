"""The site's memory: sealed, whole, of one machine, and honest when it is away."""

import multiprocessing
import os
import resource
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from deploy.dev.demo.postgres import PostgresServer
from writeback.ceiling import Rate
from writeback.envelope.secret import Secret
from writeback.ports import StateAway
from writeback.state import (
    Count,
    State,
    StateKeys,
    StateUnusable,
    back_up,
    give_back,
    restore,
    sweep,
    take,
    wait_for,
)
from writeback.state.migrations import SCHEMA
from writeback.state.tables import hits, journal, meta

HOLD_A_LOCK = """
import sys
from writeback.envelope.secret import Secret
from writeback.state import State
state = State(Secret(sys.argv[1]))
print(state.processes.me.hex(), flush=True)
sys.stdin.read()
"""


def url_of(path: Path) -> Secret:
    return Secret(f"sqlite:///{path}")


def write_one(state: State, subject: str = "x") -> None:
    with state.writing() as tx:
        tx.execute(insert(hits).values(subject=subject, at=1.0, ticket=b"t"))


def test_the_state_survives_a_restart_in_a_file_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    state = State(url_of(path))
    write_one(state)
    state.close()
    again = State(url_of(path))
    with again.reading() as tx:
        assert tx.execute(select(hits.c.subject)).scalars().all() == ["x"]
    again.close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_state_of_another_machine_is_refused_and_can_be_adopted(tmp_path: Path) -> None:
    State(url_of(tmp_path / "s.db"), host="one").close()
    with pytest.raises(StateUnusable, match="another machine"):
        State(url_of(tmp_path / "s.db"), host="two")
    State(url_of(tmp_path / "s.db"), host="two", adopt=True).close()
    State(url_of(tmp_path / "s.db"), host="two").close()


def test_a_state_of_another_version_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    State(url_of(tmp_path / "s.db")).close()
    with closing(sqlite3.connect(tmp_path / "s.db")) as raw:
        raw.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
        raw.commit()
    with pytest.raises(StateUnusable, match=f"version 99 and this worker knows version {SCHEMA}"):
        State(url_of(tmp_path / "s.db"))


@pytest.mark.parametrize(
    "url", ["", "state.db", "mysql://x/y", "sqlite://", "sqlite:////no/such/folder/s.db"]
)
def test_an_invalid_url_stops_the_start_with_a_sentence(url: str) -> None:
    with pytest.raises(StateUnusable, match="state"):
        State(Secret(url))


def test_a_file_that_is_no_database_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_bytes(b"no database" * 500)
    with pytest.raises(StateUnusable, match="not a database"):
        State(url_of(tmp_path / "s.db"))


def test_a_vanished_state_is_reported_as_away(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    with state.writing() as tx:
        tx.exec_driver_sql("DROP TABLE hits")
    with pytest.raises(StateAway, match="no such table"):
        write_one(state)
    state.close()


def test_a_writer_whose_turn_does_not_come_is_told_that_the_state_is_away(tmp_path: Path) -> None:
    state = State(Secret(f"sqlite:///{tmp_path}/state.db"), host="one")

    def write() -> None:
        with state.writing():
            raise AssertionError("two write at once")

    with state.writing(), ThreadPoolExecutor(1) as other:
        waited = other.submit(write)
        with pytest.raises(StateAway, match="free in time"):
            waited.result(20)
    with state.writing() as tx:
        assert tx.in_transaction()
    state.close()


def test_a_writer_waits_once_for_those_of_its_own_process_and_for_others(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            waits = [pool.submit(write_one, state) for _ in range(4)]
        taken = time.monotonic() - began
    assert [type(each.exception()) for each in waits] == [StateAway] * 4
    assert taken < 9
    state.close()


def test_a_commit_that_fails_does_not_close_the_state_to_those_after_it(tmp_path: Path) -> None:
    def fail() -> None:
        with state.writing() as tx:
            tx.exec_driver_sql("CREATE TABLE child (of REFERENCES meta (name) DEFERRABLE INITIALLY DEFERRED)")
            tx.exec_driver_sql("INSERT INTO child VALUES ('nobody')")

    state = State(url_of(tmp_path / "s.db"))
    with pytest.raises(IntegrityError):
        fail()
    write_one(state)
    assert state.is_up()
    state.close()


def test_a_writer_that_finds_the_state_locked_is_told_that_it_is_away(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateAway, match="locked"):
            write_one(state)
    state.close()


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))

    def write_and_fail() -> None:
        with state.writing() as tx:
            tx.execute(insert(hits).values(subject="x", at=1.0, ticket=b"t"))
            raise LookupError("a fault of ours")

    with pytest.raises(LookupError):
        write_and_fail()
    with state.reading() as tx:
        assert tx.execute(select(hits)).all() == []
    state.close()


def test_a_process_lives_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    state = State(url_of(path))
    command = [sys.executable, "-c", HOLD_A_LOCK, f"sqlite:///{path}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        owner = bytes.fromhex(other.stdout.readline().strip())
        assert state.processes.is_alive(owner)
        other.kill()
        other.wait()
        assert not state.processes.is_alive(owner)
    assert state.processes.is_alive(state.processes.me)
    assert not state.processes.is_alive(os.urandom(16))
    state.close()


def test_the_next_process_tidies_up_after_a_killed_one(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    left = tmp_path / "s.db-owners" / f"{os.urandom(16).hex()}.lock"
    left.touch()
    other = State(url_of(tmp_path / "s.db"))
    assert not left.exists()
    assert other.processes.is_alive(state.processes.me)
    state.close()
    other.close()


def test_a_server_that_forgot_the_living_processes_is_told_again(postgres: PostgresServer) -> None:
    url = Secret(postgres.make_database("owners"))
    # With a time to wait (ms): a lock goes with its session, and that ends a moment after it was told to.
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    with closing(State(url)) as state, closing(State(url)) as other:
        with other.reading() as tx:
            ended = tx.exec_driver_sql(f"SELECT pg_terminate_backend(pid, 10000) {others}").scalars().all()
        assert ended
        assert all(ended)
        assert not other.is_alive(state.processes.me)
        for each in (state, other):
            each.hold()
        assert other.is_alive(state.processes.me)
        assert state.is_alive(other.processes.me)


def test_a_process_that_can_not_be_looked_for_is_neither_alive_nor_dead(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    owner = os.urandom(16)
    (tmp_path / "s.db-owners" / f"{owner.hex()}.lock").mkdir()
    with pytest.raises(StateAway, match="Is a directory"):
        state.is_alive(owner)
    state.close()


def test_a_foreign_lock_does_not_stop_the_start(tmp_path: Path) -> None:
    State(url_of(tmp_path / "s.db")).close()
    (tmp_path / "s.db-owners" / f"{os.urandom(16).hex()}.lock").mkdir()
    (tmp_path / "s.db-owners" / "something-else.lock").touch()
    state = State(url_of(tmp_path / "s.db"))
    assert state.is_up()
    state.close()


def test_a_backup_holds_everything_and_is_restored_for_this_machine(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"), host="one")
    write_one(state, "kept")
    back_up(state, tmp_path / "copy")
    write_one(state, "too late")
    state.close()
    restore(tmp_path / "copy", tmp_path / "new.db")
    restored = State(url_of(tmp_path / "new.db"))
    with restored.reading() as tx:
        assert tx.execute(select(hits.c.subject)).scalars().all() == ["kept"]
        assert tx.execute(select(meta.c.value).where(meta.c.name == "host")).scalar_one() != "one"
    restored.close()
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0


def test_a_state_keeps_its_id_and_so_does_its_backup(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    back_up(state, tmp_path / "copy")
    state.close()
    restore(tmp_path / "copy", tmp_path / "new.db")
    ids = set()
    for name in ("s.db", "new.db", "other.db"):
        with closing(State(url_of(tmp_path / name))) as opened:
            ids.add(opened.id)
    assert [len(each) for each in ids] == [16, 16]
    assert state.id in ids


def test_backup_and_restore_never_write_over_anything(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    back_up(state, tmp_path / "copy")
    with pytest.raises(StateUnusable, match=r"can't be written: .*copy exists"):
        back_up(state, tmp_path / "copy")
    with pytest.raises(StateUnusable, match="exists"):
        restore(tmp_path / "copy", tmp_path / "s.db")
    state.close()


def test_a_file_that_is_no_backup_is_not_restored(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk" * 1000)
    with pytest.raises(StateUnusable, match="can't be restored"):
        restore(tmp_path / "junk", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_sealed_value_opens_in_its_own_place_only() -> None:
    keys = StateKeys([b"1" * 32])
    sealed = keys.seal("secret", b"seed", b"corp", b"alice")
    assert keys.unseal("secret", sealed, b"corp", b"alice") == b"seed"
    assert b"seed" not in sealed
    for kind, place in (
        ("secret", (b"corp", b"bob")),
        ("mail", (b"corp", b"alice")),
        ("secret", (b"corpalice",)),
    ):
        with pytest.raises(StateAway, match="changed or moved"):
            keys.unseal(kind, sealed, *place)


def test_the_newest_key_seals_and_every_older_one_still_opens() -> None:
    old, both = StateKeys([b"1" * 32]), StateKeys([b"1" * 32, b"2" * 32])
    assert both.unseal("secret", old.seal("secret", b"x")) == b"x"
    with pytest.raises(StateAway, match="does not have"):
        old.unseal("secret", both.seal("secret", b"x"))
    old.reload([b"1" * 32, b"2" * 32])
    assert old.unseal("secret", both.seal("secret", b"x")) == b"x"


def test_digests_outlive_a_new_key_so_that_decoys_stay_who_they_are() -> None:
    assert StateKeys([b"1" * 32]).digest("d", b"x") == StateKeys([b"1" * 32, b"2" * 32]).digest("d", b"x")


def test_a_keyring_never_prints_its_keys() -> None:
    assert "1111" not in repr(StateKeys([b"1" * 32]))


@pytest.mark.parametrize("keys", [[], [b"short"]])
def test_a_keyring_without_whole_keys_is_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        StateKeys(keys)


def test_a_window_lets_so_many_through_and_says_how_long_to_wait(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    count = [Count(subject="x", rates=[Rate(count=2, seconds=60)])]
    with state.writing() as tx:
        waits = [take(tx, count, now=now, ticket=b"t") for now in (100.0, 110.0, 120.0, 159.5, 160.0)]
    assert waits == [0, 0, 40, 1, 0]
    state.close()


def test_a_lock_lasts_a_whole_window_from_the_last_hit(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    count = [Count(subject="x", rates=[Rate(count=2, seconds=60)], locks=True)]
    with state.writing() as tx:
        waits = [take(tx, count, now=now, ticket=b"t") for now in (100.0, 150.0, 165.0, 209.0, 210.0)]
    assert waits == [0, 0, 45, 1, 0]
    state.close()


def test_a_hit_is_counted_on_all_or_on_none_and_can_be_given_back(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    once, often = (Count(subject=name, rates=[Rate(count=n, seconds=60)]) for name, n in (("a", 1), ("b", 2)))
    with state.writing() as tx:
        assert take(tx, [once, often], now=0.0, ticket=b"first") == 0
        assert take(tx, [once, often], now=0.0, ticket=b"second") > 0
        assert wait_for(tx, [often], now=0.0) == 0
        give_back(tx, b"first")
        assert wait_for(tx, [once], now=0.0) == 0
    state.close()


def look_on_a_full_disk(path: Path) -> None:
    state = State(url_of(path))
    was_up = state.is_up()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    was_full = not state.is_up()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os._exit(0 if was_up and was_full and state.is_up() else 1)


def test_a_full_disk_is_seen_before_anything_is_to_be_written(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    process = multiprocessing.get_context("spawn").Process(target=look_on_a_full_disk, args=(path,))
    process.start()
    process.join(30)
    assert process.exitcode == 0
    state = State(url_of(path))
    with state.reading() as tx:
        assert tx.execute(select(hits.c.subject)).all() == []
    state.close()


def test_sweeping_forgets_old_counts_and_keeps_young_ones(tmp_path: Path) -> None:
    state = State(url_of(tmp_path / "s.db"))
    with state.writing() as tx:
        for at in (0.0, 1_000_000.0):
            tx.execute(insert(hits).values(subject="x", at=at, ticket=b"t"))
    sweep(state, now=1_000_001.0)
    with state.reading() as tx:
        assert tx.execute(select(hits.c.at)).scalars().all() == [1_000_000.0]
    state.close()


def test_sweeping_keeps_writes_for_a_month_what_never_was_one_for_a_day_and_questions_for_an_hour(
    tmp_path: Path,
) -> None:
    state = State(url_of(tmp_path / "s.db"))
    row = {"job": "", "state": "refused", "owner": bytes(16), "received": 0.0, "expires": 0.0}
    with state.writing() as tx:
        for jti, writes, intended in (
            (b"write", True, 1.0),
            (b"closed", True, 0.0),
            (b"question", False, 0.0),
        ):
            tx.execute(insert(journal).values(jti=jti, writes=writes, intended=intended, **row))
    left = []
    for now in (3600, 3601, 86400, 86401, 30 * 86400 + 1):
        sweep(state, now=now)
        with state.reading() as tx:
            left.append(tx.execute(select(journal.c.jti).order_by(journal.c.jti)).scalars().all())
    both = [b"closed", b"write"]
    assert left == [[b"closed", b"question", b"write"], both, both, [b"write"], []]
    state.close()
