"""What can be broken in the service account's rights, and in the policies that it reads."""

from collections.abc import Iterable

from deploy.dev.lab.accounts import Directory
from tests.contracts.conftest import administrator
from tests.doctor.case import Bench, Cases, objects
from tests.fakes.descriptors import ALLOW, CONTROL, DENY, ace, descriptor, entries_of, with_first
from writeback.cli.delegation import on_people, samba
from writeback.cli.doctor import directories, rights
from writeback.directory.attributes import sid
from writeback.envelope.findings import Finding, Level

FAILURE = Level.FAILURE
GRANT = "run what `writeback grant` prints, as an admin of the domain"
READ_ALL = 0x20014
DESCRIPTOR = "nTSecurityDescriptor"
CASES = case = Cases()


@case(
    "a DN in `[scope] bases` that does not exist",
    "rights.base",
    FAILURE,
    "[scope] bases: OU=Nowhere,DC=corp,DC=example does not exist, or the service account can't see it",
    "correct the name, or let the account list it",
    needs=["lab"],
)
def _no_base(bench: Bench) -> Iterable[Finding]:
    return _in_another_base(bench, "OU=Nowhere")


@case(
    "rights that were not granted",
    "rights.people",
    FAILURE,
    "OU=Outside,DC=corp,DC=example: no right to write lockoutTime, write pwdLastSet, Reset "
    "Password… of people (user)",
    GRANT,
    needs=["lab"],
)
def _no_rights(bench: Bench) -> Iterable[Finding]:
    return _in_another_base(bench, "OU=Outside")


@case(
    "a hardened domain (Pre-Windows 2000 Compatible Access is empty), and no rights to read",
    "rights.people",
    FAILURE,
    "OU=Outside,DC=corp,DC=example: no right to … read tokenGroups, …read userAccountControl, … of "
    "people (user)",
    GRANT,
    needs=["lab"],
)
def _hardened(bench: Bench) -> Iterable[Finding]:
    with bench.lab.harden():
        return _in_another_base(bench, "OU=Outside")


@case(
    "a unit that inherits no rights",
    "rights.places",
    FAILURE,
    "OU=O'Closed,OU=Staff,DC=corp,DC=example: inherits no rights, and gives none to … of people (user)",
    "run what `writeback grant --on 'OU=O'\\''Closed,…'` prints, or enable its inheritance",
    needs=["lab"],
)
def _closed_place(bench: Bench) -> Iterable[Finding]:
    lab, place = bench.lab, f"OU=O'Closed,OU=Staff,{bench.lab.base_dn}"
    person = f"CN=In Closed,{place}"
    with objects(bench, (place, "organizationalUnit", {}), (person, "user", {"sAMAccountName": "in-closed"})):
        with administrator(lab) as admin:
            _close(Directory(admin), place)
        found = bench.look(directories.checks)
        lab.run_as_root(samba(lab.service_dn, lab.base_dn, list(on_people(place)), revoke=False))
        assert not any(one.check == "rights.places" and one.mend for one in bench.look(directories.checks))
        return found


@case(
    "a person who inherits no rights",
    "rights.persons",
    FAILURE,
    "CN=Orphan,OU=Staff,DC=corp,DC=example: inherits no rights, so there is none to …Reset Password…",
    "if this is not an administrator (adminCount is not 1), enable its inheritance of permissions",
    needs=["lab"],
)
def _orphan(bench: Bench) -> Iterable[Finding]:
    person = f"CN=Orphan,OU=Staff,{bench.lab.base_dn}"
    with objects(bench, (person, "user", {"sAMAccountName": "orphan"})), administrator(bench.lab) as admin:
        _close(Directory(admin), person)
        return bench.look(directories.checks)


@case(
    "more than twenty such units or people",
    "rights.more",
    FAILURE,
    "OU=Staff,DC=corp,DC=example: 3 more are like that",
    "fix those, and run this again",
)
def _many(_: Bench) -> Iterable[Finding]:
    like = Finding(check="rights.persons", level=FAILURE, says="one", mend="mend it")
    return rights.first([like] * (rights.MOST_NAMED + 3), "OU=Staff,DC=corp,DC=example")


@case(
    "no right to unexpire passwords",
    "rights.unexpire",
    FAILURE,
    "DC=corp,DC=example: no right to Unexpire Password, so each new password would expire at once",
    GRANT,
    needs=["lab"],
)
def _no_unexpire(bench: Bench) -> Iterable[Finding]:
    lab = bench.lab
    with administrator(lab) as admin:
        directory = Directory(admin)
        (whole,) = directory.read(lab.base_dn, DESCRIPTOR)[DESCRIPTOR]
        (service,) = directory.read(lab.service_dn, "objectSid")["objectSid"]
        directory.replace(lab.base_dn, {DESCRIPTOR: with_first(whole, ace(DENY, sid(service), CONTROL))})
        try:
            return bench.look(directories.checks)
        finally:
            directory.replace(lab.base_dn, {DESCRIPTOR: whole})


@case(
    "a fine-grained password policy that can't be read",
    "rights.policies",
    FAILURE,
    "the password policy … applies to people but can't be read",
    GRANT,
    needs=["lab"],
)
def _hidden_policy(bench: Bench) -> Iterable[Finding]:
    bench.lab.pso_readable(readable=False)
    try:
        return bench.look(directories.checks)
    finally:
        bench.lab.pso_readable(readable=True)


def _in_another_base(bench: Bench, unit: str) -> Iterable[Finding]:
    assert bench.lab.alive()
    bench.files.replace("OU=Staff,DC=corp", f"{unit},DC=corp")
    return bench.look(directories.checks)


def _close(directory: Directory, dn: str) -> None:
    """Close an object against inherited rights: its own entries stay, and everybody may read all of it."""
    (whole,) = directory.read(dn, DESCRIPTOR)[DESCRIPTOR]
    inherited = 0x10  # INHERITED_ACE, MS-DTYP 2.4.4.1
    own = (one for one in entries_of(whole) if not one[1] & inherited)
    # Everybody may read all of it, as AdminSDHolder lets them read administrators.
    closed = descriptor(*own, ace(ALLOW, "S-1-5-11", READ_ALL), protected=True)
    directory.replace(dn, {DESCRIPTOR: closed})
