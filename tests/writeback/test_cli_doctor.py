"""The doctor against a real Active Directory, Redis and relay: well, and with one thing wrong at a time."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.demo.mailbox import Mailbox
from deploy.demo.redis import RedisServer
from deploy.lab import Lab
from deploy.lab.accounts import Directory as LabDirectory
from tests.contracts.conftest import administrator
from tests.fakes.descriptors import ALLOW, ace, descriptor, entries_of
from tests.writeback.worker_files import WorkerFiles
from writeback.cli.delegation import on_people, samba
from writeback.cli.doctor import broker, directories
from writeback.cli.doctor.examining import examine
from writeback.envelope.findings import Finding, Level
from writeback.envelope.keyring import SigningKey
from writeback.envelope.pairing import write_portal_enrolment

READ_ALL = 0x20014
PORTAL = SigningKey.generate()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = WorkerFiles(tmp_path_factory.mktemp("site"))
    text = write_portal_enrolment(PORTAL)
    assert made.run("setup", "--portal", text, "--fingerprint", PORTAL.public.fingerprint) == 0
    return made.folder / "keys"


@pytest.fixture
def files(tmp_path: Path, keys: Path, lab: Lab, redis_server: RedisServer, mailbox: Mailbox) -> WorkerFiles:
    # Each test has a state of its own.
    shutil.copytree(keys, tmp_path / "keys", ignore=shutil.ignore_patterns("state.id"))
    made = WorkerFiles(tmp_path)
    made.connect(lab, redis_server, mailbox)
    return made


def closed(directory: LabDirectory, dn: str) -> bytes:
    """Return the object's own access list without what it takes over from above, and closed against that."""
    (whole,) = directory.read(dn, "nTSecurityDescriptor")["nTSecurityDescriptor"]
    inherited = 0x10  # INHERITED_ACE, MS-DTYP 2.4.4.1
    own = (one for one in entries_of(whole) if not one[1] & inherited)
    # Everybody may read all of it, as AdminSDHolder lets them read administrators.
    return descriptor(*own, ace(ALLOW, "S-1-5-11", READ_ALL), protected=True)


def failures(found: Iterable[Finding]) -> list[str]:
    return [finding.says for finding in found if finding.level is Level.FAILURE]


def test_a_site_that_is_well_has_nothing_to_be_put_right(files: WorkerFiles) -> None:
    files.replace(f'run = "{files.folder}/run"', 'run = "/dev/shm/keyback"')

    found = examine(files.config())

    assert failures(found) == []
    assert len(found) > 12


