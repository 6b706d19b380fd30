"""What is sent for each verb, to the byte, and what is said of a server's answer to it."""

from collections.abc import Callable

import pytest

from tests.fakes.ber import elements
from tests.fakes.ldap_server import GUID, HINTS, MODIFY, TARGET, Answer, LdapServer, alice
from tests.writeback.directory.conftest import MakeDirectory, MakePool, at
from writeback.directory import passwords
from writeback.directory.active_directory import ActiveDirectory
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.envelope.secret import Secret
from writeback.ports import Account, DirectoryAway

OLDER_HINTS = "1.2.840.113556.1.4.2066"
NEW, OLD = Secret('N"éw 😀'), Secret("old")
NEW_BYTES, OLD_BYTES = '"N"éw 😀"'.encode("utf-16-le"), '"old"'.encode("utf-16-le")
ADD, DELETE, REPLACE = 0, 1, 2
TOO_WEAK = "0000052D: SvcErr: DSID-031A1262, problem 5003 (WILL_NOT_PERFORM), data 0"
NO_RIGHT = "00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0"


def changes_of(server: LdapServer, number: int = -1) -> list[tuple[int, str, list[bytes]]]:
    """Return the changes of one modify as (operation, attribute, values)."""
    target, changes = server.received.modifies[number]
    assert target == TARGET
    found = []
    for _, change in elements(changes):
        (_, operation), (_, partial) = elements(change)
        (_, attribute), (_, values) = elements(partial)
        found.append((operation[0], attribute.decode(), [value for _, value in elements(values)]))
    return found


def controls_of(server: LdapServer) -> list[list[bytes]]:
    """Return the controls of the last modify, each as its parts."""
    message = next(raw for raw in reversed(server.received.raw) if list(elements(raw))[1][0] == MODIFY)
    sequences = [content for tag, content in elements(message) if tag == 0xA0]
    return [[part for _, part in elements(control)] for all_ in sequences for _, control in elements(all_)]


def refusing(server: LdapServer, *answers: Answer) -> None:
    """Answer the next modifies so, the last of them for ever."""
    waiting = list(answers)

    def answer(body: bytes) -> Answer:
        server.note_modify(body)
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    server.answers[MODIFY] = answer


