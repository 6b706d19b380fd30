"""A state of an earlier version opens with today's code, and is then like one that was made today.

`states/version-N.<database>.sql` holds the tables as version N made them. Whoever changes the tables adds the
statements to MIGRATIONS, or the first test fails; whoever makes a new version adds its files.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, inspect, make_url, select, text

from deploy.dev.demo.postgres import PostgresServer
from tests.fakes.clock import FakeClock
from tests.fakes.worker import ceiling_for_tests
from writeback.envelope import codec
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.secret import Secret
from writeback.journal import SqlJournal
from writeback.ports import Channel, JobState, StateAway
from writeback.state import SqlOutbox, State, StateKeys
from writeback.state.migrations import MIGRATIONS, SCHEMA, NewColumn, StateUnusable
from writeback.state.tables import metadata

pytestmark = pytest.mark.slow

STATES = Path(__file__).with_name("states")
NOW = FakeClock().now()
KEYS = StateKeys([b"k" * 32])
ATTEMPT, GUID, FACTOR, OTHER = b"a" * 16, b"g" * 16, b"f" * 16, b"o" * 16
NOTE_KEY = b"n" * 16
APPLIED = codec.dumps({0: 1_800_000_000, 1: True, 2: "dc1"})  # as version 1 kept it

ROWS: Mapping[str, list[dict[str, Any]]] = {
    "attempts": [
        {
            "id": ATTEMPT,
            "directory": "corp",
            "guid": GUID,
            "decoy": False,
            "operation": "reset",
            "state": "open",
            "created": NOW,
            "touched": NOW,
            "expires": NOW + 900,
            "reserved_by": b"i" * 16,
            "refusals": 2,
            "first": False,
            "account": "alice",
            "mail": b"sealed",
        }
    ],
    "codes": [{"attempt": ATTEMPT, "factor": FACTOR, "mac": b"m" * 32, "expires": NOW + 600, "tries": 1}],
    "factors": [
        {
            "id": FACTOR,
            "directory": "corp",
            "guid": GUID,
            "method": "totp",
            "state": "active",
            "attempt": OTHER,
            "created": NOW,
            "confirmed": NOW,
            "ended": 0.0,
            "secret": KEYS.seal("secret", b"seed", b"corp", GUID),
            "destination": None,
            "box": None,
            "failures": 3,
            "last_step": 2**40,
            "last_used": NOW,
        }
    ],
    "hits": [{"subject": "intent", "at": NOW, "ticket": b"t" * 16}],
    "marks": [{"attempt": ATTEMPT, "method": "totp", "factor": FACTOR, "at": NOW}],
    "outbox": [
        {
            "key": NOTE_KEY,
            "kind": "notice-reset",
            "locale": "en",
            "sealed": KEYS.seal(
                "outbox", json.dumps(["a@home.example", {"at": "1"}]).encode(), NOTE_KEY, b"notice-reset"
            ),
            "due": NOW - 60,
            "expires": NOW + 600,
            "tries": 1,
        }
    ],
}
SINCE: Mapping[int, Mapping[str, dict[str, Any]]] = {
    1: {},
    2: {"attempts": {"pwd_last_set": 2**60, "typed": "ab" * 16}},
    3: {"attempts": {"pwd_last_set": 2**60, "typed": "ab" * 16, "chain": "cd" * 16}},
}
"""What versions have added to the rows above by then: without it they are those of version 1."""
ENDS: Mapping[bytes, tuple[JobState, Answer | None, int | None, bytes | None]] = {
    b"r" * 16: (JobState.RECEIVED, None, None, None),
    b"i" * 16: (JobState.INTENT, None, None, None),
    b"d" * 16: (JobState.APPLIED, Answer(outcome=Outcome.DONE), 9, APPLIED),
    b"l" * 16: (
        JobState.REFUSED,
        Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=40)),
        1,
        codec.encode(Wait(seconds=40)),
    ),
    b"u" * 16: (JobState.UNKNOWN, Answer(outcome=Outcome.UNKNOWN), None, None),
    b"c" * 16: (JobState.CLOSED, Answer(outcome=Outcome.CLOSED), None, None),
}


@pytest.fixture(params=sorted(SINCE))
def version(request: pytest.FixtureRequest) -> int:
    """Each version before today's."""
    number: int = request.param
    return number


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The addresses of two empty databases, for a state that is new and for an old one."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/fresh.db", f"sqlite:///{tmp_path}/old.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = abs(hash(request.node.name))
    yield server.make_database(f"fresh_{name}"), server.make_database(f"old_{name}")


