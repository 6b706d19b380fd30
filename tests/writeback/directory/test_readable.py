"""What may not be read of an account is named, and never counts as zero."""

from uuid import UUID

import pytest

from tests.fakes.descriptors import (
    ALLOW,
    ALLOW_OBJECT,
    CONTROL,
    DENY_OBJECT,
    EVERYTHING,
    READ,
    ace,
    binary_sid,
    descriptor,
)
from tests.fakes.ldap_server import (
    DOMAIN,
    DOMAIN_RULES,
    GUARDS,
    GUID,
    PUBLIC,
    SEARCH,
    SERVICE,
    Answer,
    Attributes,
    LdapServer,
    alice,
    schema,
)
from tests.writeback.directory.conftest import an_account, at
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.descriptors import Guarded, Reader, is_protected
from writeback.directory.readable import NOT_ON_ALL, OF_LOCKOUT, ON_EVERY_ACCOUNT, unreadable
from writeback.envelope.answers import DirectoryState
from writeback.ports import Account, DirectoryAway, Unreadable

ALL = ace(ALLOW, SERVICE, EVERYTHING)
COUNTED = {"badPwdCount": [b"0"], "badPasswordTime": [b"0"]}


def read(directory: ActiveDirectory) -> Account:
    account = directory.read(GUID)
    assert account is not None
    return account


def denied(name: str, *, by_set: bool = False) -> bytes:
    own, shared = GUARDS[name]
    return descriptor(ace(DENY_OBJECT, SERVICE, READ, shared if by_set else own), ALL)


@pytest.mark.parametrize("name", [name for name in ON_EVERY_ACCOUNT if name != "objectClass"])
def test_a_missing_mandatory_attribute_counts_as_hidden(
    directory: ActiveDirectory, server: LdapServer, name: str
) -> None:
    assert read(directory).unreadable == ()
    del server.account[name]
    assert read(directory).unreadable == (name,)


@pytest.mark.parametrize("name", NOT_ON_ALL)
def test_a_missing_optional_attribute_is_hidden_if_the_access_list_says_so(
    directory: ActiveDirectory, server: LdapServer, name: str
) -> None:
    server.account.pop(name, None)
    assert read(directory).unreadable == ()
    server.account["nTSecurityDescriptor"] = [denied(name)]
    assert read(directory).unreadable == (name,)


def test_a_property_set_guards_all_that_is_in_it(directory: ActiveDirectory, server: LdapServer) -> None:
    server.account["nTSecurityDescriptor"] = [denied("mail", by_set=True)]
    assert read(directory).unreadable == ("userPrincipalName", "mail", "servicePrincipalName")
    server.account["nTSecurityDescriptor"] = [descriptor(ace(ALLOW_OBJECT, SERVICE, READ, PUBLIC))]
    assert read(directory).unreadable == ("adminCount",)


def test_a_value_that_was_returned_counts_as_readable(directory: ActiveDirectory, server: LdapServer) -> None:
    server.account |= {"adminCount": [b"1"], "nTSecurityDescriptor": [denied("adminCount")]}
    assert (read(directory).admin_count, read(directory).unreadable) == (True, ())


def test_without_the_access_list_nobody_can_tell(directory: ActiveDirectory, server: LdapServer) -> None:
    del server.account["nTSecurityDescriptor"]
    assert read(directory).unreadable == tuple(name for name in NOT_ON_ALL if name != "displayName")
    assert not directory.lockout(an_account()).readable


