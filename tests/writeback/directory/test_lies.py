"""Servers that lie, refer elsewhere, fall silent or never end are not believed, followed or waited for."""

import time
from dataclasses import replace

import pytest

from tests.fakes.ldap_server import (
    BIND,
    DN,
    DOMAIN,
    EXTENDED,
    GUID,
    MODIFY,
    SEARCH,
    TARGET,
    Answer,
    Drip,
    HangUp,
    LdapServer,
    Silence,
    alice,
)
from tests.writeback.directory.conftest import DC2, SERVICE_PASSWORD, MakeDirectory, MakeServer, at
from writeback.directory import passwords
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.connection import Broken
from writeback.envelope.answers import Outcome
from writeback.envelope.secret import Secret
from writeback.ports import Account, DirectoryAway

pytestmark = pytest.mark.slow

NEW, OLD = Secret("Correct-Horse-1"), Secret("Battery-Staple-2")
DEADLINE = 2
"""The adapter's, in these tests, for one call."""


# Referrals


def test_a_referral_on_a_write_is_not_followed(
    make_server: MakeServer, make_directory: MakeDirectory, account: Account
) -> None:
    server, trap = make_server(), make_server(DC2)
    server.answers[MODIFY] = lambda body: Answer(code=10, referral=f"ldap://127.0.0.1:{trap.port}/{DN}")
    written = make_directory(server).reset_password(account, NEW, at=at())
    assert written.outcome is Outcome.DIRECTORY_REFUSED
    assert trap.received.connections == 0


