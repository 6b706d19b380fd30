"""What every `ports.Directory` does, shown on a real AD and on the one in memory."""

import time
from dataclasses import replace

import pytest

from tests.contracts.conftest import PASSWORD, World, known
from writeback.directory.readable import NOT_ON_ALL, OF_LOCKOUT, ON_EVERY_ACCOUNT
from writeback.envelope.answers import DirectoryState, Outcome, Rule
from writeback.envelope.secret import Secret
from writeback.ports import Account, DistributionGroup, Lockout

pytestmark = pytest.mark.slow

OLD, NEW = Secret(PASSWORD), Secret("Velvet-orchard-8812")
WRONG, WEAK = Secret("Not-my-passw0rd"), Secret("Ab1-x")
NOBODY = bytes(range(16))
# Without objectClass an account is not even found, just as by anybody who may not see it.
HIDEABLE = [name for name in (*ON_EVERY_ACCOUNT, *NOT_ON_ALL) if name != "objectClass"]


def test_a_person_is_found_by_each_name_they_have(world: World) -> None:
    person = world.person()
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in person.name)
    names = [person.name, person.name.upper(), f"CORP\\{person.name}", person.upn, person.mail]
    names += [f"corp/{person.name}", f"{person.name}@corp.example", f"\u200b{person.name}.", wide]
    for name in names:
        assert known(world.directory.find(name)).guid == person.guid, ascii(name)


def test_a_name_finds_all_who_have_it(world: World) -> None:
    first, second = world.person(), world.person()
    for person in (first, second):
        assert world.directory.matches(world.directory.canonical(person.upn)) == (person.guid,)
    assert world.directory.matches(world.directory.canonical("nobody-here")) == ()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "*",
        ")(uid=*",
        "\\2a",
        "x" * 10_000,
        "b\0b",
        "EVIL\\bob",
        "bob@evil.example",
        "b\u200bob",
        "nobody-here",
    ],
    ids=ascii,
)
def test_a_name_that_nobody_has_finds_nobody(world: World, name: str) -> None:
    assert world.directory.find(name) is None


def test_an_account_is_read_by_its_guid(world: World) -> None:
    person = world.person()
    found = known(world.directory.read(person.guid))
    assert found == known(world.directory.find(person.name))
    assert (found.directory, found.guid, found.name) == (world.directory.id, person.guid, person.name)
    assert found.person
    assert not any((found.disabled, found.locked, found.expired, found.must_change, found.admin_count))
    assert world.directory.lockout(found) == Lockout(bad_passwords=0, threshold=5)


def test_a_read_does_other_work_while_it_waits(world: World) -> None:
    person, done = world.person(), list[str]()
    assert world.directory.read(person.guid, meanwhile=lambda: done.append("once")) is not None
    assert world.directory.read(NOBODY, meanwhile=lambda: done.append("twice")) is None
    assert done == ["once", "twice"]


def test_an_unknown_guid_reads_no_account(world: World) -> None:
    assert world.directory.read(NOBODY) is None
    assert world.directory.pwd_last_set_on(_dc(world), NOBODY) is None
    assert not world.directory.is_locked_on(_dc(world), NOBODY)


def test_a_group_that_does_not_exist_is_named_in_the_error(world: World) -> None:
    with pytest.raises(LookupError) as raised:
        world.directory.group_sids(["CN=nobody-here,DC=corp,DC=example"])
    assert raised.value.args == ("CN=nobody-here,DC=corp,DC=example",)


def test_members_carry_the_sid_of_a_security_group(world: World) -> None:
    person = world.person()
    dn = world.group(person, for_mail=False)
    assert world.directory.group_sids([dn]) < known(world.directory.read(person.guid)).sids


def test_people_of_a_group_are_counted_up_to_a_cap(world: World) -> None:
    dn = world.group(world.person(), for_mail=False)
    assert world.directory.count_members(dn, most=5) == 1
    assert world.directory.count_members(dn, most=0) == 1


def test_a_distribution_group_adds_no_sid_and_raises_an_error_of_its_own(world: World) -> None:
    person = world.person()
    dn = world.group(person, for_mail=True)
    assert known(world.directory.read(person.guid)).sids == person.sids
    with pytest.raises(DistributionGroup) as raised:
        world.directory.group_sids([dn])
    assert raised.value.args == (dn,)


def test_locked_disabled_and_must_change_are_read(world: World) -> None:
    assert world.person(locked=True).locked
    assert world.person(disabled=True).disabled
    assert world.person(must_change=True).must_change


@pytest.mark.parametrize("attribute", HIDEABLE)
def test_an_attribute_that_may_not_be_read_is_named(world: World, attribute: str) -> None:
    person = world.person()
    world.hide(person, attribute)
    assert known(world.directory.read(person.guid)).unreadable == (attribute,)


