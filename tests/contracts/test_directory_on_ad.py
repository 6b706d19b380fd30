"""What only a real AD can show of the adapter: the standing people, PSOs and rights."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import ldap3
import pytest

from deploy.dev.lab import Lab
from tests.contracts.conftest import PASSWORD, RealWorld, adapter, adapter_settings, administrator, known
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.connection import SUBTREE, Entry
from writeback.directory.pool import Pool
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.envelope.secret import Secret
from writeback.ports import Account

DOMAIN_ADMINS = "-512"
NEW = Secret("Velvet-orchard-8812")


@pytest.fixture
def directory(lab: Lab) -> Iterator[ActiveDirectory]:
    """An adapter that remembers nothing of other tests."""
    fresh = adapter(lab)
    yield fresh
    fresh.close()


def one_of(directory: ActiveDirectory, name: str) -> Account:
    return known(directory.find(name))


def test_standing_people_are_read_with_their_states(lab: Lab, directory: ActiveDirectory) -> None:
    for name, person in lab.people.items():
        found = one_of(directory, name)
        assert (found.guid, found.dn, found.mail) == (person.guid, person.dn, person.mail)
        assert found.person
        assert not found.expired
        assert found.must_change == (person.state == "must change")
        assert found.disabled == (person.state == "disabled")
        assert found.locked == (person.state == "locked")


def test_a_locked_account_has_used_up_its_tries(lab: Lab, directory: ActiveDirectory) -> None:
    person = lab.add_person()
    lab.set_locked(person)  # just now: AD forgets wrong tries after its observation window
    frank = one_of(directory, person.name)
    lockout = directory.lockout(frank)
    assert lockout.bad_passwords >= lockout.threshold == 5


def test_an_expired_password_is_reported_as_right(lab: Lab, directory: ActiveDirectory) -> None:
    heidi = one_of(directory, "heidi")
    assert directory.check_password(heidi, Secret(lab.people["heidi"].password)) is Outcome.PASSWORD_EXPIRED
    assert directory.check_password(heidi, NEW) is Outcome.WRONG_PASSWORD


@contextmanager
def passwords_that_expire(lab: Lab, after: int) -> Iterator[None]:
    """Let every password expire so many seconds after its last change."""
    with administrator(lab) as admin:
        admin.search(lab.base_dn, "(objectClass=domain)", "BASE", attributes=["maxPwdAge"])
        usual = admin.response[0]["raw_attributes"]["maxPwdAge"]
        admin.modify(lab.base_dn, {"maxPwdAge": [(ldap3.MODIFY_REPLACE, [str(-after * 10**7)])]})
        try:
            yield
        finally:
            admin.modify(lab.base_dn, {"maxPwdAge": [(ldap3.MODIFY_REPLACE, usual)]})


def test_an_expired_password_can_be_changed(lab: Lab, directory: ActiveDirectory) -> None:
    person = known(directory.read(lab.add_person(password=PASSWORD).guid))
    old, at = Secret(PASSWORD), directory.prepare(person)
    with passwords_that_expire(lab, after=1):
        time.sleep(1.1)
        assert directory.check_password(person, old) is Outcome.PASSWORD_EXPIRED
        assert directory.change_password(person, NEW, NEW, at=at).outcome is Outcome.WRONG_PASSWORD
        assert directory.change_password(person, old, NEW, at=at).outcome is Outcome.DONE
    assert directory.check_password(person, NEW) is Outcome.DONE


def test_nested_groups_are_seen(directory: ActiveDirectory) -> None:
    assert any(sid.endswith(DOMAIN_ADMINS) for sid in one_of(directory, "mallory").sids)
    assert not any(sid.endswith(DOMAIN_ADMINS) for sid in one_of(directory, "alice").sids)


def test_members_carry_the_sid_of_their_group(lab: Lab, directory: ActiveDirectory) -> None:
    admins = directory.group_sids([f"CN=Domain Admins,CN=Users,{lab.base_dn}"])
    assert admins < one_of(directory, "mallory").sids
    with pytest.raises(LookupError):
        directory.group_sids([f"CN=Users,{lab.base_dn}"])  # a container is no group
    with pytest.raises(LookupError):
        directory.group_sids(["not a DN"])


@pytest.mark.parametrize("domain", ["DC=eu,DC=corp,DC=example", "DC=other,DC=example"])
def test_a_group_of_a_foreign_domain_is_not_found(directory: ActiveDirectory, domain: str) -> None:
    with pytest.raises(LookupError):
        directory.group_sids([f"CN=Operators,{domain}"])


def test_nested_and_primary_group_members_are_counted(lab: Lab, directory: ActiveDirectory) -> None:
    with administrator(lab) as admin:
        everybody = "(&(objectCategory=person)(objectClass=user))"
        admin.search(lab.base_dn, everybody, "SUBTREE", attributes=["cn"])
        people = sum(one["type"] == "searchResEntry" for one in admin.response)
    users = directory.count_members(f"CN=Domain Users,CN=Users,{lab.base_dn}", most=people + 50)
    assert 0 < people - users <= 5  # krbtgt, guest and the like have another primary group
    assert directory.count_members(f"CN=Domain Users,CN=Users,{lab.base_dn}", most=3) == 4
    admins = directory.count_members(f"CN=Administrators,CN=Builtin,{lab.base_dn}", most=50)
    assert admins > directory.count_members(f"CN=Enterprise Admins,CN=Users,{lab.base_dn}", most=50) > 0


def test_an_account_outside_the_scope_is_found_with_its_dn(directory: ActiveDirectory) -> None:
    assert "OU=Outside" in one_of(directory, "charlie").dn


def test_accounts_that_are_not_people_are_marked(directory: ActiveDirectory) -> None:
    assert not one_of(directory, "DC1$").person
    assert one_of(directory, "krbtgt").admin_count


def test_a_pso_applies_to_its_people(directory: ActiveDirectory) -> None:
    ivan = one_of(directory, "ivan")
    rules = directory.policy(ivan)
    assert (rules.min_length, rules.readable, rules.names) == (14, True, ("ivan", "irving"))
    thirteen = Secret("Velvet-orch-1")
    written = directory.reset_password(ivan, thirteen, at=directory.prepare(ivan))
    assert written.outcome is Outcome.REFUSED_BY_POLICY
    assert directory.explain_refusal(ivan, thirteen).policy.min_length == 14


def test_a_pso_that_may_not_be_read_is_reported(lab: Lab, directory: ActiveDirectory) -> None:
    lab.pso_readable(False)
    try:
        ivan = one_of(directory, "ivan")
        assert not directory.policy(ivan).readable
        assert not directory.lockout(ivan).readable
        assert directory.health().state is DirectoryState.DEGRADED
    finally:
        lab.pso_readable(True)
    assert directory.policy(ivan).readable
    assert directory.health().state is DirectoryState.UP


def test_an_account_that_can_not_be_judged_is_named_by_health(lab: Lab, directory: ActiveDirectory) -> None:
    person = known(directory.read(lab.add_person().guid))
    world = RealWorld(lab, directory)
    world.hide(person, "adminCount")
    hidden = known(directory.read(person.guid))
    assert directory.health().state is DirectoryState.UP  # an account that nobody asks for is not reported
    assert [directory.report_unreadable(hidden) for _ in range(2)] == [True, False]
    health = directory.health()
    assert health.state is DirectoryState.DEGRADED
    assert f"{person.dn}: adminCount can't be read; run what `writeback grant` prints" in health.detail
    world.remove_hidden()


@contextmanager
def pso_threshold(lab: Lab, pso: str, threshold: int) -> Iterator[None]:
    """Give a PSO another lockout threshold for a while."""
    with administrator(lab) as admin:
        admin.search(pso, "(objectClass=*)", "BASE", attributes=["msDS-LockoutThreshold"])
        usual = admin.response[0]["raw_attributes"]["msDS-LockoutThreshold"]
        admin.modify(pso, {"msDS-LockoutThreshold": [(ldap3.MODIFY_REPLACE, [str(threshold)])]})
        try:
            yield
        finally:
            admin.modify(pso, {"msDS-LockoutThreshold": [(ldap3.MODIFY_REPLACE, usual)]})


def test_a_threshold_that_shuts_everybody_out_is_named(lab: Lab, directory: ActiveDirectory) -> None:
    lab.set_policy(lockout_threshold=1)
    try:
        health = directory.health()
    finally:
        lab.set_policy(lockout_threshold=5)
    assert health.state is DirectoryState.DEGRADED
    assert "the password policy of the domain locks accounts at the first wrong password" in health.detail
    assert directory.health().state is DirectoryState.UP


def test_a_pso_that_shuts_its_people_out_is_named(lab: Lab, directory: ActiveDirectory) -> None:
    with administrator(lab) as admin:
        admin.search(
            f"CN=Password Settings Container,CN=System,{lab.base_dn}",
            "(objectClass=msDS-PasswordSettings)",
            "SUBTREE",
            attributes=["cn"],
        )
        pso = str(admin.response[0]["dn"])
    with pso_threshold(lab, pso, 1):
        health = directory.health()
    assert health.state is DirectoryState.DEGRADED
    assert f"the password policy {pso} locks accounts at the first wrong password" in health.detail
    with pso_threshold(lab, pso, 2):
        assert directory.health().state is DirectoryState.UP


def test_the_minimum_age_applies_to_a_reset_too(lab: Lab, directory: ActiveDirectory) -> None:
    person = known(directory.read(lab.add_person(password=PASSWORD).guid))
    lab.set_policy(min_age_days=1)
    try:
        written = directory.reset_password(person, NEW, at=directory.prepare(person))
        assert written.outcome is Outcome.REFUSED_BY_POLICY
        told = directory.explain_refusal(person, NEW)
        assert [rule.value for rule in told.rules] == ["min-age"]
        assert told.changeable_at == directory.changeable_at(person, by_reset=True)
        assert 86_000 < told.changeable_at - time.time() <= 86_401
    finally:
        lab.set_policy(min_age_days=0)


def test_the_minimum_age_of_the_domain_is_known_before_a_change_is_sent(
    lab: Lab, directory: ActiveDirectory
) -> None:
    person = known(directory.read(lab.add_person(password=PASSWORD).guid))
    old, at = Secret(PASSWORD), directory.prepare(person)
    assert directory.changeable_at(person, by_reset=False) == 0
    lab.set_policy(min_age_days=1)
    try:
        due = directory.changeable_at(person, by_reset=False)
        assert 86_000 < due - time.time() <= 86_401
        assert directory.change_password(person, old, NEW, at=at).outcome is Outcome.REFUSED_BY_POLICY
        must_change = known(directory.read(lab.add_person(password=PASSWORD, must_change=True).guid))
        assert directory.changeable_at(must_change, by_reset=False) == 0
        changed = directory.change_password(must_change, old, NEW, at=directory.prepare(must_change))
        assert changed.outcome is Outcome.DONE
    finally:
        lab.set_policy(min_age_days=0)
    assert directory.change_password(person, old, NEW, at=at).outcome is Outcome.DONE


def test_the_minimum_age_of_a_pso_replaces_the_domains(lab: Lab, directory: ActiveDirectory) -> None:
    ivan = one_of(directory, "ivan")  # whose PSO has none
    lab.set_policy(min_age_days=1)
    try:
        assert directory.policy(None).min_age == 86_400
        assert directory.changeable_at(ivan, by_reset=True) == 0
    finally:
        lab.set_policy(min_age_days=0)


def test_the_longest_observation_window_covers_the_domains(lab: Lab, directory: ActiveDirectory) -> None:
    with administrator(lab) as admin:
        admin.search(lab.base_dn, "(objectClass=domain)", "BASE", attributes=["lockOutObservationWindow"])
        (domain,) = admin.response[0]["raw_attributes"]["lockOutObservationWindow"]
    assert directory.longest_window() >= -int(domain) // 10**7 > 0


def test_a_missing_right_is_reported_and_nothing_is_changed(lab: Lab, directory: ActiveDirectory) -> None:
    admin = one_of(directory, "Administrator")
    before = directory.prepare(admin)
    written = directory.reset_password(admin, NEW, at=before)
    assert written.outcome is Outcome.DIRECTORY_REFUSED
    assert "insufficientAccessRights" in written.detail
    assert directory.pwd_last_set_on(before.dc, admin.guid) == before.pwd_last_set


def test_a_renamed_account_is_still_found_and_reset(lab: Lab, directory: ActiveDirectory) -> None:
    person = lab.add_person(password=PASSWORD)
    account = known(directory.read(person.guid))
    with administrator(lab) as admin:
        admin.modify_dn(person.dn, f"CN=Größe\\, Ämne #1 {person.name}")
    assert directory.reset_password(account, NEW, at=directory.prepare(account)).outcome is Outcome.DONE
    now = known(directory.read(person.guid))
    assert "Größe" in now.dn
    assert directory.check_password(now, NEW) is Outcome.DONE


def test_a_long_answer_is_read_in_pages(lab: Lab) -> None:
    settings = adapter_settings(lab)
    with closing(Pool(settings)) as pool, pool.link(pool.hosts[0], deadline=pool.deadline()) as link:
        staff, people, cookie = f"OU=Staff,{lab.base_dn}", "(objectCategory=person)", b""
        _, whole = link.search(staff, people, ["objectGUID"], scope=SUBTREE)
        pages = list[list[Entry]]()
        while cookie or not pages:
            reply, page = link.search(staff, people, ["objectGUID"], scope=SUBTREE, page=(4, cookie))
            pages.append(page)
            cookie = reply.cookie
    assert [entry for page in pages for entry in page] == whole
    assert {len(page) for page in pages[:-1]} == {4}


def test_an_account_that_was_moved_out_of_reach_is_refused(lab: Lab, directory: ActiveDirectory) -> None:
    person = lab.add_person(password=PASSWORD)
    account = known(directory.read(person.guid))
    with administrator(lab) as admin:
        admin.modify_dn(person.dn, person.dn.partition(",")[0], new_superior=f"OU=Outside,{lab.base_dn}")
    assert "OU=Outside" in known(directory.read(person.guid)).dn
    written = directory.reset_password(account, NEW, at=directory.prepare(account))
    assert written.outcome is Outcome.DIRECTORY_REFUSED
    assert directory.check_password(known(directory.read(person.guid)), Secret(PASSWORD)) is Outcome.DONE


def test_a_deleted_account_is_neither_found_nor_written(lab: Lab, directory: ActiveDirectory) -> None:
    person = lab.add_person(password=PASSWORD)
    account = known(directory.read(person.guid))
    before = directory.prepare(account)
    with administrator(lab) as admin:
        admin.delete(person.dn)
    assert directory.read(person.guid) is None
    assert directory.find(person.name) is None
    assert directory.pwd_last_set_on(before.dc, person.guid) is None
    assert directory.reset_password(account, NEW, at=before).outcome is Outcome.ACCOUNT_GONE
    assert (
        directory.change_password(account, Secret(PASSWORD), NEW, at=before).outcome is Outcome.ACCOUNT_GONE
    )


def test_a_mail_address_of_two_accounts_finds_nobody(lab: Lab, directory: ActiveDirectory) -> None:
    shared = "shared@mail.example"
    first = lab.add_person(mail=shared)
    assert one_of(directory, shared).guid == first.guid
    lab.add_person(mail=shared)
    assert directory.find(shared) is None


def test_a_upn_that_is_another_persons_mail_address_is_ambiguous(
    lab: Lab, directory: ActiveDirectory
) -> None:
    owner = lab.add_person()
    shared = f"{owner.name}@corp.example"
    other = lab.add_person(mail=shared)
    assert set(directory.matches(directory.canonical(shared))) == {owner.guid, other.guid}
    assert directory.find(shared) is None
    assert one_of(directory, owner.name).guid == owner.guid
