"""What `writeback grant` prints suffices in a hardened domain, and can be revoked without a trace."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from deploy.dev.lab import Lab
from deploy.dev.lab.accounts import Directory as LabDirectory
from tests.contracts.conftest import PASSWORD, adapter, administrator, known
from tests.fakes.descriptors import entries_of
from writeback.cli.delegation import Right, on_domain, on_people, samba
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.readable import ON_EVERY_ACCOUNT
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.envelope.secret import Secret

NEW = Secret("Velvet-orchard-8812")


@pytest.fixture
def hardened(lab: Lab) -> Iterator[ActiveDirectory]:
    """An adapter in a domain where Pre-Windows 2000 Compatible Access is empty."""
    with lab.harden():
        fresh = adapter(lab)
        yield fresh
        fresh.close()


def add_inet_org_person(lab: Lab, name: str) -> str:
    dn = f"CN={name},OU=Staff,{lab.base_dn}"
    with administrator(lab) as admin:
        secret = f'"{PASSWORD}"'.encode("utf-16-le")
        values = {"sAMAccountName": name, "sn": name, "unicodePwd": secret, "userAccountControl": "512"}
        admin.add(dn, ["inetOrgPerson"], values)
    return dn


def test_the_granted_rights_suffice_in_a_hardened_domain(lab: Lab, hardened: ActiveDirectory) -> None:
    people = [lab.add_person(password=PASSWORD).name, "inet-org-1"]
    add_inet_org_person(lab, "inet-org-1")
    for name in people:
        account = known(hardened.find(name))
        assert (account.unreadable, account.person) == ((), True)
        assert hardened.lockout(account).readable
        assert hardened.check_password(account, Secret(PASSWORD)) is Outcome.DONE
        at = hardened.prepare(account)
        assert hardened.reset_password(account, NEW, at=at).outcome is Outcome.DONE
        assert hardened.change_password(account, NEW, Secret(PASSWORD + "-2"), at=at).outcome is Outcome.DONE
    assert hardened.health().state is DirectoryState.UP


def test_account_states_and_psos_are_readable_in_a_hardened_domain(
    lab: Lab, hardened: ActiveDirectory
) -> None:
    assert known(hardened.find("judy")).disabled
    assert known(hardened.find("grace")).must_change
    locked = lab.add_person()
    lab.set_locked(locked)
    assert known(hardened.read(locked.guid)).locked
    ivan = known(hardened.find("ivan"))
    rules = hardened.policy(ivan)
    assert (rules.min_length, rules.readable) == (14, True)


def test_a_hardened_domain_hides_deciding_attributes_without_a_grant(
    lab: Lab, hardened: ActiveDirectory
) -> None:
    charlie = known(hardened.find("charlie"))
    hidden = {"tokenGroups", "userAccountControl", "accountExpires", "pwdLastSet", "adminCount"}
    assert hidden < set(charlie.unreadable)
    assert set(charlie.unreadable) < {*ON_EVERY_ACCOUNT, "adminCount"}
    assert not hardened.lockout(charlie).readable


def rights_of(lab: Lab) -> Sequence[Right]:
    return (*on_people(f"OU=Staff,{lab.base_dn}"), *on_domain(lab.base_dn))


def access_lists(lab: Lab) -> dict[str, Counter[bytes]]:
    """Return the entries at each place that `grant` names."""
    with administrator(lab) as admin:
        directory = LabDirectory(admin)
        return {
            dn: Counter(entries_of(directory.read(dn, "nTSecurityDescriptor")["nTSecurityDescriptor"][0]))
            for dn in dict.fromkeys(right.dn for right in rights_of(lab))
        }


def run(lab: Lab, *, revoke: bool) -> None:
    lab.run_as_root(samba(lab.service_dn, lab.base_dn, rights_of(lab), revoke=revoke))


def test_revoking_a_grant_restores_the_access_lists(lab: Lab) -> None:
    granted = access_lists(lab)
    run(lab, revoke=True)
    try:
        bare = access_lists(lab)
        assert all((granted[dn] - bare[dn]) and not (bare[dn] - granted[dn]) for dn in granted)
        fresh = adapter(lab)
        alice = known(fresh.find("alice"))
        written = fresh.reset_password(alice, NEW, at=fresh.prepare(alice))
        fresh.close()
        assert written.outcome is Outcome.DIRECTORY_REFUSED
        run(lab, revoke=False)
        assert access_lists(lab) == granted
        run(lab, revoke=True)
        assert access_lists(lab) == bare
    finally:
        run(lab, revoke=False)
    assert access_lists(lab) == granted


def test_an_account_that_only_shares_the_name_gets_no_rights(lab: Lab) -> None:
    """The service account's CN is the account name of somebody else."""
    other = lab.add_person("decoy-svc")
    dn = f"CN=decoy-svc,OU=Services,{lab.base_dn}"
    with administrator(lab) as admin:
        admin.add(dn, ["user"], {"sAMAccountName": "svc-real", "userAccountControl": "514"})
        admin.add(f"OU=Granted,{lab.base_dn}", ["organizationalUnit"])
        lab.run_as_root(samba(dn, lab.base_dn, list(on_people(f"OU=Granted,{lab.base_dn}")), revoke=False))
        directory = LabDirectory(admin)
        place = f"OU=Granted,{lab.base_dn}"
        (whole,) = directory.read(place, "nTSecurityDescriptor")["nTSecurityDescriptor"]
        (meant,) = directory.read(dn, "objectSid")["objectSid"]
        (named,) = directory.read(other.dn, "objectSid")["objectSid"]
    assert meant in whole
    assert named not in whole