@pytest.mark.parametrize("attribute", OF_LOCKOUT)
def test_hidden_lockout_attributes_are_named(world: World, attribute: str) -> None:
    person = world.person()
    assert world.directory.lockout(person).readable
    world.hide(person, attribute)
    assert not world.directory.lockout(person).readable
    assert known(world.directory.read(person.guid)).unreadable == ()


def test_the_right_password_is_accepted_and_a_wrong_one_is_not(world: World) -> None:
    person = world.person()
    assert world.directory.check_password(person, OLD) is Outcome.DONE
    assert world.directory.check_password(person, WRONG) is Outcome.WRONG_PASSWORD


def test_a_wrong_password_is_counted(world: World) -> None:
    person = world.person()
    world.directory.check_password(person, WRONG)
    world.directory.check_password(person, WRONG)
    assert world.directory.lockout(person).bad_passwords == 2


@pytest.mark.parametrize(
    "password", ["", " ", "\0", f"{PASSWORD}\0", f"{PASSWORD} ", f" {PASSWORD}"], ids=ascii
)
def test_an_almost_right_password_is_wrong(world: World, password: str) -> None:
    assert world.directory.check_password(world.person(), Secret(password)) is Outcome.WRONG_PASSWORD


def test_with_the_right_password_the_state_that_keeps_people_out_is_reported(world: World) -> None:
    check = world.directory.check_password
    assert check(world.person(locked=True), OLD) is Outcome.ACCOUNT_LOCKED
    assert check(world.person(disabled=True), OLD) is Outcome.ACCOUNT_DISABLED
    assert check(world.person(must_change=True), OLD) is Outcome.MUST_CHANGE


def test_a_locked_account_answers_a_wrong_password_like_a_right_one(world: World) -> None:
    assert world.directory.check_password(world.person(locked=True), WRONG) is Outcome.ACCOUNT_LOCKED


def test_must_change_is_not_reported_with_a_wrong_password(world: World) -> None:
    assert world.directory.check_password(world.person(must_change=True), WRONG) is Outcome.WRONG_PASSWORD


def test_after_a_reset_the_new_password_is_accepted(world: World) -> None:
    person = world.person()
    before = world.directory.prepare(person)
    assert (before.pwd_last_set, before.locked) == (person.pwd_last_set, False)
    written = world.directory.reset_password(person, NEW, at=before)
    assert (written.outcome, written.unlocked) == (Outcome.DONE, False)
    assert world.directory.check_password(person, NEW) is Outcome.DONE


def test_a_reset_sets_the_time_of_the_last_change_to_now(world: World) -> None:
    person = world.person()
    before = world.directory.prepare(person)
    world.directory.reset_password(person, NEW, at=before)
    after = world.directory.pwd_last_set_on(before.dc, person.guid)
    assert after is not None
    assert after > before.pwd_last_set
    assert abs((after - 116_444_736_000_000_000) / 10**7 - time.time()) < 60


def test_a_reset_unlocks_a_locked_account(world: World) -> None:
    person = world.person(locked=True)
    before = world.directory.prepare(person)
    assert before.locked
    written = world.directory.reset_password(person, NEW, at=before)
    assert (written.outcome, written.unlocked) == (Outcome.DONE, True)
    assert not world.directory.is_locked_on(before.dc, person.guid)
    assert world.directory.check_password(person, NEW) is Outcome.DONE


def test_a_refused_reset_changes_nothing_and_says_which_rule(world: World) -> None:
    person = world.person(locked=True)
    before = world.directory.prepare(person)
    written = world.directory.reset_password(person, WEAK, at=before)
    assert (written.outcome, written.unlocked) == (Outcome.REFUSED_BY_POLICY, False)
    assert "0000052D" in written.detail
    told = world.directory.explain_refusal(person, WEAK)
    assert (told.rules, told.length, told.policy.min_length) == ((Rule.MIN_LENGTH,), 5, 8)
    assert world.directory.is_locked_on(before.dc, person.guid)
    assert world.directory.pwd_last_set_on(before.dc, person.guid) == before.pwd_last_set


def test_a_reset_to_an_earlier_password_is_refused(world: World) -> None:
    person = world.person()
    for new, outcome in (
        (NEW, Outcome.DONE),
        (OLD, Outcome.REFUSED_BY_POLICY),
        (NEW, Outcome.REFUSED_BY_POLICY),
    ):
        assert _reset(world, person, new) is outcome
    assert world.directory.explain_refusal(person, OLD).rules == (Rule.HISTORY_OR_FILTER,)


def test_the_persons_own_name_in_a_refused_password_is_reported(world: World) -> None:
    person = world.person()
    named = Secret(f"{person.name}-Ab1")
    assert world.directory.explain_refusal(person, named).rules == (Rule.NAME_IN_PASSWORD,)
    assert person.name.lower() in world.directory.policy(person).names


def test_the_rules_of_the_domain_contain_no_names(world: World) -> None:
    rules = world.directory.policy(None)
    assert (rules.min_length, rules.complexity, rules.history, rules.names) == (8, True, 5, ())


