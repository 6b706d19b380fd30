"""Which rules hold for an account."""

import pytest

from tests.fakes.ldap_server import DOMAIN, DOMAIN_RULES, SEARCH, Answer, LdapServer, alice
from tests.writeback.directory.conftest import an_account
from writeback.directory.active_directory import ActiveDirectory
from writeback.envelope.answers import DirectoryState, PolicyFacts

PSO = f"CN=vip,CN=Password Settings Container,CN=System,{DOMAIN}"
PSO_RULES = {
    "msDS-MinimumPasswordLength": [b"14"],
    "msDS-PasswordComplexityEnabled": [b"TRUE"],
    "msDS-PasswordHistoryLength": [b"24"],
    "msDS-MinimumPasswordAge": [b"-864000000000"],
    "msDS-LockoutThreshold": [b"10"],
    "msDS-LockoutObservationWindow": [b"-600000000"],
}


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
