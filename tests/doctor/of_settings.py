"""What can be broken in the worker's settings, and in the files of authorities."""

import os
from collections.abc import Iterable
from pathlib import Path

from tests.doctor.case import Bench, Cases
from tests.fakes.certificates import Authority, any_authority
from writeback.cli.doctor import authorities, policy, telling
from writeback.envelope.findings import Finding, Level

WARNING, FAILURE = Level.WARNING, Level.FAILURE
CASES = case = Cases()
DAY = 24 * 3600


@case(
    "a setting with a wrong name",
    "settings.value",
    FAILURE,
    '[site] wroker: is not a setting; did you mean "worker"?',
    "correct …/writeback.toml",
)
def _unknown_setting(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('worker = "w1"', 'worker = "w1"\nwroker = "w2"')
    return bench.whole()


@case(
    "`writeback.toml` that others can write",
    "settings.value",
    FAILURE,
    "…/writeback.toml can be written by users other than its owner",
    "chmod go-w …/writeback.toml",
)
def _open_settings(bench: Bench) -> Iterable[Finding]:
    bench.files.toml.chmod(0o666)
    return bench.whole()


@case(
    "a folder of `writeback.toml` in which others can replace it",
    "settings.value",
    FAILURE,
    "… can be written by users other than its owner",
    "chmod go-w …",
)
def _open_folder(bench: Bench) -> Iterable[Finding]:
    bench.folder.chmod(0o777)
    found = bench.whole()
    bench.folder.chmod(0o700)
    return found


@case(
    "a secret that others can read",
    "settings.value",
    FAILURE,
    "[redis] password_file: …/redis.secret is open to others",
    "chmod 0600 …/redis.secret",
)
def _open_secret(bench: Bench) -> Iterable[Finding]:
    (bench.folder / "redis.secret").chmod(0o644)
    return bench.whole()


@case(
    "an invalid mail address as `[mail] sender`",
    "settings.value",
    FAILURE,
    '[mail] sender: "Keyback" is not a mail address',
    "correct …/writeback.toml",
)
def _no_sender(bench: Bench) -> Iterable[Finding]:
    bench.files.replace("Keyback <keyback@corp.example>", "Keyback")
    return bench.whole()


@case(
    "authorities that are not PEM (DER, UTF-16, PKCS#7, PKCS#12)",
    "settings.value",
    FAILURE,
    "[redis] ca_file: …/redis.pem is UTF-16 text, as PowerShell's > writes it, and PEM is needed",
    "iconv -f UTF-16 -t UTF-8 …/redis.pem > …/redis.pem.new && mv …/redis.pem.new …/redis.pem",
)
def _utf16(bench: Bench) -> Iterable[Finding]:
    (bench.folder / "redis.pem").write_bytes(any_authority().decode().encode("utf-16"))
    return bench.whole()


@case(
    "the command run by a user other than the worker's",
    "settings.user",
    FAILURE,
    "…/keys belongs to nobody",
    "run this as nobody: sudo -u nobody writeback …",
    needs=["root"],
)
def _other_user(bench: Bench) -> Iterable[Finding]:
    os.chown(bench.folder / "keys", 65534, 65534)
    return bench.whole()


@case(
    '`new_factor_cooldown = "0s"`',
    "policy.cooldown",
    WARNING,
    "a new factor counts after 0 seconds, so a thief of a password and a mailbox can reset at once",
    '[limits] new_factor_cooldown = "24h"',
)
def _no_cooldown(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('new_factor_cooldown = "24h"', 'new_factor_cooldown = "0s"')
    return bench.look(policy.checks)


@case(
    "`[notify] on_call = []`",
    "notify.on-call",
    WARNING,
    "[notify] on_call is empty: nobody is mailed when the breaker opens or nobody can be served",
    "name mail addresses in [notify] on_call and restart the worker",
)
def _nobody_on_call(bench: Bench) -> Iterable[Finding]:
    return bench.look(telling.checks)


@case(
    '`unreachable = "tell-nobody"`',
    "notify.unreachable",
    WARNING,
    '[notify] unreachable is "tell-nobody": nobody hears of changes to people without address',
    'name mail addresses in [notify] administrators, with unreachable = "tell-administrators" and restart …',
)
def _nobody_told(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('unreachable = "tell-administrators"', 'unreachable = "tell-nobody"')
    return bench.look(telling.checks)


@case(
    "no administrator who is told about people without an address",
    "notify.administrators",
    WARNING,
    "[notify] names nobody to tell of changes for people without an address",
    'name mail addresses in [notify] administrators, with unreachable = "tell-administrators" and restart …',
)
def _no_administrators(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('contact = "helpdesk@corp.example"', 'contact = "room 12"')
    return bench.look(telling.checks)


@case(
    "`[scope] operators = []`",
    "policy.operators",
    WARNING,
    "no group of operators is named, so the people who run Keyback can be reset by it",
    "[scope] operators: name the group of the people who administer portal, worker and Redis",
)
def _no_operators(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('operators = ["CN=Keyback Operators,OU=Groups,DC=corp,DC=example"]', "operators = []")
    return bench.look(policy.checks)


@case(
    "`deny_admincount = false`",
    "policy.deny-admincount",
    WARNING,
    "former administrators can be reset",
    "[scope] deny_admincount = true",
)
def _former_administrators(bench: Bench) -> Iterable[Finding]:
    bench.files.replace("deny_admincount = true", "deny_admincount = false")
    return bench.look(policy.checks)


@case(
    "`deny_spn = false`",
    "policy.deny-spn",
    WARNING,
    "accounts that run services can be reset",
    "[scope] deny_spn = true",
)
def _services(bench: Bench) -> Iterable[Finding]:
    bench.files.replace("deny_spn = true", "deny_spn = false")
    return bench.look(policy.checks)


@case(
    '`policy_hints = "prefer"`',
    "policy.hints",
    WARNING,
    "directory corp: a reset goes on if a controller can't enforce the history",
    '[[directory]] policy_hints = "require"',
)
def _hints_preferred(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('policy_hints = "require"', 'policy_hints = "prefer"')
    return bench.look(policy.checks)


@case(
    "a CA file that was damaged after the start",
    "authorities.file",
    FAILURE,
    "[[directory]] corp ca_file: …/ca.pem is empty",
    "export the authority's certificate as PEM (Base-64)",
)
def _emptied_authorities(bench: Bench) -> Iterable[Finding]:
    config = bench.files.config()
    (bench.folder / "ca.pem").write_bytes(b"")
    return authorities.checks(config)


@case(
    "an authority that expires soon",
    "authorities.end",
    WARNING,
    "[redis] ca_file: the certificate of the authority CN=Soon expires in 20 days",
    "add the new one to …/redis.pem",
)
def _authority_ends(bench: Bench) -> Iterable[Finding]:
    made = Authority.create(_folder(bench, "soon")).issuing("Soon", end=20.5)
    (bench.folder / "redis.pem").write_bytes(made.ca_file.read_bytes())
    return bench.look(authorities.checks)


@case(
    "an issuing authority without its root in `ca_file`",
    "authorities.root",
    WARNING,
    "[redis] ca_file: …/redis.pem holds the issuing authority CN=Issuing CA without its root "
    "CN=Test CA; it is trusted, "
    "but no other issuer of that root is",
    "export the root CN=Test CA as PEM, and append it to …/redis.pem",
)
def _no_root(bench: Bench) -> Iterable[Finding]:
    made = Authority.create(_folder(bench, "root")).issuing("Issuing CA")
    (bench.folder / "redis.pem").write_bytes(made.ca_file.read_bytes())
    return bench.look(authorities.checks)


def _folder(bench: Bench, name: str) -> Path:
    made = bench.folder / name
    made.mkdir()
    return made
