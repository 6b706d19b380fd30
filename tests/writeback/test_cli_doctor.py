"""What the doctor says of rights in a real Active Directory; each thing that breaks is in tests/doctor."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from deploy.dev.lab.accounts import Directory as LabDirectory
from tests.contracts.conftest import administrator
from tests.fakes.descriptors import ALLOW, ace, descriptor, entries_of
from tests.writeback.worker_files import WorkerFiles
from writeback.cli.delegation import on_people, samba
from writeback.cli.doctor import directories
from writeback.envelope.findings import Finding, Level

READ_ALL = 0x20014


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = WorkerFiles(tmp_path_factory.mktemp("site"))
    made.pair()
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


def test_the_report_names_the_fix_and_no_secret(
    files: WorkerFiles, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    files.secret("directory", "wrong-hush")

    assert files.run("doctor") == 2
    printed = capsys.readouterr().out
    assert "  FAIL  directory corp: dc1.corp.example refuses the name or password of the service" in printed
    assert "        -> write the right one into the file of [[directory]] password_file" in printed
    assert "hush" not in printed
    assert lab.service_password not in printed


def test_a_person_without_inherited_rights_is_named(files: WorkerFiles, lab: Lab) -> None:
    person = lab.add_person()
    with administrator(lab) as admin:
        directory = LabDirectory(admin)
        directory.replace(person.dn, {"nTSecurityDescriptor": closed(directory, person.dn)})

    (found,) = [check for check in directories.checks(files.config()) if check.level is not Level.OK]
    assert found.says.startswith(f"{person.dn}: inherits no rights")
    assert "Reset Password" in found.says
    assert "enable its inheritance" in found.mend
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
    with lab.harden():
        assert failures(list(directories.checks(files.config()))) == []
        files.replace("OU=Staff,DC=corp", "OU=Outside,DC=corp")
        told, *_ = failures(list(directories.checks(files.config())))
    hidden = {
        *("tokenGroups", "userAccountControl", "accountExpires", "pwdLastSet", "adminCount"),
        *("msDS-User-Account-Control-Computed", "badPwdCount", "badPasswordTime", "msDS-ResultantPSO"),
    }
    assert {name for name in hidden if f"read {name}" in told} == hidden
    assert "read mail" not in told