def test_without_a_token_every_missing_attribute_counts_as_hidden(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    del server.root["tokenGroups"]
    assert "adminCount" in read(directory).unreadable


def test_an_attribute_that_the_schema_does_not_show_may_not_be_read(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    usual = server.search

    def search(body: bytes) -> Answer:
        answer = usual(body)
        return Answer(entries=[]) if answer.entries == schema() else answer

    server.answers[SEARCH] = search
    assert "adminCount" in read(directory).unreadable


@pytest.mark.parametrize("name", OF_LOCKOUT)
def test_a_hidden_count_is_not_zero(directory: ActiveDirectory, server: LdapServer, name: str) -> None:
    assert directory.lockout(an_account()).readable  # a controller that never saw the person has no count
    server.account |= COUNTED
    server.account.pop(name, None)
    server.account["nTSecurityDescriptor"] = [denied(name)]
    assert not directory.lockout(an_account()).readable


@pytest.mark.parametrize("name", DOMAIN_RULES)
def test_a_hidden_rule_of_the_domain_is_not_zero(
    directory: ActiveDirectory, server: LdapServer, name: str
) -> None:
    server.rules = {key: value for key, value in DOMAIN_RULES.items() if key != name}
    with pytest.raises(Unreadable, match=f"{DOMAIN}: {name} can't be read"):
        directory.policy(None)
    assert not directory.lockout(an_account()).readable
    assert directory.health().state is DirectoryState.DEGRADED
    server.rules = DOMAIN_RULES
    directory.policy(None)
    assert directory.health().state is DirectoryState.UP


@pytest.mark.parametrize("name", ["pwdLastSet", "msDS-User-Account-Control-Computed"])
def test_a_write_is_not_begun_on_a_state_that_can_not_be_read(
    directory: ActiveDirectory, server: LdapServer, name: str
) -> None:
    server.account = alice()
    del server.account[name]
    with pytest.raises(Unreadable, match=name):
        directory.prepare(an_account())
    with pytest.raises(DirectoryAway):
        directory.is_locked_on(at().dc, GUID)
    assert server.received.modifies == []


def test_a_hidden_pso_is_reported_with_the_rules(directory: ActiveDirectory, server: LdapServer) -> None:
    assert directory.policy(an_account()).readable
    server.account["nTSecurityDescriptor"] = [denied("msDS-ResultantPSO")]
    assert not directory.policy(an_account()).readable


GROUP: Attributes = {"objectSid": [binary_sid("S-1-5-21-1-2-3-1200")], "groupType": [b"-2147483646"]}


def group_that_reads(server: LdapServer, answer: Answer) -> None:
    usual = server.search
    server.answers[SEARCH] = lambda body: answer if b"CN=Admins" in body else usual(body)


@pytest.mark.parametrize("name", GROUP)
def test_a_group_that_hides_its_kind_is_reported(
    directory: ActiveDirectory, server: LdapServer, name: str
) -> None:
    dn = f"CN=Admins,{DOMAIN}"
    group_that_reads(server, Answer(entries=[(dn, GROUP)]))
    assert directory.group_sids([dn]) == {"S-1-5-21-1-2-3-1200"}
    hidden = {key: value for key, value in GROUP.items() if key != name}
    group_that_reads(server, Answer(entries=[(dn, hidden)]))
    with pytest.raises(Unreadable, match=f"{dn}: {name} can't be read"):
        directory.group_sids([dn])


def test_a_group_held_by_another_server_is_not_found(directory: ActiveDirectory, server: LdapServer) -> None:
    group_that_reads(server, Answer(code=10, referral="ldap://eu.corp.example/"))
    with pytest.raises(LookupError):
        directory.group_sids([f"CN=Admins,DC=eu,{DOMAIN}"])


def test_a_confidential_attribute_needs_an_extended_right_too() -> None:
    guid = UUID(int=7)
    reader = Reader(frozenset({SERVICE}), {"x": Guarded(frozenset({guid}), confidential=True)})
    readable = descriptor(ace(ALLOW_OBJECT, SERVICE, READ, guid))
    both = descriptor(ace(ALLOW_OBJECT, SERVICE, READ, guid), ace(ALLOW_OBJECT, SERVICE, CONTROL, guid))
    assert unreadable({"ntsecuritydescriptor": [readable]}, reader, maybe=["x"]) == ("x",)
    assert unreadable({"ntsecuritydescriptor": [both]}, reader, maybe=["x"]) == ()


def test_a_list_without_inheritance_is_known_by_its_flag() -> None:
    assert is_protected(descriptor(ALL, protected=True))
    assert not is_protected(descriptor(ALL))
    assert not is_protected(b"")