def engine_of(url: str) -> Engine:
    parsed = make_url(url)
    driver = "postgresql+psycopg" if parsed.get_backend_name() == "postgresql" else "sqlite"
    return create_engine(parsed.set(drivername=driver))


def rows_of(version: int) -> Mapping[str, list[dict[str, Any]]]:
    """Return what stands in each table of a version, but for the journal."""
    return {table: [row | SINCE[version].get(table, {}) for row in rows] for table, rows in ROWS.items()}


def make_state(url: str, version: int) -> None:
    """Make a state as a version did, with rows in each table."""
    engine = engine_of(url)
    statements = (STATES / f"version-{version}.{engine.dialect.name}.sql").read_text().split(";\n")
    with engine.begin() as tx:
        for statement in filter(str.strip, statements):
            tx.execute(text(statement))
        tx.execute(
            text("INSERT INTO meta (name, value) VALUES ('schema', :version)"), {"version": str(version)}
        )
        jobs = [journal_row(jti, *end) for jti, end in ENDS.items()]
        for table, rows in (*rows_of(version).items(), ("journal", jobs)):
            for row in rows:
                names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
                tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608  # ours
    engine.dispose()


def journal_row(
    jti: bytes, state: JobState, answer: Answer | None, kind: int | None, facts: bytes | None
) -> dict[str, Any]:
    row = {
        "jti": jti,
        "job": "ResetPassword",
        "writes": True,
        "state": state,
        "owner": OTHER,
        "received": NOW,
        "expires": NOW + 120,
        "outcome": answer.outcome if answer else None,
        "facts_kind": kind,
        "facts": facts,
        "intended": 0.0,
        "deadline": 0.0,
    }
    intent = {
        "attempt": ATTEMPT,
        "directory": "corp",
        "guid": GUID,
        "operation": "reset",
        "locale": "de",
        "dc": "dc1",
        "pwd_last_set": 2**60,
        "locked": False,
        "intended": NOW,
        "deadline": NOW + 15,
    }
    return row | (intent if state is JobState.INTENT else {})


def shape_of(url: str) -> dict[str, object]:
    """Return the tables, columns, keys and indexes of a state."""
    engine = engine_of(url)
    looked = inspect(engine)
    shape: dict[str, object] = {}
    for table in looked.get_table_names():
        columns = {(each["name"], str(each["type"]), each["nullable"]) for each in looked.get_columns(table)}
        indexes = {
            (str(each["name"]), tuple(each["column_names"]), bool(each["unique"]))
            for each in looked.get_indexes(table)
        }
        shape[table] = (columns, looked.get_pk_constraint(table)["constrained_columns"], indexes)
    engine.dispose()
    return shape


def test_an_old_state_becomes_like_one_that_was_made_today(urls: tuple[str, str], version: int) -> None:
    fresh, old = urls
    make_state(old, version)
    for url in urls:
        State(Secret(url)).close()
    assert shape_of(old) == shape_of(fresh)


def test_everything_in_it_can_be_read_and_is_what_it_was(urls: tuple[str, str], version: int) -> None:
    make_state(urls[1], version)
    with closing(State(Secret(urls[1]))) as state, state.reading() as tx:
        for table, (expected,) in rows_of(version).items():
            (found,) = tx.execute(select(metadata.tables[table])).mappings().all()
            assert {name: found[name] for name in expected} == expected
            assert None not in {found[name] for name in found.keys() - expected.keys()}
        brought_to = tx.execute(text("SELECT value FROM meta WHERE name = 'schema'")).scalar_one()
    assert brought_to == str(SCHEMA)


ADDED = {
    "attempts.pwd_last_set": ["ALTER TABLE attempts DROP COLUMN pwd_last_set"],
    "attempts.typed": ["ALTER TABLE attempts DROP COLUMN typed"],
    "attempts.chain": ["ALTER TABLE attempts DROP COLUMN chain"],
    "attempts_person": ["DROP INDEX attempts_person"],
    "chains": ["DROP INDEX chains_person", "DROP TABLE chains"],
    "tries": ["DROP INDEX tries_last", "DROP TABLE tries"],
    "outbox.channel": ["ALTER TABLE outbox DROP COLUMN channel"],
}
"""What later versions have added to the first one, each with what takes it away again."""


