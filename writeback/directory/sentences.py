"""Says why a controller can't be used and how to fix it, for log, heartbeat and doctor alike."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from ldap3.core.exceptions import LDAPCommunicationError

from writeback.directory.settings import Host
from writeback.directory.tls import TOO_LATE
from writeback.envelope.tls import certificate_fault

CA_FILE = "[[directory]] ca_file"
_RESTART = "systemctl restart keyback-writeback"
_PASSWORD = f"write the right one into the file of [[directory]] password_file, see bind, and {_RESTART}"

# Windows error codes (MS-ERREF 2.2) of a bind that is refused, LDAP result 49.
_REFUSED = {
    0x525: ("knows no account with the name in [[directory]] bind", f"correct bind, and {_RESTART}"),
    0x52E: ("refuses the name or password of the service account", _PASSWORD),
    0x52F: (
        "does not let the service account sign in, because of a restriction",
        "see its authentication policy, and the policies that deny network logon",
    ),
    0x530: (
        "does not let the service account sign in at this hour",
        "let it sign in at all hours (Logon Hours of the account)",
    ),
    0x531: (
        "does not let the service account sign in from this machine",
        "let it sign in from all computers (Log On To of the account)",
    ),
    0x532: (
        "says that the password of the service account has expired",
        f"give it one that never expires (Set-ADUser -PasswordNeverExpires $true), and {_PASSWORD}",
    ),
    0x533: ("says that the service account is disabled", "Enable-ADAccount -Identity ACCOUNT"),
    0x568: (
        "says that the service account is in too many groups",
        "take it out of all groups that it does not need",
    ),
    0x701: ("says that the service account has expired", "Clear-ADAccountExpiration -Identity ACCOUNT"),
    0x773: (
        "says that the service account must change its password",
        "Set-ADUser -Identity ACCOUNT -ChangePasswordAtLogon $false",
    ),
    0x775: (
        "says that the service account is locked",
        "Unlock-ADAccount -Identity ACCOUNT, and see who tries wrong passwords for it",
    ),
}
_RESULTS = {  # RFC 4511 A.1
    8: ("asks for more than a password over TLS", "see its policy for LDAP signing and channel binding"),
    13: ("asks for more than a password over TLS", "see its policy for LDAP signing and channel binding"),
    51: ("is busy", "wait, or see what keeps it busy"),
    52: ("is not available", "wait, or see its event log"),
}


_INVALID_CREDENTIALS = 49
_NO_ADDRESS = "invalid server address"
"""ldap3's own text for a name without an address; it drops the resolver's text."""


@dataclass(frozen=True)
class Remark:
    """A problem and its fix, each without a full stop; as text, both."""

    says: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.says}; {self.mend}" if self.mend else self.says


def of_connection(host: Host, fault: BaseException, *, handshake: OSError | None = None) -> Remark:
    """Return why a connection ended.

    Args:
        host: the controller.
        fault: the exception that the library raised.
        handshake: the error that ended the TLS handshake, if known.
    """
    name, port, cause = host.name, host.port, handshake or fault
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Remark(*certificate_fault(cause, whose=name, setting=CA_FILE))
    cases: Sequence[tuple[bool, str, str]] = (
        (TOO_LATE in str(cause), f"{name}: {TOO_LATE}", ""),
        (
            isinstance(cause, TimeoutError),
            f"{name} does not answer in time on port {port}",
            "see whether it runs, and whether a firewall lets this host through",
        ),
        (
            handshake is not None,
            f"{name} does not speak TLS 1.2 or newer on port {port}",
            "see whether that is its port for LDAPS (636), and whether it has a certificate",
        ),
        (
            isinstance(cause, ConnectionRefusedError),
            f"nothing listens on port {port} of {name}",
            "see whether it runs and has a certificate for LDAPS, and correct [[directory]] hosts",
        ),
        (
            str(cause) == _NO_ADDRESS,
            f"the name {host.address or name} can't be resolved",
            f"see DNS on this host, or write {name}@ADDRESS in [[directory]] hosts",
        ),
        (
            isinstance(cause, OSError | LDAPCommunicationError),
            f"the connection to {name} failed ({str(cause)[:200]})",
            "see the network between this host and the controller",
        ),
    )
    for fits, says, mend in cases:
        if fits:
            return Remark(says, mend)
    # The text of any other exception could quote the request.
    return Remark(
        f"{name} answers with something that is not LDAP ({type(fault).__name__})",
        "see whether [[directory]] hosts names a domain controller, and its port for LDAPS",
    )


def of_bind(host: Host, *, result: int, code: int, text: str) -> Remark:
    """Return why a controller refused the service account.

    Args:
        host: the controller.
        result: LDAP result (RFC 4511 A.1).
        code: AD's own code, or anything else if it gave none.
        text: its answer, shown if there is no sentence for it here.
    """
    what, mend = (f"refuses the service account: {text}", "see its event log")
    if result == _INVALID_CREDENTIALS:
        what, mend = _REFUSED.get(code, _REFUSED[0x52E])
        what += f" (data {code:x})" if code > 0 else ""
    elif result in _RESULTS:
        what, mend = _RESULTS[result]
        what += f" (LDAP {result})"
    return Remark(f"{host.name} {what}", mend)


def of_powers(account: str, groups: Sequence[str]) -> Remark | None:
    """Return why a service account that is an administrator is refused; None if it is not one.

    Args:
        account: its name, as used to bind.
        groups: the groups that make it an administrator.
    """
    if not groups:
        return None
    return Remark(
        f"the service account {account} is one of: {', '.join(groups)}; with such rights nobody is served",
        "take it out of these groups, give it what `writeback grant` prints, and restart the worker",
    )