def test_a_referral_on_a_search_is_not_followed(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    server, trap = make_server(), make_server(DC2)
    directory = make_directory(server)
    assert directory.read(GUID) is not None
    server.answers[SEARCH] = lambda body: Answer(code=10, referral=f"ldap://127.0.0.1:{trap.port}/{DN}")
    with pytest.raises(DirectoryAway, match="10 referral"):
        directory.read(GUID)
    assert trap.received.connections == 0


def test_references_among_the_results_are_left_out(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    server, trap = make_server(), make_server(DC2)
    usual = server.search

    def with_references(body: bytes) -> Answer:
        found = usual(body)
        return Answer(
            code=found.code, entries=found.entries, references=[f"ldap://127.0.0.1:{trap.port}/{DOMAIN}"]
        )

    server.answers[SEARCH] = with_references
    found = make_directory(server).find("alice")
    assert found is not None
    assert found.guid == GUID
    assert trap.received.connections == 0


# A server that takes every bind


@pytest.mark.parametrize("password", ["", "\0", "x\0", "\ud800", "x" * 129], ids=ascii)
def test_an_impossible_password_is_wrong_and_never_sent(
    directory: ActiveDirectory, server: LdapServer, account: Account, password: str
) -> None:
    assert directory.check_password(account, Secret(password)) is Outcome.WRONG_PASSWORD
    written = directory.change_password(account, Secret(password), NEW, at=at())
    assert written.outcome is Outcome.WRONG_PASSWORD
    assert [who for who, _ in server.received.binds if who != "svc@corp.example"] == []
    assert server.received.modifies == []


@pytest.mark.parametrize("name", [b"", b"u:CORP\\bob", b"dn:" + DN.encode(), b"alice", b"u:CORP\\"])
def test_a_bind_counts_only_if_the_server_names_the_person(
    directory: ActiveDirectory, server: LdapServer, account: Account, name: bytes
) -> None:
    server.answers[EXTENDED] = lambda body: Answer(value=name)
    assert directory.check_password(account, Secret("   ")) is Outcome.WRONG_PASSWORD


def test_a_bind_of_the_person_counts(directory: ActiveDirectory, account: Account) -> None:
    assert directory.check_password(account, NEW) is Outcome.DONE


def test_a_bind_without_a_named_identity_proves_nothing(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    server.answers[EXTENDED] = lambda body: Answer(code=2, message="unknown operation")
    assert directory.check_password(account, NEW) is Outcome.WRONG_PASSWORD


def test_a_password_is_bound_as_its_own_bytes(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    password = "\u00a0ﬁ\u00adx\u0301 "  # SASLprep would change each of these
    directory.check_password(account, Secret(password))
    assert (DN, password.encode()) in server.received.binds


# Answers that are lost


@pytest.mark.parametrize("loss", [HangUp, Silence])
@pytest.mark.parametrize("verb", ["reset", "change", "unlock"])
def test_a_result_lost_after_the_write_was_sent_is_unknown_and_not_sent_again(
    directory: ActiveDirectory, server: LdapServer, account: Account, loss: type[Exception], verb: str
) -> None:
    def lose(body: bytes) -> Answer:
        server.note_modify(body)
        raise loss

    server.answers[MODIFY] = lose
    written = {
        "reset": lambda: directory.reset_password(account, NEW, at=at()),
        "change": lambda: directory.change_password(account, OLD, NEW, at=at()),
        "unlock": lambda: directory.unlock(account, at=at(locked=True)),
    }[verb]()
    assert written.outcome is Outcome.UNKNOWN
    assert not written.unlocked
    assert [target for target, _ in server.received.modifies] == [TARGET]
    assert "Horse" not in written.detail + repr(written)
    assert directory.pwd_last_set_on("dc1.corp.example", GUID) == 133_000_000_000_000_000


def test_a_controller_lost_before_the_write_is_away_and_was_sent_nothing(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    before = directory.prepare(account)
    server.stop()
    with pytest.raises(DirectoryAway):
        directory.reset_password(account, NEW, at=before)
    assert server.received.modifies == []


def test_a_write_that_comes_too_late_is_not_sent_and_not_called_unknown(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    pool = directory._pool
    with pool.link(pool.hosts[0], deadline=pool.deadline()) as link:
        link.deadline = time.monotonic()
        with pytest.raises(Broken, match="time for this request is over"):
            passwords.reset(link, account, NEW, locked=False, hints_required=True)
    assert server.received.modifies == []


def test_a_write_goes_to_no_other_controller_than_the_one_prepared(
    make_server: MakeServer, make_directory: MakeDirectory, account: Account
) -> None:
    first, second = make_server(), make_server(DC2)
    directory = make_directory(first, second)
    before = directory.prepare(account)
    assert before.dc == first.name
    first.stop()
    with pytest.raises(DirectoryAway):
        directory.reset_password(account, NEW, at=before)
    assert second.received.modifies == []


def test_a_connection_that_died_while_idle_is_replaced_unnoticed(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    assert directory.read(GUID) is not None
    server.hang_up()
    time.sleep(0.05)
    assert directory.reset_password(account, NEW, at=at()).outcome is Outcome.DONE
    assert len(server.received.modifies) == 1


def test_a_read_that_is_cut_off_is_asked_again_once(directory: ActiveDirectory, server: LdapServer) -> None:
    assert directory.read(GUID) is not None
    usual, cut = server.search, [True]

    def cut_once(body: bytes) -> Answer:
        if cut and cut.pop():
            raise HangUp
        return usual(body)

    server.answers[SEARCH] = cut_once
    assert directory.read(GUID) is not None


def test_a_sign_in_that_is_cut_off_is_not_tried_again(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    def cut(body: bytes) -> Answer:
        server.note_bind(body)
        raise HangUp

    server.answers[BIND] = cut
    with pytest.raises(DirectoryAway):
        directory.check_password(account, OLD)
    assert len(server.received.binds) == 1


# Answers that do not end


def test_a_silent_server_is_left_at_the_deadline(directory: ActiveDirectory, server: LdapServer) -> None:
    assert directory.read(GUID) is not None

    def say_nothing(body: bytes) -> Answer:
        raise Silence

    server.answers[SEARCH] = say_nothing
    begun = time.monotonic()
    with pytest.raises(DirectoryAway):
        directory.read(GUID)
    assert time.monotonic() - begun < DEADLINE


def test_an_answer_that_comes_a_byte_at_a_time_is_left_at_the_deadline(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    def drip(body: bytes) -> Answer:
        server.note_modify(body)
        return Answer(message="x" * 200, drip=Drip(pause=0.1))

    server.answers[MODIFY] = drip
    begun = time.monotonic()
    assert directory.reset_password(account, NEW, at=at()).outcome is Outcome.UNKNOWN
    assert time.monotonic() - begun < DEADLINE + 0.5


def test_a_huge_answer_is_left_after_a_few_megabytes(directory: ActiveDirectory, server: LdapServer) -> None:
    assert directory.read(GUID) is not None
    server.account = alice() | {"displayName": [b"x" * 20 * 2**20]}
    begun = time.monotonic()
    with pytest.raises(DirectoryAway, match="larger than"):
        directory.read(GUID)
    assert time.monotonic() - begun < DEADLINE


def test_bytes_that_are_no_ldap_are_a_directory_away(directory: ActiveDirectory, server: LdapServer) -> None:
    assert directory.read(GUID) is not None
    for junk in (
        b"\x30\x05\x02\x01\x01\x04\x00",
        b"\x30\x03\x02\x01\x05",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff" * 64,
    ):
        server.junk = junk
        with pytest.raises(DirectoryAway):
            directory.read(GUID)
    server.junk = b""
    assert directory.read(GUID) is not None


@pytest.mark.parametrize(
    "damage",
    [
        {"pwdLastSet": [b"yesterday"]},
        {"userAccountControl": [b"0x200"]},
        {"objectSid": [b"\x01\x05"]},
        {"tokenGroups": [b"\x01\xff\0\0\0\0\0\5"]},
        {"accountExpires": [b"now"]},
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_a_directory_away(
    directory: ActiveDirectory, server: LdapServer, damage: dict[str, list[bytes]]
) -> None:
    server.account = alice() | damage
    with pytest.raises(DirectoryAway):
        directory.read(GUID)


def test_a_count_that_makes_no_sense_is_a_directory_away(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    server.account = alice() | {"badPasswordTime": [b"\xff\xfe"]}
    with pytest.raises(DirectoryAway):
        directory.lockout(account)


def test_no_password_is_tried_where_the_controller_does_not_hold_the_account(
    directory: ActiveDirectory, account: Account
) -> None:
    with pytest.raises(DirectoryAway, match="does not hold"):
        directory.lockout(replace(account, guid=bytes(16)))


def test_no_exception_carries_a_password(
    make_server: MakeServer, make_directory: MakeDirectory, account: Account
) -> None:
    server = make_server()
    directory = make_directory(server)

    def cut(body: bytes) -> Answer:
        raise HangUp

    server.answers[BIND] = cut
    caught: list[BaseException | None] = []
    for call in (
        lambda: directory.check_password(account, OLD),
        lambda: directory.reset_password(account, NEW, at=at()),
        lambda: directory.read(GUID),
    ):
        with pytest.raises(DirectoryAway) as raised:
            call()
        caught.append(raised.value)
    while caught:
        error = caught.pop()
        if error is not None:
            text = repr(error) + str(vars(error))
            assert "Staple" not in text
            assert SERVICE_PASSWORD not in text
            caught += [error.__cause__, error.__context__]


def test_no_connection_keeps_a_password(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    directory.check_password(account, OLD)
    directory.reset_password(account, NEW, at=at())
    kept = [repr(vars(link._ldap)) for links in directory._pool._idle.values() for link in links]
    assert len(kept) == 2
    for text in kept:
        assert "Staple" not in text
        assert "Horse" not in text
        assert SERVICE_PASSWORD not in text
        assert "H\\x00o\\x00r" not in text
