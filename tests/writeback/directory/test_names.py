"""What a person types finds just their account, or nobody."""

import re
import struct
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import parse_filter
from ldap3.protocol.convert import prepare_filter_for_sending

from tests.fakes.ldap_server import DN, GUID, SEARCH, Answer, LdapServer, alice
from tests.writeback.directory.conftest import an_account
from writeback.directory.accounts import filter_for
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.attributes import sid
from writeback.directory.connection import Broken
from writeback.envelope.names import canonical
from writeback.ports import DirectoryAway

parse: Callable[..., Any] = parse_filter
sent: Callable[[str], bytes] = prepare_filter_for_sending
PEOPLE = "(&(objectClass=user)(|{}))"


def where(name: str, *, short_name: str = "CORP") -> str:
    return filter_for(canonical(name, domains=("corp.example",), short_name=short_name))


@pytest.mark.parametrize(
    "name",
    [
        "bob",
        " bob\t",
        "CORP\\bob",
        "corp\\bob",
        "CORP.example\\bob",
        "CORP/bob",
        "\u200bbob\ufeff",
        "bob.",
        "corp / bob",
    ],
    ids=ascii,
)
def test_an_account_name_is_looked_for_as_one(name: str) -> None:
    assert where(name) == PEOPLE.format("(sAMAccountName=bob)")


@pytest.mark.parametrize("name", ["bob@corp.example", "bob@corp.example.", " bob @ corp.example "])
def test_an_address_is_searched_as_implicit_upn_upn_and_mail_at_once(name: str) -> None:
    assert where(name) == PEOPLE.format(
        "(sAMAccountName=bob)(userPrincipalName=bob@corp.example)(mail=bob@corp.example)"
    )


def test_an_address_of_another_domain_never_finds_an_account_name() -> None:
    assert "sAMAccountName" not in where("bob@evil.example")
    assert "mail=a/b@mail.example" in where("a/b@mail.example")


def test_a_name_in_two_forms_is_looked_for_in_both_if_they_differ() -> None:
    assert where("\uff42ob") == PEOPLE.format("(sAMAccountName=bob)(sAMAccountName=\uff42ob)")
    assert where("Ju\u0308rgen") == where("J\u00fcrgen") == PEOPLE.format("(sAMAccountName=J\u00fcrgen)")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\0",
        "b\0b",
        "b\nb",
        "EVIL\\bob",
        "EVIL/bob",
        "\\bob",
        "CORP\\",
        "x" * 257,
        "x" * 10_000,
        "\ud800",
        "a\u202eb",
        "a\u200bb",
        "...",
        "@corp.example",
    ],
    ids=ascii,
)
def test_an_impossible_name_is_not_searched_for(name: str) -> None:
    assert not where(name)


def test_no_filter_names_an_empty_domain_where_the_short_name_is_not_known() -> None:
    assert not where("\\bob", short_name="")


@given(st.text(max_size=60) | st.text(alphabet="*()\\&|!=<>~:\0@ab/", max_size=30))
def test_whatever_is_typed_a_filter_compares_names_of_people_with_what_was_typed(name: str) -> None:
    found = where(name)
    if not found:
        return
    root = parse(found, None, auto_escape=False, auto_encode=True, validator=None, check_names=False)
    kind, either = root.elements[0].elements
    assert kind.assertion == {"attr": "objectClass", "value": b"user"}
    known = {form for text in (name, name.replace("/", "\\")) for form in forms(text)}
    for value in either.elements:
        assert value.assertion["attr"] in {"sAMAccountName", "userPrincipalName", "mail"}
        assert any(sent(value.assertion["value"]).decode() in form for form in known)


def forms(text: str) -> set[str]:
    """Return a text in its two normal forms, without the blanks that may stand around a separator."""
    both = {unicodedata.normalize(form, text) for form in ("NFC", "NFKC")}
    return both | {re.sub(r"\s*([@\\\\])\s*", r"\1", form) for form in both}


def test_several_accounts_with_one_name_match_nobody(directory: ActiveDirectory, server: LdapServer) -> None:
    usual = server.search

    def two(body: bytes) -> Answer:
        found = usual(body)
        if not found.entries or found.entries[0][0] != DN:
            return found
        other = (f"CN=other,{DN}", dict(found.entries[0][1]) | {"objectGUID": [bytes(16)]})
        return Answer(code=4, entries=[*found.entries, other])

    assert directory.find("alice") is not None
    server.answers[SEARCH] = two
    assert directory.find("alice") is None