def test_a_reset_replaces_the_password_in_its_exact_bytes(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    assert directory.reset_password(account, NEW, at=at()).outcome is Outcome.DONE
    assert changes_of(server) == [(REPLACE, "unicodePwd", [NEW_BYTES])]


def test_a_reset_over_a_connection_that_is_there_is_one_request(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    account = directory.read(GUID)
    assert account is not None
    for _ in range(2):  # after the first the account is looked at once more, and then not for LOOK_AGAIN
        before, connections = len(server.received.raw), server.received.connections
        written = directory.reset_password(account, NEW, at=directory.prepare(account))
    assert written.outcome is Outcome.DONE
    assert (len(server.received.raw), server.received.connections) == (before + 1, connections)


def test_a_reset_of_a_locked_account_unlocks_it_in_the_same_write(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    written = directory.reset_password(account, NEW, at=at(locked=True))
    assert (written.outcome, written.unlocked) == (Outcome.DONE, True)
    assert changes_of(server) == [(REPLACE, "unicodePwd", [NEW_BYTES]), (REPLACE, "lockoutTime", [b"0"])]
    assert len(server.received.modifies) == 1


def test_an_account_that_is_locked_still_after_its_reset_is_not_called_unlocked(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    server.account = alice(computed=0x10)
    written = directory.reset_password(account, NEW, at=at(locked=True))
    assert (written.outcome, written.unlocked) == (Outcome.DONE, False)


def test_a_refused_joint_write_is_sent_as_two(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    refusing(server, Answer(code=53, message="00002035: joint"), Answer())
    written = directory.reset_password(account, NEW, at=at(locked=True))
    assert (written.outcome, written.unlocked) == (Outcome.DONE, True)
    assert [changes_of(server, number)[0][1] for number in range(3)] == [
        "unicodePwd",
        "unicodePwd",
        "lockoutTime",
    ]


def test_a_password_set_without_the_unlock_is_reported_as_partial(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    refusing(server, Answer(code=50, message=NO_RIGHT), Answer(), Answer(code=50, message=NO_RIGHT))
    written = directory.reset_password(account, NEW, at=at(locked=True))
    assert (written.outcome, written.unlocked) == (Outcome.PARTIAL, False)
    assert NO_RIGHT in written.detail


def test_a_password_set_too_late_for_the_unlock_is_reported_as_partial(
    server: LdapServer, account: Account, make_pool: MakePool
) -> None:
    pool = make_pool(server)
    with pool.link(pool.hosts[0], deadline=pool.deadline()) as link:

        def answer(body: bytes) -> Answer:
            server.note_modify(body)
            if len(server.received.modifies) == 1:
                return Answer(code=53, message="00002035: joint")
            link.deadline = 0.0
            return Answer()

        server.answers[MODIFY] = answer
        written = passwords.reset(link, account, NEW, locked=True, hints_required=True)
    assert (written.outcome, written.unlocked) == (Outcome.PARTIAL, False)
    assert len(server.received.modifies) == 2


def test_a_weak_password_for_a_locked_account_is_refused_once(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    refusing(server, Answer(code=53, message=TOO_WEAK))
    written = directory.reset_password(account, NEW, at=at(locked=True))
    assert (written.outcome, written.detail) == (
        Outcome.REFUSED_BY_POLICY,
        f"53 unwillingToPerform: {TOO_WEAK}",
    )
    assert len(server.received.modifies) == 1


def test_a_reset_carries_the_policy_hints_as_critical(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    directory.reset_password(account, NEW, at=at())
    assert controls_of(server) == [[HINTS.encode(), b"\xff", bytes.fromhex("3003020101")]]


def test_the_older_policy_hints_are_used_where_there_are_no_others(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    server.root = {"supportedControl": [b"1.2.3", OLDER_HINTS.encode()]}
    directory.reset_password(account, NEW, at=at())
    assert controls_of(server)[0][0] == OLDER_HINTS.encode()


def test_without_policy_hints_a_reset_is_refused_and_nothing_is_sent(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    server.root = {"supportedControl": [b"1.2.3"]}
    written = directory.reset_password(account, NEW, at=at())
    assert written.outcome is Outcome.DIRECTORY_REFUSED
    assert "policy-hints" in written.detail
    assert server.received.modifies == []
    assert directory.health().state is DirectoryState.DEGRADED


def test_a_reset_without_preferred_hints_says_so(
    server: LdapServer, make_directory: MakeDirectory, account: Account
) -> None:
    server.root = {"supportedControl": []}
    directory = make_directory(server, policy_hints="prefer")
    written = directory.reset_password(account, NEW, at=at())
    assert written.outcome is Outcome.DONE
    assert "went on without" in written.detail
    assert controls_of(server) == []
    assert directory.health().state is DirectoryState.UP


def test_a_new_password_that_expires_at_once_is_reported_to_the_admin(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    server.account = alice(pwd_last_set=0)
    written = directory.reset_password(account, NEW, at=at())
    assert written.outcome is Outcome.DONE
    assert "Unexpire Password" in written.detail
    health = directory.health()
    assert health.state is DirectoryState.DEGRADED
    assert "Unexpire Password" in health.detail
    server.account = alice()
    directory.reset_password(account, NEW, at=at())
    assert directory.health().state is DirectoryState.UP


def test_resets_that_go_well_are_looked_at_again_once_a_minute(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    server.account = alice()
    directory.reset_password(account, NEW, at=at())
    server.account = alice(pwd_last_set=0)
    assert "Unexpire Password" not in directory.reset_password(account, NEW, at=at()).detail
    assert "Unexpire Password" in directory.reset_password(account, NEW, at=at(locked=True)).detail


def test_a_change_deletes_the_old_password_and_adds_the_new_one(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    assert directory.change_password(account, OLD, NEW, at=at(locked=True)).outcome is Outcome.DONE
    assert changes_of(server) == [(DELETE, "unicodePwd", [OLD_BYTES]), (ADD, "unicodePwd", [NEW_BYTES])]


@pytest.mark.parametrize("code", [19, 50, 53, 80])
def test_a_refused_change_never_becomes_a_reset(
    directory: ActiveDirectory, server: LdapServer, account: Account, code: int
) -> None:
    refusing(server, Answer(code=code))
    assert directory.change_password(account, OLD, NEW, at=at()).outcome is not Outcome.DONE
    assert [operation for operation, *_ in changes_of(server)] == [DELETE, ADD]
    assert len(server.received.modifies) == 1


@pytest.mark.parametrize("password", ["", "\0", "x\0y", "\udc00", "x" * 129, "😀" * 65], ids=ascii)
def test_a_password_that_ad_cannot_hold_is_refused_unsent(
    directory: ActiveDirectory, server: LdapServer, account: Account, password: str
) -> None:
    secret = Secret(password)
    assert directory.reset_password(account, secret, at=at()).outcome is Outcome.UNUSABLE_PASSWORD
    assert directory.change_password(account, OLD, secret, at=at()).outcome is Outcome.UNUSABLE_PASSWORD
    assert server.received.modifies == []


def test_an_unlock_writes_the_lockout_time_only(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    written = directory.unlock(account, at=at(locked=True))
    assert (written.outcome, written.unlocked) == (Outcome.DONE, True)
    assert changes_of(server) == [(REPLACE, "lockoutTime", [b"0"])]


def test_an_unlock_that_is_refused_is_a_failure(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    refusing(server, Answer(code=50, message=NO_RIGHT))
    written = directory.unlock(account, at=at(locked=True))
    assert (written.outcome, written.unlocked) == (Outcome.DIRECTORY_REFUSED, False)
    assert NO_RIGHT in written.detail


def test_an_account_that_is_not_locked_is_not_written_to(
    directory: ActiveDirectory, server: LdapServer, account: Account
) -> None:
    assert directory.unlock(account, at=at()).outcome is Outcome.NOT_LOCKED
    assert server.received.modifies == []


@pytest.mark.parametrize("call", ["reset", "change", "unlock"])
def test_a_controller_that_is_no_longer_configured_is_away(
    directory: ActiveDirectory, account: Account, call: str
) -> None:
    gone = at(locked=True, dc="dc9.corp.example")
    calls: dict[str, Callable[[], object]] = {
        "reset": lambda: directory.reset_password(account, NEW, at=gone),
        "change": lambda: directory.change_password(account, OLD, NEW, at=gone),
        "unlock": lambda: directory.unlock(account, at=gone),
    }
    with pytest.raises(DirectoryAway, match="dc9"):
        calls[call]()
