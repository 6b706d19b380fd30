"""What can be broken in a directory: its controllers, the service account, its rights, the policies."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from deploy.dev.lab.accounts import Directory
from tests.contracts.conftest import administrator
from tests.doctor.case import Bench, Cases, objects
from tests.fakes.certificates import Authority
from tests.fakes.ldap_server import BIND, Answer, LdapServer
from writeback.cli.doctor import directories
from writeback.envelope.findings import Finding, Level

WARNING, FAILURE = Level.WARNING, Level.FAILURE
DC1 = "dc1.corp.example"
GRANT = "run what `writeback grant` prints, as an admin of the domain"
READ_ALL = 0x20014
DESCRIPTOR = "nTSecurityDescriptor"
CASES = case = Cases()


@contextmanager
def _fake(bench: Bench, *, end: float = 365) -> Iterator[LdapServer]:
    """A controller that can be made to say anything, named in the settings."""
    folder = bench.folder / "dc"
    folder.mkdir()
    authority = Authority.create(folder)
    with LdapServer(authority.issue(DC1, end=end), name=DC1) as server:
        bench.files.replace('["dc1.corp.example", "dc2.corp.example"]', f'["{server.host}"]')
        bench.files.replace('ca_file = "ca.pem"\nbind', f'ca_file = "{authority.ca_file}"\nbind')
        yield server


@case(
    "a CA file that was damaged after the start",
    "directory.settings",
    FAILURE,
    "directory corp: its settings can't be used (SSLError)",
    "correct [[directory]], and see its ca_file",
)
def _damaged_authorities(bench: Bench) -> Iterable[Finding]:
    config = bench.files.config()
    (bench.folder / "ca.pem").write_bytes(b"")
    return directories.checks(config)


@case(
    "a controller that does not exist",
    "directory.reached",
    FAILURE,
    "directory corp: nothing listens on port 1 of dc1.corp.example",
    "see whether it runs and has a certificate for LDAPS, and correct [[directory]] hosts",
)
def _no_controller(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('["dc1.corp.example", "dc2.corp.example"]', f'["{DC1}@127.0.0.1:1"]')
    return bench.look(directories.checks)


@case(
    "a controller whose name has no address",
    "directory.reached",
    FAILURE,
    "directory corp: the name dc1.nowhere.invalid can't be resolved",
    "see DNS on this host, or write dc1.nowhere.invalid@ADDRESS in [[directory]] hosts",
)
def _no_address(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('["dc1.corp.example", "dc2.corp.example"]', '["dc1.nowhere.invalid"]')
    return bench.look(directories.checks)


@case(
    "a port in `hosts` that does not speak TLS",
    "directory.reached",
    FAILURE,
    "directory corp: dc1.corp.example does not speak TLS 1.2 or newer on port …",
    "see whether that is its port for LDAPS (636), and whether it has a certificate",
)
def _no_tls(bench: Bench) -> Iterable[Finding]:
    bench.files.replace(
        '["dc1.corp.example", "dc2.corp.example"]', f'["{DC1}@127.0.0.1:{bench.mailbox.port}"]'
    )
    return bench.look(directories.checks)


@case(
    "a controller whose certificate comes from another authority",
    "directory.reached",
    FAILURE,
    "directory corp: the certificate of dc1.corp.example is not signed by a named authority",
    "name in [[directory]] ca_file the file of the authority that signed it",
)
def _wrong_authority(bench: Bench) -> Iterable[Finding]:
    with _fake(bench):
        bench.files.replace(str(bench.folder / "dc" / "ca.pem"), str(bench.folder / "redis.pem"))
        return bench.look(directories.checks)


@case(
    "a name in `hosts` that is not the controller's",
    "directory.reached",
    FAILURE,
    "directory corp: the certificate of dc9.corp.example is for another name",
    "use the name in it, or give it a new one",
)
def _wrong_name(bench: Bench) -> Iterable[Finding]:
    with _fake(bench):
        bench.files.replace(f"{DC1}@", "dc9.corp.example@")
        return bench.look(directories.checks)


def _refuses(code: str, says: str, mend: str, broken: str) -> None:
    """Add the case of a controller that refuses the service account with a code of AD's."""

    @case(broken, "directory.reached", FAILURE, f"directory corp: {DC1} {says} (data {code})", mend)
    def _find(bench: Bench) -> Iterable[Finding]:
        with _fake(bench) as server:
            told = f"80090308: LdapErr: AcceptSecurityContext error, data {code}, v1db1"
            server.answers[BIND] = lambda _: Answer(code=49, message=told)
            return bench.look(directories.checks)


