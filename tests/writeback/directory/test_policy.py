"""Which rules hold, and which of them a refused password broke."""

import pytest

from tests.fakes.ldap_server import DOMAIN, DOMAIN_RULES, SEARCH, Answer, LdapServer, alice
from tests.writeback.directory.conftest import an_account
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.policy import explain, kinds_of_characters
from writeback.envelope.answers import DirectoryState, PolicyFacts, PolicyRefusal, Rule
from writeback.envelope.passwords import name_parts
from writeback.envelope.secret import Secret
from writeback.ports.filetime import filetime

NOW = 1_800_000_000.0
PSO = f"CN=vip,CN=Password Settings Container,CN=System,{DOMAIN}"
PSO_RULES = {
    "msDS-MinimumPasswordLength": [b"14"],
    "msDS-PasswordComplexityEnabled": [b"TRUE"],
    "msDS-PasswordHistoryLength": [b"24"],
    "msDS-MinimumPasswordAge": [b"-864000000000"],
    "msDS-LockoutThreshold": [b"10"],
    "msDS-LockoutObservationWindow": [b"-600000000"],
}


def refused(
    password: str,
    *,
    pwd_last_set: int = 1,
    complexity: bool = True,
    min_age: int = 0,
    names: tuple[str, ...] = ("bob", "baker"),
) -> PolicyRefusal:
    policy = PolicyFacts(min_length=8, complexity=complexity, history=5, min_age=min_age, names=names)
    return explain(policy, Secret(password), pwd_last_set=pwd_last_set, now=NOW)


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("Ab1", (Rule.MIN_LENGTH,)),
        ("abc", (Rule.MIN_LENGTH, Rule.COMPLEXITY)),
        ("abcdefghij", (Rule.COMPLEXITY,)),
        ("My-BOB-2024", (Rule.NAME_IN_PASSWORD,)),
        ("bakerbaker", (Rule.COMPLEXITY, Rule.NAME_IN_PASSWORD)),
        ("Granite-window-1", (Rule.HISTORY_OR_FILTER,)),
        ("😀Aa1😀", (Rule.MIN_LENGTH,)),
    ],
)
def test_each_broken_rule_is_named(password: str, rules: tuple[Rule, ...]) -> None:
    assert refused(password).rules == rules


def test_the_length_is_counted_as_ad_counts() -> None:
    assert refused("😀Aa1😀").length == 7
    assert refused("\ud800").length == 1


def test_without_complexity_only_length_and_age_can_be_named() -> None:
    assert refused("aaaaaaaa", complexity=False, names=()).rules == (Rule.HISTORY_OR_FILTER,)


def test_the_minimum_age_is_named_with_the_time_from_which_it_has_passed() -> None:
    told = refused("Granite-window-1", pwd_last_set=filetime(NOW - 100), min_age=86_400)
    assert (told.rules, told.changeable_at) == ((Rule.MIN_AGE,), NOW + 86_300)


@pytest.mark.parametrize("pwd_last_set", [0, filetime(NOW - 86_401)])
def test_the_minimum_age_is_no_matter_once_it_has_passed_or_a_change_is_due(pwd_last_set: int) -> None:
    told = refused("Granite-window-1", pwd_last_set=pwd_last_set, min_age=86_400)
    assert (told.rules, told.changeable_at) == ((Rule.HISTORY_OR_FILTER,), 0)


@pytest.mark.parametrize(
    ("password", "kinds"),
    [
        ("abc", 1),
        ("aB", 2),
        ("aB1", 3),
        ("aB1-", 4),
        ("aB1-ж", 4),
        ("aB1-字", 5),
        ("😀€", 0),
        ("  ", 0),
        ("éÉ", 2),
    ],
)
def test_characters_are_counted_by_kind(password: str, kinds: int) -> None:
    assert kinds_of_characters(password) == kinds


def test_names_are_taken_apart_as_ad_does() -> None:
    assert name_parts("bb", "Ann-Marie O'Neil_de.la,Cruz #Tab\tEnd") == (
        "ann",
        "marie",
        "o'neil",
        "cruz",
        "tab",
        "end",
    )
    assert name_parts("BBaker", "BBaker") == ("bbaker",)


# What is read of the directory


def with_pso(server: LdapServer, rules: dict[str, list[bytes]] | None) -> None:
    """Give the account a PSO that reads as `rules`, or that can't be read."""
    server.account = alice() | {"msDS-ResultantPSO": [PSO.encode()]}
    usual = server.search

    def search(body: bytes) -> Answer:
        if PSO.encode() in body:
            return Answer(entries=[(PSO, rules)] if rules is not None else [])
        return usual(body)

    server.answers[SEARCH] = search


def test_the_domains_rules_hold_for_an_ordinary_account(directory: ActiveDirectory) -> None:
    assert directory.policy(None) == PolicyFacts(min_length=8, complexity=True, history=5, min_age=0)
    assert directory.policy(an_account()).names == ("alice", "archer")


def test_a_pso_goes_before_the_domains_rules(directory: ActiveDirectory, server: LdapServer) -> None:
    with_pso(server, PSO_RULES)
    told = directory.policy(an_account())
    assert (told.min_length, told.history, told.min_age, told.readable) == (14, 24, 86_400, True)
    assert directory.lockout(an_account()).threshold == 10


@pytest.mark.parametrize(
    "rules", [None, {}, {"msDS-MinimumPasswordLength": [b"14"]}], ids=["hidden", "empty", "partly"]
)
def test_under_a_pso_that_may_not_be_read_no_password_may_be_tried(
    directory: ActiveDirectory, server: LdapServer, rules: dict[str, list[bytes]] | None
) -> None:
    with_pso(server, rules)
    told = directory.policy(an_account())
    assert (told.min_length, told.readable) == (8, False)
    assert not directory.lockout(an_account()).readable
    health = directory.health()
    assert health.state is DirectoryState.DEGRADED
    assert PSO in health.detail


@pytest.mark.parametrize(("threshold", "counted"), [(b"0", 0), (b"5", 5)])
def test_the_domains_lockout_threshold_holds(
    directory: ActiveDirectory, server: LdapServer, threshold: bytes, counted: int
) -> None:
    server.rules = DOMAIN_RULES | {"lockoutThreshold": [threshold]}
    assert directory.lockout(an_account()).threshold == counted