def test_the_report_names_the_fix_and_no_secret(
    files: WorkerFiles, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    files.secret("directory", "wrong-hush")

    assert files.run("doctor") == 2
    printed = capsys.readouterr().out
    assert "  FAIL  directory corp: dc1.corp.example refused the service account" in printed
    assert "        -> correct [[directory]] of corp" in printed
    assert "hush" not in printed
    assert lab.service_password not in printed


def test_prekeys_on_a_disk_are_noticed(files: WorkerFiles) -> None:
    files.replace(f'run = "{files.folder}/run"', 'run = "/var/lib/keyback"')

    assert any("is on a disk" in what for what in failures(examine(files.config())))


def test_a_lockout_threshold_that_shuts_everybody_out_is_named_with_its_cure(
    files: WorkerFiles, lab: Lab
) -> None:
    lab.set_policy(lockout_threshold=1)
    try:
        found = list(directories.checks(files.config()))
    finally:
        lab.set_policy(lockout_threshold=5)
    (check,) = [check for check in found if check.level is not Level.OK]
    assert check.says.startswith("the password policy of the domain locks accounts at the first wrong")
    assert check.mend == (
        "Set-ADDefaultDomainPasswordPolicy -Identity 'DC=corp,DC=example' -LockoutThreshold 10"
    )


def test_a_switched_off_site_is_noticed(files: WorkerFiles) -> None:
    files.run("disable")

    assert "writeback is switched off" in failures(examine(files.config()))


def test_a_redis_that_lets_the_worker_do_too_much_is_noticed(
    files: WorkerFiles, redis_server: RedisServer
) -> None:
    files.replace('username = "writeback-w1"', 'username = "admin"')
    admin = redis_server.client()
    password = admin.connection_pool.connection_kwargs["password"]
    admin.close()
    files.secret("redis", password)

    (told,) = failures(list(broker.checks(files.config())))
    assert "list all keys" in told
    assert "read answers" in told


def test_the_redis_user_of_another_worker_is_noticed(files: WorkerFiles, redis_server: RedisServer) -> None:
    files.replace('username = "writeback-w1"', 'username = "writeback-w2"')
    files.secret("redis", redis_server.workers["w2"].password)

    (told,) = failures(list(broker.checks(files.config())))
    assert told == "Redis does not let this worker do all that it must"


def test_a_wrong_redis_password_is_noticed(files: WorkerFiles) -> None:
    files.secret("redis", "wrong")

    assert failures(list(broker.checks(files.config()))) == ["Redis refuses this user or its password"]


def test_a_redis_that_lets_anybody_in_is_noticed(files: WorkerFiles, redis_server: RedisServer) -> None:
    with redis_server.client() as admin:
        admin.execute_command("ACL", "SETUSER", "default", "on", "nopass", "+@all", "~*")
        try:
            told = failures(list(broker.checks(files.config())))
        finally:
            admin.execute_command("ACL", "SETUSER", "default", "off", "resetpass", "-@all", "resetkeys")
    assert told == ["Redis answers without a password"]


def test_a_redis_that_is_not_there_is_noticed(files: WorkerFiles) -> None:
    files.replace(files.config().redis.url, "rediss://127.0.0.1:1/0")

    (told,) = failures(list(broker.checks(files.config())))
    assert told.startswith("Redis at rediss://")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("CN=Keyback-Admins", "CN=Nobody", "[scope] operators: CN=Nobody"),
        ("OU=Staff,DC=corp", "OU=Nowhere,DC=corp", "[scope] bases: OU=Nowhere"),
        ("OU=Staff,DC=corp", "OU=Outside,DC=corp", "no right to write lockoutTime, write pwdLastSet, Reset"),
        ("dc1.corp.example@", "dc9.corp.example@", "certificate"),
    ],
)
def test_a_name_or_right_that_is_wrong_in_the_directory_is_noticed(
    files: WorkerFiles, old: str, new: str, told: str
) -> None:
    files.replace(old, new)

    assert any(told in what for what in failures(list(directories.checks(files.config()))))


def test_a_finer_password_policy_that_can_not_be_read_is_noticed(files: WorkerFiles, lab: Lab) -> None:
    lab.pso_readable(readable=False)
    found = failures(list(directories.checks(files.config())))
    lab.pso_readable(readable=True)

    assert any("applies to some and can't be read" in what for what in found)


def test_a_place_that_takes_nothing_over_is_named_with_what_mends_it(files: WorkerFiles, lab: Lab) -> None:
    place = f"OU=O'Closed,OU=Staff,{lab.base_dn}"
    with administrator(lab) as admin:
        directory = LabDirectory(admin)
        directory.add(place, "organizationalUnit")
        directory.replace(place, {"nTSecurityDescriptor": closed(directory, place)})
    assert failures(list(directories.checks(files.config()))) == []  # it has nobody in it
    person = lab.add_person(ou="O'Closed,OU=Staff")

    (found,) = [check for check in directories.checks(files.config()) if check.level is not Level.OK]
    assert found.says.startswith(
        f"{place}: takes no rights over from above, and gives none to write lockoutTime"
    )
    assert "(user)" in found.says
    assert "writeback grant --on 'OU=O'\\''Closed," in found.mend

    rights = list(on_people(place))
    lab.run_as_root(samba(lab.service_dn, lab.base_dn, rights, revoke=False))
    assert failures(list(directories.checks(files.config()))) == []
    with administrator(lab) as admin:
        admin.delete(person.dn)
        admin.delete(place)


