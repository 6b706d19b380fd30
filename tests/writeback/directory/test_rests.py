"""A service account that is refused: by one controller or by several, for its password or otherwise."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.ldap_server import BIND, GUID, Answer, LdapServer
from tests.writeback.directory.conftest import DC1, DC2, MakeDirectory, MakePool, MakeServer
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.refusals import ANY
from writeback.directory.rests import LONG_REST, SHORT_REST, WRONG_PASSWORD, Rests
from writeback.directory.sentences import Remark
from writeback.envelope.answers import DirectoryState
from writeback.ports import DirectoryAway

DC3 = "dc3.corp.example"
DISABLED, EXPIRED, MUST_CHANGE, LOCKED = "533", "532", "773", "775"


def refuse(server: LdapServer, data: str = "52e") -> None:
    """Let a controller refuse everybody, with AD's own code."""

    def answer(body: bytes) -> Answer:
        server.note_bind(body)
        said = f"80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data {data}, v4563"
        return Answer(code=49, message=said)

    server.answers[BIND] = answer


def let_in(server: LdapServer) -> None:
    del server.answers[BIND]


def read(directory: ActiveDirectory) -> bool:
    try:
        return directory.read(GUID) is not None
    except DirectoryAway:
        return False


def test_a_refused_service_account_is_tried_once_and_then_left_alone(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    refuse(server)
    for _ in range(3):
        with pytest.raises(DirectoryAway, match="data 52e"):
            directory.read(GUID)
        assert directory.health().state is DirectoryState.DOWN
    assert len(server.received.binds) == 1


def test_one_controller_that_refuses_the_account_rests_alone(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    late, well = make_server(DC1), make_server(DC2)
    directory = make_directory(late, well)
    refuse(late)
    assert [read(directory) for _ in range(3)] == [True, True, True]
    health = directory.health()
    assert (health.state, health.dc) == (DirectoryState.DEGRADED, DC2)
    assert "refuses the name or password of the service account" in health.detail
    assert len(late.received.binds) == 1


def test_writes_go_to_a_controller_that_accepts_the_account(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    late, well = make_server(DC1), make_server(DC2)
    directory = make_directory(late, well)
    refuse(late)
    account = directory.read(GUID)
    assert account is not None
    assert directory.prepare(account).dc == DC2


def test_two_controllers_that_refuse_the_account_speak_for_all(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    servers = [make_server(name) for name in (DC1, DC2, DC3)]
    directory = make_directory(*servers)
    for server in servers:
        refuse(server)
    assert [read(directory) for _ in range(3)] == [False, False, False]
    assert directory.health().state is DirectoryState.DOWN
    assert [len(server.received.binds) for server in servers] == [1, 1, 0]


def test_many_at_once_ask_a_second_controller_only_once(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    servers = [make_server(name) for name in (DC1, DC2)]
    directory = make_directory(*servers)
    refuse(servers[0])
    assert read(directory)
    directory.close()
    refuse(servers[1])
    before = len(servers[1].received.binds)
    with ThreadPoolExecutor(8) as threads:
        assert not any(threads.map(lambda _: read(directory), range(8)))
    assert len(servers[1].received.binds) == before + 1


@pytest.mark.parametrize("data", [DISABLED, EXPIRED, MUST_CHANGE, LOCKED, "701", "530", "531", "52f", "525"])
def test_a_refusal_that_counts_no_wrong_password_is_tried_again_soon(
    directory: ActiveDirectory, server: LdapServer, monkeypatch: pytest.MonkeyPatch, data: str
) -> None:
    monkeypatch.setattr("writeback.directory.rests.SHORT_REST", 0)
    refuse(server, data)
    assert not read(directory)
    let_in(server)
    assert read(directory)


@pytest.mark.parametrize(
    ("code", "rest"),
    [(WRONG_PASSWORD, LONG_REST), (ANY, LONG_REST), (0x533, SHORT_REST), (0x775, SHORT_REST)],
)
def test_only_refusals_that_may_count_as_wrong_passwords_rest_long(code: int, rest: int) -> None:
    rests = Rests(1)
    rests.note_refusal(DC1, code=code, problem=Remark("no"), now=100.0)
    assert rests.why_not(DC1, now=100.0 + rest - 1) == Remark("no")
    assert rests.why_not(DC1, now=100.0 + rest) is None


def test_a_controller_that_lets_the_account_in_while_it_is_looked_at_harms_nobody() -> None:
    rests = Rests(2)

    class Now(float):
        """Another thread's moment: it gets in while this one compares."""

        def __lt__(self, other: float) -> bool:
            rests.note_success(DC1)
            return super().__lt__(other)

    rests.note_refusal(DC1, code=WRONG_PASSWORD, problem=Remark("no"), now=0.0)
    assert rests.why_not(DC1, now=Now(1)) == Remark("no")
    assert rests.why_not(DC1, now=1.0) is None


def test_waiting_for_the_tries_of_others_is_bounded(make_server: MakeServer, make_pool: MakePool) -> None:
    late, well = make_server(DC1), make_server(DC2)
    pool = make_pool(late, well)
    refuse(late)
    assert pool.read(lambda link: link.host.name) == DC2
    pool.close()
    with ThreadPoolExecutor(1) as threads, pool._one_try:
        asked = threads.submit(pool.read, lambda link: link.host.name)
        with pytest.raises(DirectoryAway, match="the time for this request is over"):
            asked.result(timeout=30)
    assert pool.read(lambda link: link.host.name) == DC2


def test_another_try_is_made_within_a_minute_and_a_quarter_of_an_hour() -> None:
    assert SHORT_REST <= 60
    assert LONG_REST == 900


def test_after_the_rest_one_try_is_made_for_all_controllers() -> None:
    rests = Rests(3)
    for name in (DC1, DC2):
        rests.note_refusal(name, code=WRONG_PASSWORD, problem=Remark(name), now=0.0)
    assert rests.why_not(DC3, now=1.0) == Remark(f"{DC1} and {DC2}")
    assert rests.why_not(DC1, now=901.0) is None
    rests.note_refusal(DC1, code=WRONG_PASSWORD, problem=Remark(DC1), now=901.0)
    assert [bool(rests.why_not(name, now=902.0)) for name in (DC1, DC2, DC3)] == [True, True, True]


def test_a_controller_that_lets_the_account_in_ends_the_agreement() -> None:
    rests = Rests(3)
    for name in (DC1, DC2):
        rests.note_refusal(name, code=WRONG_PASSWORD, problem=Remark(name), now=0.0)
    rests.note_success(DC1)
    assert [bool(rests.why_not(name, now=1.0)) for name in (DC1, DC2, DC3)] == [False, True, False]
    rests.note_success(DC2)
    assert not rests.doubtful()