def test_a_short_name_that_could_not_be_read_at_first_is_asked_for_again(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    server.answers[SEARCH] = lambda body: Answer()
    assert directory.find("SHORT\\alice") is None
    usual = server.search

    def short(body: bytes) -> Answer:
        found = usual(body)
        partitions = b"crossRef" in body
        return Answer(entries=[(DN, {"nETBIOSName": [b"SHORT"]})]) if partitions else found

    server.answers[SEARCH] = short
    assert directory.find("SHORT\\alice") is not None
    assert directory.canonical("short\\Alice").key == "alice"


@pytest.mark.parametrize(
    ("name", "questions"),
    [
        ("nobody", 1),
        ("nobody@corp.example", 1),
        ("*", 1),
        (")(uid=*", 1),
        ("\uff41lice", 1),
        ("bob@evil", 1),
        ("\\2a", 0),
        ("b\0b", 0),
        ("x" * 10_000, 0),
    ],
)
def test_a_hostile_name_costs_the_directory_no_more_than_an_honest_one(
    directory: ActiveDirectory, server: LdapServer, name: str, questions: int
) -> None:
    directory.find("warm")
    before = len(server.received.raw)
    server.answers[SEARCH] = lambda body: Answer()
    assert directory.find(name) is None
    assert len(server.received.raw) - before == questions


@pytest.mark.parametrize(
    "attributes",
    [
        {"objectClass": [b"top", b"person", b"user", b"computer"], "sAMAccountType": [b"805306369"]},
        {
            "objectClass": [b"user", b"computer", b"msDS-GroupManagedServiceAccount"],
            "sAMAccountType": [b"805306369"],
        },
        {"objectClass": [b"user", b"msDS-ManagedServiceAccount"]},
        {"objectClass": [b"user"], "sAMAccountType": [b"805306370"]},
    ],
    ids=["computer", "gMSA", "MSA", "trust"],
)
def test_accounts_that_are_no_person_are_marked(
    directory: ActiveDirectory, server: LdapServer, attributes: dict[str, list[bytes]]
) -> None:
    server.account = alice() | attributes
    found = directory.read(GUID)
    assert found is not None
    assert not found.person


def test_protection_and_state_are_read(directory: ActiveDirectory, server: LdapServer) -> None:
    server.account = alice(computed=0x10) | {
        "accountExpires": [b"133000000000000000"],
        "adminCount": [b"1"],
        "servicePrincipalName": [b"HTTP/x"],
        "userAccountControl": [b"514"],
    }
    found = directory.read(GUID)
    assert found is not None
    assert (found.admin_count, found.has_spn, found.disabled, found.locked, found.expired) == (True,) * 5
    assert found.sids == {"S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1104"}


@pytest.mark.parametrize(("control", "smart_card"), [(b"512", False), (b"262656", True)])
def test_that_a_smart_card_is_required_is_read(
    directory: ActiveDirectory, server: LdapServer, control: bytes, smart_card: bool
) -> None:
    server.account = alice() | {"userAccountControl": [control]}
    found = directory.read(GUID)
    assert found is not None
    assert found.smart_card is smart_card


def test_a_password_that_never_expires_need_not_be_changed(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    for control, must_change in ((b"512", True), (b"66048", False)):
        server.account = alice(pwd_last_set=0) | {"userAccountControl": [control]}
        found = directory.read(GUID)
        assert found is not None
        assert found.must_change == must_change


def test_wrong_passwords_count_within_the_observation_window(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    def counted(seconds_ago: float) -> int:
        at = int((time.time() - seconds_ago) * 10**7) + 116_444_736_000_000_000
        server.account = alice() | {"badPwdCount": [b"3"], "badPasswordTime": [str(at).encode()]}
        return directory.lockout(an_account()).bad_passwords

    assert counted(60) == 3
    assert counted(1801) == 0


def test_a_sid_is_written_as_windows_does() -> None:
    nested = bytes([1, 5, 0, 0, 0, 0, 0, 5]) + struct.pack("<5I", 21, 4294967295, 0, 7, 512)
    assert sid(nested) == "S-1-5-21-4294967295-0-7-512"
    assert sid(bytes([1, 2, 0, 0, 0, 0, 0, 5]) + struct.pack("<2I", 32, 544)) == "S-1-5-32-544"


@pytest.mark.parametrize("value", [b"", b"\x01", bytes(7), bytes([1, 2, 0, 0, 0, 0, 0, 5]) + bytes(4)])
def test_invalid_sid_bytes_are_refused(value: bytes) -> None:
    with pytest.raises(Broken):
        sid(value)


def test_a_group_that_does_not_exist_is_named(directory: ActiveDirectory) -> None:
    with pytest.raises(LookupError, match="CN=Nobody"):
        directory.group_sids(["CN=Nobody,DC=corp,DC=example"])


def test_a_server_without_a_short_name_can_still_be_asked(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    server.answers[SEARCH] = lambda body: Answer(code=1, message="000020D6: SvcErr")
    with pytest.raises(DirectoryAway):
        directory.find("alice")


@pytest.mark.parametrize("never", ["0", "9223372036854775807"])
def test_an_account_without_an_expiry_has_not_expired(
    directory: ActiveDirectory, server: LdapServer, never: str
) -> None:
    server.account = alice(computed=0x800000) | {"accountExpires": [never.encode()]}
    found = directory.read(GUID)
    assert found is not None
    assert not found.expired  # a password that has expired is another matter
