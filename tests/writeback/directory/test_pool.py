"""Which controller is asked, over which connection, and how often the service account is tried."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.ldap_server import BIND, GUID, SEARCH, Answer, LdapServer
from tests.writeback.directory.conftest import DC1, DC2, MakeDirectory, MakeServer, an_account, at
from writeback.directory.active_directory import ActiveDirectory
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.envelope.secret import Secret
from writeback.ports import Account, DirectoryAway

pytestmark = pytest.mark.slow

NEW = Secret("Correct-Horse-1")


def test_the_pdc_emulator_is_asked_though_it_is_named_last(
    make_server: MakeServer, make_directory: MakeDirectory, account: Account
) -> None:
    first, pdc = make_server(DC1, pdc=DC2), make_server(DC2, pdc=DC2)
    directory = make_directory(first, pdc)
    assert directory.prepare(account).dc == DC2
    directory.check_password(account, NEW)
    assert NEW.reveal().encode() in dict(pdc.received.binds).values()
    assert NEW.reveal().encode() not in dict(first.received.binds).values()


def test_another_controller_is_asked_where_the_pdc_emulator_is_gone(
    make_server: MakeServer, make_directory: MakeDirectory, account: Account
) -> None:
    pdc, second = make_server(DC1), make_server(DC2)
    directory = make_directory(pdc, second)
    assert directory.prepare(account).dc == DC1
    pdc.stop()
    before = directory.prepare(account)
    assert before.dc == DC2
    assert directory.reset_password(account, NEW, at=before).outcome is Outcome.DONE
    assert len(second.received.modifies) == 1
    health = directory.health()
    assert (health.state, health.dc) == (DirectoryState.DEGRADED, DC2)
    assert DC1 in health.detail


def test_a_controller_that_is_gone_is_not_waited_for_each_time(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    gone, second = make_server(DC1), make_server(DC2)
    gone.stop()
    directory = make_directory(gone, second)
    assert directory.read(GUID) is not None
    before = second.received.connections
    assert directory.read(GUID) is not None
    assert second.received.connections == before


def test_with_no_controller_left_every_verb_is_away(
    make_server: MakeServer, make_directory: MakeDirectory, account: Account
) -> None:
    server = make_server()
    directory = make_directory(server)
    server.stop()
    for call in (
        lambda: directory.find("alice"),
        lambda: directory.read(GUID),
        lambda: directory.policy(None),
        lambda: directory.group_sids(["CN=x"]),
        lambda: directory.check_password(account, NEW),
        lambda: directory.prepare(account),
        lambda: directory.reset_password(account, NEW, at=at()),
        lambda: directory.change_password(account, NEW, NEW, at=at()),
        lambda: directory.unlock(account, at=at(locked=True)),
        lambda: directory.pwd_last_set_on(DC1, GUID),
        lambda: directory.is_locked_on(DC1, GUID),
        lambda: directory.explain_refusal(account, NEW),
    ):
        with pytest.raises(DirectoryAway):
            call()
    assert directory.health().state is DirectoryState.DOWN


def test_a_pdc_emulator_that_is_not_configured_is_reported(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    directory = make_directory(make_server(DC1, pdc="dc9.corp.example"))
    health = directory.health()
    assert (health.state, health.dc) == (DirectoryState.DEGRADED, DC1)
    assert "dc9.corp.example" in health.detail


def test_a_healthy_directory_is_up(directory: ActiveDirectory) -> None:
    health = directory.health()
    assert (health.state, health.detail, health.dc, health.policy_hints) == (DirectoryState.UP, "", DC1, True)
    assert 363 <= health.certificate_days <= 365
    assert 0 <= health.latency_ms < 1000


def test_a_certificate_that_expires_soon_is_reported(
    authority: Authority, make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    server = make_server(certificate=authority.issue(DC1, end=20))
    health = make_directory(server).health()
    assert health.state is DirectoryState.DEGRADED
    assert "certificate" in health.detail


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (1, "1 operationsError: not now"),
        (8, "asks for more than a password over TLS"),
        (51, "is busy"),
        (52, "is not available"),
        (80, "80 other: not now"),
    ],
)
def test_a_controller_that_can_not_let_anybody_in_is_asked_again_later(
    directory: ActiveDirectory, server: LdapServer, code: int, told: str
) -> None:
    server.answers[BIND] = lambda body: Answer(code=code, message="not now")
    with pytest.raises(DirectoryAway, match=told):
        directory.read(GUID)
    del server.answers[BIND]
    assert directory.read(GUID) is not None


def test_a_controller_that_can_not_let_anybody_in_does_not_stand_for_the_others(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    first, second = make_server(), make_server(DC2)
    first.answers[BIND] = lambda body: Answer(code=1, message="operationsError")
    assert make_directory(first, second).read(GUID) is not None


def test_a_controller_that_is_busy_with_a_sign_in_says_nothing_of_the_password(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    server.answers[BIND] = lambda body: Answer(code=51, message="busy")
    with pytest.raises(DirectoryAway):
        directory.check_password(an_account(), NEW)


def test_connections_are_used_again(directory: ActiveDirectory, server: LdapServer, account: Account) -> None:
    for _ in range(5):
        directory.read(GUID)
        directory.check_password(account, NEW)
        directory.reset_password(account, NEW, at=at())
    assert server.received.connections == 2
    assert [who for who, _ in server.received.binds].count("svc@corp.example") == 1


def test_people_are_never_bound_on_the_service_accounts_connection(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    directory.check_password(account, NEW)
    assert [who for who, _ in server.received.binds] == [account.dn]


def test_four_threads_get_their_own_connection_and_their_own_answers(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    def work(number: int) -> bool:
        found = directory.read(GUID)
        checked = directory.check_password(account, Secret(f"password-{number}"))
        written = directory.reset_password(account, Secret(f"Correct-Horse-{number}"), at=at())
        return found is not None and (checked, written.outcome) == (Outcome.DONE, Outcome.DONE)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(100)))
    assert len(server.received.modifies) == 100
    assert server.received.connections <= 8


def test_a_slow_first_controller_leaves_time_for_the_second(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    slow, second = make_server(DC1), make_server(DC2)

    def stall(body: bytes) -> Answer:
        time.sleep(1.2)
        return Answer()

    slow.answers[SEARCH] = stall
    directory = make_directory(slow, second, total_deadline=12)
    found = directory.read(GUID)
    assert found is not None
    assert found.name == "alice"