_refuses(
    "52e",
    "refuses the name or password of the service account",
    "write the right one into the file of [[directory]] password_file, see bind, and …",
    "a wrong password of the service account",
)
_refuses(
    "533",
    "says that the service account is disabled",
    "Enable-ADAccount -Identity ACCOUNT",
    "a service account that is disabled",
)
_refuses(
    "775",
    "says that the service account is locked",
    "Unlock-ADAccount -Identity ACCOUNT, and see who tries wrong passwords for it",
    "a service account that is locked",
)
_refuses(
    "773",
    "says that the service account must change its password",
    "Set-ADUser -Identity ACCOUNT -ChangePasswordAtLogon $false",
    "a service account that must change its password",
)
_refuses(
    "532",
    "says that the password of the service account has expired",
    "give it one that never expires (Set-ADUser -PasswordNeverExpires $true), and …",
    "a password of the service account that has expired",
)
_refuses(
    "701",
    "says that the service account has expired",
    "Clear-ADAccountExpiration -Identity ACCOUNT",
    "a service account that has expired",
)
_refuses(
    "530",
    "does not let the service account sign in at this hour",
    "let it sign in at all hours (Logon Hours of the account)",
    "logon hours of the service account",
)
_refuses(
    "531",
    "does not let the service account sign in from this machine",
    "let it sign in from all computers (Log On To of the account)",
    "a service account that may sign in from some machines only",
)


@case(
    "a certificate of a controller that expires in 12 days",
    "directory.certificate",
    WARNING,
    "the certificate of dc1.corp.example expires in 12 days",
    "renew it on the controller",
)
def _ends_soon(bench: Bench) -> Iterable[Finding]:
    with _fake(bench, end=12.5):
        return bench.look(directories.checks)


@case(
    "a certificate of a controller that expires in 3 days",
    "directory.certificate",
    FAILURE,
    "the certificate of dc1.corp.example expires in 3 days",
    "renew it on the controller",
)
def _ends_now(bench: Bench) -> Iterable[Finding]:
    with _fake(bench, end=3.5):
        return bench.look(directories.checks)


@case(
    "a controller without the policy-hints control",
    "directory.policy-hints",
    FAILURE,
    "dc1.corp.example: no policy-hints control, so resets there are refused",
    'update the controller (Windows Server 2012, Samba 4.24), or set policy_hints = "prefer"',
)
def _no_hints(bench: Bench) -> Iterable[Finding]:
    with _fake(bench) as server:
        server.root["supportedControl"] = []
        return bench.look(directories.checks)


@case(
    "a controller whose clock is off by half a minute",
    "directory.clock",
    WARNING,
    "dc1.corp.example: its clock differs by … seconds",
    "set both by NTP",
)
def _clock_a_little(bench: Bench) -> Iterable[Finding]:
    with _fake(bench) as server:
        ahead = time.strftime("%Y%m%d%H%M%S.0Z", time.gmtime(time.time() + 35))
        server.root["currentTime"] = [ahead.encode()]
        return bench.look(directories.checks)


@case(
    "a controller whose clock is off by minutes",
    "directory.clock",
    FAILURE,
    "dc1.corp.example: its clock differs by -… seconds",
    "set both by NTP",
)
def _clock(bench: Bench) -> Iterable[Finding]:
    with _fake(bench) as server:
        server.root["currentTime"] = [b"20200101000000.0Z"]
        return bench.look(directories.checks)