HOSTILE = [
    " Outer-blanks-1 ",
    "Quotes\"'`”-1a",
    "\"; $(id) %PATH% & | `whoami` 'Aa1",
    "Tab\tand\nnewline-1",
    "Emoji-😀-👩‍🚀-1a",
    "Combining-e\u0301-\u0301a1",
    "Composed-é-ﬁ-\u00ad1a",
    "Пароль-密码-1a",
    "\ufeffByte-order-1a\u202e",
    "Aa1-" + "x" * 123,
    "Aa1-" + "x" * 124,
    "Aa1-" + "😀" * 62,
]


@pytest.mark.parametrize("password", HOSTILE, ids=ascii)
def test_every_password_arrives_exactly_as_it_was_typed(world: World, password: str) -> None:
    person = world.person()
    assert _reset(world, person, Secret(password)) is Outcome.DONE
    assert world.directory.check_password(person, Secret(password)) is Outcome.DONE
    for almost in (password + " ", password[:-1], password.strip() + "\u00a0"):
        assert world.directory.check_password(person, Secret(almost)) is Outcome.WRONG_PASSWORD


@pytest.mark.parametrize(
    "password", ["", "Aa1-\0-after-nul", "Aa1-\ud83d-half", "Aa1-" + "x" * 125], ids=ascii
)
def test_a_password_that_ad_cannot_hold_is_refused(world: World, password: str) -> None:
    person = world.person()
    at = world.directory.prepare(person)
    assert _reset(world, person, Secret(password)) is Outcome.UNUSABLE_PASSWORD
    written = world.directory.change_password(person, OLD, Secret(password), at=at)
    assert written.outcome is Outcome.UNUSABLE_PASSWORD
    assert world.directory.check_password(person, OLD) is Outcome.DONE


def test_a_change_takes_the_old_password_and_sets_the_new_one(world: World) -> None:
    person = world.person()
    assert _change(world, person, OLD, NEW) is Outcome.DONE
    assert world.directory.check_password(person, NEW) is Outcome.DONE


def test_a_change_with_a_wrong_old_password_changes_nothing(world: World) -> None:
    person = world.person()
    for wrong in (WRONG, Secret(""), Secret("\0"), Secret(PASSWORD + " ")):
        assert _change(world, person, wrong, NEW) is Outcome.WRONG_PASSWORD
    assert world.directory.pwd_last_set_on(_dc(world), person.guid) == person.pwd_last_set
    assert world.directory.check_password(person, OLD) is Outcome.DONE


def test_a_person_who_must_change_can_change_the_password(world: World) -> None:
    person = world.person(must_change=True)
    assert _change(world, person, WRONG, NEW) is Outcome.WRONG_PASSWORD
    assert _change(world, person, OLD, NEW) is Outcome.DONE
    assert world.directory.check_password(person, NEW) is Outcome.DONE


def test_a_change_must_meet_the_rules(world: World) -> None:
    person = world.person()
    assert _change(world, person, OLD, WEAK) is Outcome.REFUSED_BY_POLICY
    assert _change(world, person, OLD, OLD) is Outcome.REFUSED_BY_POLICY


def test_a_locked_person_cannot_change(world: World) -> None:
    assert _change(world, world.person(locked=True), OLD, NEW) is Outcome.ACCOUNT_LOCKED


def test_an_unlock_keeps_the_password_and_resets_the_count(world: World) -> None:
    person = world.person(locked=True)
    before = world.directory.prepare(person)
    written = world.directory.unlock(person, at=before)
    assert (written.outcome, written.unlocked) == (Outcome.DONE, True)
    after = known(world.directory.read(person.guid))
    assert (after.locked, after.pwd_last_set) == (False, before.pwd_last_set)
    assert world.directory.lockout(person).bad_passwords == 0
    assert world.directory.check_password(person, OLD) is Outcome.DONE


def test_an_unlock_of_an_open_account_reports_that_it_is_not_locked(world: World) -> None:
    person = world.person()
    written = world.directory.unlock(person, at=world.directory.prepare(person))
    assert (written.outcome, written.unlocked) == (Outcome.NOT_LOCKED, False)


def test_a_reset_uses_the_guid_and_not_a_stale_dn(world: World) -> None:
    person = replace(world.person(), dn="CN=Moved Away,DC=corp,DC=example")
    assert _reset(world, person, NEW) is Outcome.DONE


def test_a_healthy_directory_is_up(world: World) -> None:
    health = world.directory.health()
    assert (health.state, health.directory, health.detail) == (DirectoryState.UP, world.directory.id, "")
    assert health.dc == "dc1.corp.example"
    assert health.policy_hints
    assert health.certificate_days > 0


def _dc(world: World) -> str:
    return world.directory.health().dc


def _reset(world: World, person: Account, new: Secret) -> Outcome:
    return world.directory.reset_password(person, new, at=world.directory.prepare(person)).outcome


def _change(world: World, person: Account, old: Secret, new: Secret) -> Outcome:
    return world.directory.change_password(person, old, new, at=world.directory.prepare(person)).outcome
