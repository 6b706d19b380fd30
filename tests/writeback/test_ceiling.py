"""Who may be touched, on which proofs, how often: in doubt, not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.directory import PLAIN
from writeback.ceiling import (
    Ceiling,
    Gate,
    Notify,
    Rate,
    Scope,
    enough,
    judge,
    lies_below,
    parse_dn,
    parse_duration,
    parse_rate,
)
from writeback.directory.readable import NOT_ON_ALL, ON_EVERY_ACCOUNT
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import FAMILY_OF, MethodKind
from writeback.ports import Account

DOMAIN = "S-1-5-21-100-200-300"
HELPDESK = f"{DOMAIN}-1700"
CEILING = Ceiling(
    scope=Scope(
        bases=("OU=Staff,DC=corp,DC=example", r"OU=Sales\, North,DC=corp,DC=example"),
        own_accounts=("CN=svc-keyback,OU=Staff,DC=corp,DC=example",),
    ),
    notify=Notify(contact="helpdesk@corp.example"),
    operations=frozenset({"Begin"}),
)
ALICE = replace(
    PLAIN,
    guid=b"\x01" * 16,
    upn="alice@corp.example",
    display_name="Alice",
    mail="alice@corp.example",
    sids=frozenset({f"{DOMAIN}-1101", f"{DOMAIN}-513", "S-1-5-32-545"}),
)


def verdict(account: Account, ceiling: Ceiling = CEILING) -> Outcome | None:
    return judge(account, ceiling, deny_sids=frozenset({HELPDESK}))


def with_sid(sid: str) -> Account:
    return replace(ALICE, sids=ALICE.sids | {sid})


def test_somebody_in_scope_may_be_touched() -> None:
    assert verdict(ALICE) is None


@pytest.mark.parametrize(
    ("group", "sid"),
    [
        ("Administrators", "S-1-5-32-544"),
        ("Account Operators", "S-1-5-32-548"),
        ("Server Operators", "S-1-5-32-549"),
        ("Print Operators", "S-1-5-32-550"),
        ("Backup Operators", "S-1-5-32-551"),
        ("Replicator", "S-1-5-32-552"),
        ("Enterprise Read-only Domain Controllers", f"{DOMAIN}-498"),
        ("Administrator", f"{DOMAIN}-500"),
        ("krbtgt", f"{DOMAIN}-502"),
        ("Domain Admins", f"{DOMAIN}-512"),
        ("Domain Controllers", f"{DOMAIN}-516"),
        ("Schema Admins", f"{DOMAIN}-518"),
        ("Enterprise Admins of the forest's root", "S-1-5-21-7-8-9-519"),
        ("Group Policy Creator Owners", f"{DOMAIN}-520"),
        ("Read-only Domain Controllers", f"{DOMAIN}-521"),
        ("Protected Users", f"{DOMAIN}-525"),
        ("Key Admins", f"{DOMAIN}-526"),
        ("Enterprise Key Admins", f"{DOMAIN}-527"),
        ("a group of operators or a denied one", HELPDESK),
    ],
)
def test_a_member_of_a_protected_group_is_never_touched(group: str, sid: str) -> None:
    assert verdict(with_sid(sid)) is Outcome.PROTECTED_ACCOUNT, group


@pytest.mark.parametrize(
    "sid",
    [
        f"{DOMAIN}-1512",
        f"{DOMAIN}-5120",
        f"{DOMAIN}-545",
        "S-1-5-32-555",
        "S-1-5-11",
        "S-1-5-21-512-500-519-2000",
    ],
)
def test_a_sid_that_only_resembles_a_protected_one_is_harmless(sid: str) -> None:
    assert verdict(with_sid(sid)) is None


@pytest.mark.parametrize(
    ("why", "sids"),
    [
        ("no SID could be read", frozenset[str]()),
        ("the groups could not be read", frozenset({f"{DOMAIN}-1101"})),
        ("only built-in groups could be read", frozenset({"S-1-5-32-545", "S-1-5-11"})),
        ("one of them is no SID", ALICE.sids | {"S-1-5"}),
        ("one of them is text", ALICE.sids | {"Domain Admins"}),
    ],
)
def test_an_account_whose_groups_are_not_known_is_protected(why: str, sids: frozenset[str]) -> None:
    assert verdict(replace(ALICE, sids=sids)) is Outcome.PROTECTED_ACCOUNT, why


@pytest.mark.parametrize("name", [*ON_EVERY_ACCOUNT, *NOT_ON_ALL])
def test_an_account_that_hides_something_is_left_alone(name: str) -> None:
    hidden = replace(ALICE, unreadable=(name,))
    assert verdict(hidden) is Outcome.DIRECTORY_REFUSED
    assert verdict(replace(hidden, sids=frozenset(), person=False)) is Outcome.DIRECTORY_REFUSED


def test_known_protection_is_reported_before_hidden_attributes() -> None:
    hidden = replace(ALICE, unreadable=("adminCount",))
    assert verdict(replace(hidden, dn="CN=Alice,OU=Outside,DC=corp,DC=example")) is Outcome.OUT_OF_SCOPE
    assert verdict(replace(hidden, has_spn=True)) is Outcome.PROTECTED_ACCOUNT


@pytest.mark.parametrize(
    ("what", "account"),
    [
        ("adminCount is set", replace(ALICE, admin_count=True)),
        ("it has a service principal name", replace(ALICE, has_spn=True)),
    ],
)
def test_a_mark_of_privilege_protects_unless_the_ceiling_says_otherwise(what: str, account: Account) -> None:
    lenient = replace(CEILING, scope=replace(CEILING.scope, deny_admincount=False, deny_spn=False))

    assert verdict(account) is Outcome.PROTECTED_ACCOUNT, what
    assert verdict(account, lenient) is None, what


@pytest.mark.parametrize(
    "bound_as",
    [
        "CN=svc-keyback,OU=Staff,DC=corp,DC=example",
        "cn=SVC-Keyback, ou=staff, dc=CORP, dc=example",
        r"CORP\svc-keyback",
        "SVC-keyback@corp.example",
        "svc-keyback@another.suffix",
    ],
)
def test_the_account_that_the_worker_binds_with_is_never_touched(bound_as: str) -> None:
    service = replace(
        ALICE,
        dn="CN=svc-keyback,OU=Staff,DC=corp,DC=example",
        name="svc-keyback",
        upn="svc-keyback@corp.example",
    )
    ceiling = replace(CEILING, scope=replace(CEILING.scope, own_accounts=(bound_as,)))

    assert verdict(service, ceiling) is Outcome.PROTECTED_ACCOUNT


@pytest.mark.parametrize(
    "dn",
    [
        "CN=Alice,OU=Staff,DC=corp,DC=example",
        "cn=alice,ou=STAFF,dc=Corp,dc=EXAMPLE",
        "CN=Alice, OU=Staff, DC=corp, DC=example",
        "CN=Alice,OU=Paris,OU=Staff,DC=corp,DC=example",
        r"CN=Smith\, Alice,OU=Staff,DC=corp,DC=example",
        r"CN=Alice\2C Smith,OU=Staff,DC=corp,DC=example",
        r"CN=Alice,OU=Sales\, North,DC=corp,DC=example",
        r"CN=Alice,OU=Sales\2c North,DC=corp,DC=example",
        "CN=Zoë Müller #1,OU=Staff,DC=corp,DC=example",
        r"CN=\#1,OU=Staff,DC=corp,DC=example",
    ],
)
def test_an_account_below_a_base_is_in_scope(dn: str) -> None:
    assert verdict(replace(ALICE, dn=dn)) is None


@pytest.mark.parametrize(
    ("why", "dn"),
    [
        ("another unit", "CN=Alice,OU=Guests,DC=corp,DC=example"),
        ("a unit whose name ends alike", "CN=Alice,OU=NotStaff,DC=corp,DC=example"),
        ("an escaped comma that fakes a parent", r"CN=Alice\,OU=Staff,DC=corp,DC=example"),
        ("an escaped comma in hexadecimal", r"CN=Alice\2COU=Staff,DC=corp,DC=example"),
        ("the base as part of a value", r"CN=x\,OU\=Staff\,DC\=corp\,DC\=example,DC=evil"),
        ("another domain", "CN=Alice,OU=Staff,DC=corp,DC=evil"),
        ("a longer domain", "CN=Alice,OU=Staff,DC=corp,DC=example,DC=com"),
        ("another kind of part", "CN=Alice,CN=Staff,DC=corp,DC=example"),
        ("the base itself", "OU=Staff,DC=corp,DC=example"),
        ("a value of two parts", "CN=Alice,OU=Staff+L=x,DC=corp,DC=example"),
        ("nothing", ""),
        ("no DN", "alice"),
        ("an empty value", "CN=,OU=Staff,DC=corp,DC=example"),
        ("a value in hexadecimal", "CN=#0402,OU=Staff,DC=corp,DC=example"),
        ("quotes", 'CN="Alice",OU=Staff,DC=corp,DC=example'),
        ("a backslash at the end", "CN=Alice,OU=Staff,DC=corp,DC=example\\"),
        ("bytes that are no UTF-8", r"CN=\ff,OU=Staff,DC=corp,DC=example"),
        ("a lone surrogate", "CN=\ud800,OU=Staff,DC=corp,DC=example"),
    ],
)
def test_an_account_elsewhere_is_out_of_scope(why: str, dn: str) -> None:
    assert verdict(replace(ALICE, dn=dn)) is Outcome.OUT_OF_SCOPE, why


def test_a_computer_is_out_of_scope_wherever_it_lies() -> None:
    assert verdict(replace(ALICE, person=False)) is Outcome.OUT_OF_SCOPE


def test_protection_is_reported_before_scope() -> None:
    elsewhere = replace(with_sid("S-1-5-32-544"), dn="CN=Alice,DC=corp,DC=example")

    assert verdict(elsewhere) is Outcome.PROTECTED_ACCOUNT


def test_a_scope_without_a_base_holds_nobody() -> None:
    nobody = replace(CEILING, scope=replace(CEILING.scope, bases=()))

    assert verdict(ALICE, nobody) is Outcome.OUT_OF_SCOPE


@given(st.text(max_size=60))
def test_reading_a_dn_raises_only_its_own_error(text: str) -> None:
    assert lies_below(text, CEILING.scope.bases) in (True, False)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda s: s.strip(" "))
)
def test_no_name_escapes_from_its_unit(name: str) -> None:
    escaped = "".join(f"\\{byte:02x}" for byte in name.encode())

    assert not lies_below(f"CN={escaped},OU=Guests,DC=corp,DC=example", CEILING.scope.bases)
    assert parse_dn(f"CN={escaped}") == (frozenset({("cn", name.lower())}),)


RESET = Gate(methods_needed=2, families_needed=2)
UNLOCK = Gate(methods_needed=1, families_needed=1, never_alone=frozenset({"email"}))


@pytest.mark.parametrize(
    ("proofs", "gate", "open_"),
    [
        ([], RESET, False),
        ([MethodKind.TOTP], RESET, False),
        ([MethodKind.TOTP, MethodKind.TOTP], RESET, False),
        ([MethodKind.EMAIL, MethodKind.EMAIL], RESET, False),
        ([MethodKind.TOTP, MethodKind.EMAIL], RESET, True),
        ([MethodKind.EMAIL, MethodKind.BACKUP_CODES], RESET, True),
        (
            [MethodKind.EMAIL, MethodKind.TOTP, MethodKind.BACKUP_CODES],
            Gate(methods_needed=3, families_needed=3),
            True,
        ),
        ([MethodKind.EMAIL, MethodKind.TOTP], Gate(methods_needed=3, families_needed=2), False),
        ([MethodKind.EMAIL], UNLOCK, False),
        ([MethodKind.EMAIL, MethodKind.EMAIL], UNLOCK, False),
        ([MethodKind.TOTP], UNLOCK, True),
        ([MethodKind.EMAIL, MethodKind.TOTP], UNLOCK, True),
        ([], Gate(methods_needed=0, families_needed=0), True),
        ([MethodKind.TOTP, MethodKind.EMAIL], None, False),
    ],
)
def test_a_gate_opens_for_enough_independent_proofs(
    proofs: list[MethodKind], gate: Gate | None, open_: bool
) -> None:
    assert enough(proofs, gate) is open_


def test_each_method_belongs_to_a_group() -> None:
    assert set(FAMILY_OF) == set(MethodKind)


def test_each_operation_has_a_gate_and_a_reset_takes_two_independent_proofs() -> None:
    assert set(CEILING.gates) == set(Operation)
    assert (
        CEILING.gates[Operation.RESET].methods_needed,
        CEILING.gates[Operation.RESET].families_needed,
    ) == (2, 2)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5/1h", Rate(count=5, seconds=3600)),
        ("60/m", Rate(count=60, seconds=60)),
        ("1/30s", Rate(count=1, seconds=30)),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "5", "5/", "5/h1", "-5/1h", "5/1w", "0/1h", "5/0h", "5/1h ", "\u0665/1h", "5/1h\n"]
)
def test_an_invalid_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a rate|would allow nothing"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("24h", 86400), ("7d", 604800), ("0s", 0)]
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "1.5h", "-1h", "1 h", "1h30m", "15M"])
def test_an_invalid_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


def test_the_digest_is_the_same_for_the_same_policy_whatever_its_order() -> None:
    other = replace(CEILING, gates=dict(reversed(list(CEILING.gates.items()))))

    assert other.digest() == CEILING.digest()
    assert replace(CEILING, operations=frozenset()).digest() != CEILING.digest()