@pytest.mark.parametrize("part", ADDED)
def test_an_old_state_without_one_part_is_migrated_whatever_its_number(
    urls: tuple[str, str], version: int, part: str
) -> None:
    """Commits between two versions made some tables of the next one, and kept the number of the last one."""
    fresh, old = urls
    make_state(old, version)
    for url in urls:
        State(Secret(url)).close()
    change(old, *ADDED[part], f"UPDATE meta SET value = '{version}' WHERE name = 'schema'")  # noqa: S608  # ours
    State(Secret(old)).close()
    assert shape_of(old) == shape_of(fresh)


def test_every_step_stands_in_the_test_above() -> None:
    steps = [step for steps in MIGRATIONS.values() for step in steps]
    columns = {f"{step.table}.{step.name}" for step in steps if isinstance(step, NewColumn)}
    made = {step.split("NOT EXISTS ")[1].split()[0] for step in steps if isinstance(step, str)}
    assert columns | made == {*ADDED, "chains_person", "tries_last"}


def test_a_state_of_todays_number_that_lacks_a_part_is_refused_by_name(urls: tuple[str, str]) -> None:
    State(Secret(urls[0])).close()
    change(urls[0], "ALTER TABLE attempts DROP COLUMN typed")
    with pytest.raises(StateUnusable, match=r"lacks attempts\.typed: restore"):
        State(Secret(urls[0]))


def change(url: str, *statements: str) -> None:
    """Change a state that nobody has open."""
    engine = engine_of(url)
    with engine.begin() as tx:
        for statement in statements:
            tx.execute(text(statement))
    engine.dispose()


def test_there_is_a_state_of_each_version_before_todays() -> None:
    assert set(SINCE) == set(range(1, SCHEMA))


def test_a_migrated_state_keeps_its_jobs_and_mails(urls: tuple[str, str], version: int) -> None:
    make_state(urls[1], version)
    clock = FakeClock()
    with closing(State(Secret(urls[1]))) as state:
        journal = SqlJournal(state, KEYS, clock, ceiling_for_tests())
        for jti, (stands, answer, _, _) in ENDS.items():
            entry = journal.look_up(jti)
            assert entry is not None
            assert (entry.state, entry.answer, entry.alive) == (stands, answer, False)
        (entry,) = journal.intents()
        assert entry.intent is not None
        assert (entry.intent.attempt.guid, entry.intent.preimage.pwd_last_set) == (GUID, 2**60)
        (queued,) = SqlOutbox(state, KEYS, clock).take(most=10, lease=60)
        assert (queued.note.channel, queued.note.to.reveal()) == (Channel.MAIL, "a@home.example")
        assert queued.note.parameters == {"at": "1"}


def put_note(state: State, *, channel: str, bound_to: Sequence[bytes]) -> None:
    """Put the note of the rows above into a state, sealed with these parts beside its key and kind."""
    (row,) = ROWS["outbox"]
    plain = json.dumps(["a@home.example", {}]).encode()
    sealed = KEYS.seal("outbox", plain, NOTE_KEY, b"notice-reset", *bound_to)
    with state.writing() as tx:
        tx.execute(insert(metadata.tables["outbox"]).values(row | {"channel": channel, "sealed": sealed}))


def test_a_mail_that_was_sealed_without_its_channel_is_still_sent(urls: tuple[str, str]) -> None:
    with closing(State(Secret(urls[0]))) as state:
        put_note(state, channel="mail", bound_to=())
        (queued,) = SqlOutbox(state, KEYS, FakeClock()).take(most=10, lease=60)
        assert (queued.note.channel, queued.note.to.reveal()) == (Channel.MAIL, "a@home.example")


@pytest.mark.parametrize(
    ("bound_to", "found_in"), [((), "other"), ((b"other",), "mail"), ((b"other",), "third")]
)
def test_a_note_that_was_moved_to_another_channel_is_not_sent(
    urls: tuple[str, str], bound_to: tuple[bytes, ...], found_in: str
) -> None:
    with closing(State(Secret(urls[0]))) as state:
        put_note(state, channel=found_in, bound_to=bound_to)
        with pytest.raises(StateAway, match="changed or moved"):
            SqlOutbox(state, KEYS, FakeClock()).take(most=10, lease=60)


def test_a_migrated_state_gets_an_id_that_it_keeps(urls: tuple[str, str], version: int) -> None:
    known = os.urandom(16)
    make_state(urls[1], version)
    with closing(State(Secret(urls[1]), known=known)) as state:
        assert state.id == known
    with closing(State(Secret(urls[1]))) as again:
        assert again.id == known