@case(
    "a service account that is Domain Admin, or in any protected group: the worker does not start",
    "directory.account-power",
    FAILURE,
    "directory corp: the service account … is one of: …Domain Admins…; with such rights nobody is served",
    "take it out of these groups, give it what `writeback grant` prints, and restart the worker",
    needs=["lab"],
)
def _domain_admin(bench: Bench) -> Iterable[Finding]:
    lab, group = bench.lab, f"CN=Domain Admins,CN=Users,{bench.lab.base_dn}"
    with administrator(lab) as admin:
        directory = Directory(admin)
        directory.add_member(group, lab.service_dn)
        try:
            return bench.look(directories.checks)
        finally:
            directory.remove_member(group, lab.service_dn)


@case(
    "a group in `operators` or `deny_groups` that does not exist",
    "directory.groups",
    FAILURE,
    "[scope] operators: CN=Nobody,OU=Groups,DC=corp,DC=example is not a readable group",
    "correct the name",
    needs=["lab"],
)
def _no_group(bench: Bench) -> Iterable[Finding]:
    assert bench.lab.alive()
    bench.files.replace("CN=Keyback-Admins", "CN=Nobody")
    return bench.look(directories.checks)


@case(
    "a distribution group in `operators` or `deny_groups`",
    "directory.groups",
    FAILURE,
    "[scope] operators: CN=Mailing,OU=Groups,DC=corp,DC=example is a distribution group, so it "
    "protects nobody",
    "name a security group",
    needs=["lab"],
)
def _distribution_group(bench: Bench) -> Iterable[Finding]:
    dn = f"CN=Mailing,OU=Groups,{bench.lab.base_dn}"
    bench.files.replace("CN=Keyback-Admins", "CN=Mailing")
    with objects(bench, (dn, "group", {"sAMAccountName": "mailing", "groupType": "2"})):
        return bench.look(directories.checks)


@case(
    "a lockout threshold of 1",
    "directory.lockout",
    FAILURE,
    "the password policy of the domain locks accounts at the first wrong password, so nobody under "
    "it can sign in or "
    "change",
    "Set-ADDefaultDomainPasswordPolicy -Identity 'DC=corp,DC=example' -LockoutThreshold 10",
    needs=["lab"],
)
def _threshold(bench: Bench) -> Iterable[Finding]:
    bench.lab.set_policy(lockout_threshold=1)
    try:
        return bench.look(directories.checks)
    finally:
        bench.lab.set_policy(lockout_threshold=5)


@case(
    "a minimum password age of a day (the default of AD)",
    "directory.minimum-age",
    WARNING,
    "the password policy of the domain has a minimum age of 1 day, so people who have just set "
    "their password can neither change nor reset it",
    "Set-ADDefaultDomainPasswordPolicy -Identity 'DC=corp,DC=example' -MinPasswordAge 0",
    needs=["lab"],
)
def _minimum_age(bench: Bench) -> Iterable[Finding]:
    bench.lab.set_policy(min_age_days=1)
    try:
        return bench.look(directories.checks)
    finally:
        bench.lab.set_policy(min_age_days=0)


@case(
    "an invalid mail address in the directory",
    "directory.mail",
    WARNING,
    "OU=Staff,DC=corp,DC=example: … of … people have an unusable mail address, so they "
    "can't register and get no notice there: CN=Odd,OU=Staff,DC=corp,DC=example (…)",
    "correct the attribute mail of these accounts; `writeback explain NAME` says what is wrong",
    needs=["lab"],
)
def _odd_address(bench: Bench) -> Iterable[Finding]:
    person = f"CN=Odd,OU=Staff,{bench.lab.base_dn}"
    with objects(bench, (person, "user", {"sAMAccountName": "odd", "mail": "Odd <odd@corp.example>"})):
        return bench.look(directories.checks)