def test_a_person_who_takes_nothing_over_is_named(files: WorkerFiles, lab: Lab) -> None:
    person = lab.add_person()
    with administrator(lab) as admin:
        directory = LabDirectory(admin)
        directory.replace(person.dn, {"nTSecurityDescriptor": closed(directory, person.dn)})

    (found,) = [check for check in directories.checks(files.config()) if check.level is not Level.OK]
    assert found.says.startswith(f"{person.dn}: takes no rights over from above")
    assert "Reset Password" in found.says
    assert "switch its inheritance" in found.mend
    with administrator(lab) as admin:
        LabDirectory(admin).replace(person.dn, {"adminCount": "1"})
    assert failures(list(directories.checks(files.config()))) == []
    with administrator(lab) as admin:
        admin.delete(person.dn)


def test_people_of_the_other_class_are_looked_at_too(files: WorkerFiles, lab: Lab) -> None:
    """An entry for the class user says nothing of an inetOrgPerson."""
    unit, person = f"OU=Inet,{lab.base_dn}", f"CN=inet-org-2,OU=Inet,{lab.base_dn}"
    with administrator(lab) as admin:
        directory = LabDirectory(admin)
        directory.add(unit, "organizationalUnit")
        directory.add(person, "inetOrgPerson", {"sAMAccountName": "inet-org-2", "sn": "x"})
    rights = [right for right in on_people(unit) if right.heirs == "user"]
    lab.run_as_root(samba(lab.service_dn, lab.base_dn, rights, revoke=False))
    files.replace("OU=Staff,DC=corp", "OU=Inet,DC=corp")

    (told,) = failures(list(directories.checks(files.config())))
    assert told.startswith(f"{unit}: no right to write lockoutTime, write pwdLastSet, Reset Password")
    assert told.endswith("of people (inetOrgPerson)")
    with administrator(lab) as admin:
        admin.delete(person)
        admin.delete(unit)


def test_in_a_hardened_domain_each_attribute_that_is_hidden_is_named(files: WorkerFiles, lab: Lab) -> None:
    with lab.hardened():
        assert failures(list(directories.checks(files.config()))) == []
        files.replace("OU=Staff,DC=corp", "OU=Outside,DC=corp")
        told, *_ = failures(list(directories.checks(files.config())))
    hidden = {
        *("tokenGroups", "userAccountControl", "accountExpires", "pwdLastSet", "adminCount"),
        *("msDS-User-Account-Control-Computed", "badPwdCount", "badPasswordTime", "msDS-ResultantPSO"),
    }
    assert {name for name in hidden if f"read {name}" in told} == hidden
    assert "read mail" not in told


def test_a_group_that_protects_nobody_is_noticed(files: WorkerFiles, lab: Lab) -> None:
    dn = f"CN=Mailing,OU=Groups,{lab.base_dn}"
    with administrator(lab) as admin:
        LabDirectory(admin).add(dn, "group", {"sAMAccountName": "mailing", "groupType": "2"})
    files.replace("CN=Keyback-Admins", "CN=Mailing")

    (told,) = failures(list(directories.checks(files.config())))
    assert told == f"[scope] operators: {dn} is a distribution group, so it protects nobody"
    with administrator(lab) as admin:
        admin.delete(dn)


def test_a_relay_that_is_away_is_noticed(files: WorkerFiles, mailbox: Mailbox) -> None:
    files.replace(f"port = {mailbox.port}\n", "port = 1\n")

    assert any("mail relay 127.0.0.1:1" in what for what in failures(examine(files.config())))


def test_a_wrong_configuration_is_all_that_is_told(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    files.replace('name = "main"', "name = 1")
    files.replace("deny_spn = true", "deny_spn = 1")

    assert files.run("doctor") == 2
    assert capsys.readouterr().out.count("FAIL") == 2
