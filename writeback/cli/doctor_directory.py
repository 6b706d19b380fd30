"""The doctor's look at the directories: every controller, the groups and units that are named, the rights."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

from writeback.ceiling import lies_below, parse_dn
from writeback.cli.check import Check, bad, good
from writeback.cli.rights import ON_PEOPLE, UNEXPIRE_PASSWORD
from writeback.config import Config, ConfigError, DirectoryConfig
from writeback.directory.attributes import octets, sid, text
from writeback.directory.connection import SUBTREE, SUCCESS, Broken, Entry, Link
from writeback.directory.descriptors import CONTROL_ACCESS, may
from writeback.directory.lockouts import shut_out
from writeback.directory.pool import Pool
from writeback.directory.settings import Host, directory_settings
from writeback.ports import DirectoryAway

WRITABLE = ("lockoutTime", "pwdLastSet")
SKEW = 60
EVERYBODY = frozenset({"S-1-1-0", "S-1-5-11"})  # Everyone, Authenticated Users
# LDAP_SERVER_SD_FLAGS_OID with owner, group and DACL: with the SACL, AD gives an ordinary account nothing.
WITHOUT_SACL = ("1.2.840.113556.1.4.801", True, b"\x30\x03\x02\x01\x07")
CERTIFICATE_DAYS = 30
PERSON = "(&(objectCategory=person)(objectClass=user)(!(adminCount=1)))"
GRANT = "run what `writeback grant` prints, as an admin of the domain"


def checks(config: Config) -> Iterator[Check]:
    """Yield what was found; nothing is written."""
    for directory in config.directories:
        try:
            pool = Pool(directory_settings(directory))
        except (OSError, ConfigError) as error:
            yield bad(f"directory {directory.id}: {error}", "correct its section [[directory]]")
            continue
        with closing(pool):
            alive = []
            for host in pool.hosts:
                found = list(_controller(pool, host, directory))
                yield from found
                alive += [host] if found[0].ok else []
            if alive:
                yield from _contents(config, pool, alive[0], directory)


def _controller(pool: Pool, host: Host, directory: DirectoryConfig) -> Iterator[Check]:
    try:
        with pool.link(host, deadline=pool.deadline(), fresh=True) as link:
            days = int((link.certificate_end() - time.time()) // 86400)
            hints = link.hints is not None
            skew = _skew(link)
    except (Broken, DirectoryAway) as error:
        yield bad(f"directory {directory.id}: {error}", f"correct [[directory]] of {directory.id}")
        return
    yield good(f"{host.name}: LDAPS with a good certificate, bound as {directory.bind}")
    if days < CERTIFICATE_DAYS:
        yield bad(f"{host.name}: its certificate ends in {days} days", "renew it on the controller")
    if not hints and directory.policy_hints == "require":
        yield bad(
            f"{host.name}: no policy-hints control, so resets there are refused",
            'update the controller (Windows Server 2012, Samba 4.24), or set policy_hints = "prefer"',
        )
    if abs(skew) > SKEW:
        yield bad(f"{host.name}: its clock differs by {skew:.0f} seconds", "set both by NTP")


def _skew(link: Link) -> float:
    _, found = link.search("", "(objectClass=*)", ["currentTime"])
    said = text(found[0], "currenttime") if found else ""
    try:
        there = datetime.strptime(said.partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return there.timestamp() - time.time()


def _contents(config: Config, pool: Pool, host: Host, directory: DirectoryConfig) -> Iterator[Check]:
    scope, domain = config.ceiling.scope, [directory.base]
    try:
        with pool.link(host, deadline=pool.deadline()) as link:
            mine = _my_sids(link, directory.base)
            for setting, dns in (("deny_groups", scope.deny_groups), ("operators", scope.operators)):
                for dn in (dn for dn in dns if lies_below(dn, domain)):
                    yield _group(link, setting, dn)
            for base in scope.bases:
                if lies_below(base, domain) or parse_dn(base) == parse_dn(directory.base):
                    yield _rights(link, base, mine)
            yield _unexpire(link, directory.base, mine)
            yield from _finer_policies(link, directory)
            yield from _thresholds(link, directory)
    except (Broken, DirectoryAway) as error:
        yield bad(f"directory {directory.id}: {error}", "run this again")


def _group(link: Link, setting: str, dn: str) -> Check:
    reply, found = link.search(dn, "(objectClass=group)", ["objectSid"])
    if reply.result == SUCCESS and found:
        return good(f"[scope] {setting}: {dn}")
    return bad(f"[scope] {setting}: {dn} is no group that can be read", "correct the name")


def _rights(link: Link, base: str, mine: frozenset[str]) -> Check:
    """Look at one person below the base: what may be written there, and what may be done."""
    reply, found = link.search(base, PERSON, ["allowedAttributesEffective"], scope=SUBTREE, limit=1)
    if not found:
        why = "has nobody in it" if reply.result == SUCCESS else f"can't be searched: {reply}"
        return bad(f"[scope] bases: {base} {why}", "correct the name")
    person = text(found[0], "dn")
    _, found = link.search(person, "(objectClass=*)", ["allowedAttributesEffective"])
    missing = [f"write {name}" for name in WRITABLE if name.lower() not in _written(found)]
    descriptor = _descriptor(link, person)
    missing += [
        name
        for name, right in ON_PEOPLE.items()
        if not may(descriptor, mine, CONTROL_ACCESS, frozenset({right}))
    ]
    if missing:
        return bad(f"{base}: no right to {', '.join(missing)} of people", GRANT)
    return good(f"{base}: the rights on people are there")


def _unexpire(link: Link, base: str, mine: frozenset[str]) -> Check:
    if may(_descriptor(link, base), mine, CONTROL_ACCESS, frozenset({UNEXPIRE_PASSWORD})):
        return good(f"{base}: Unexpire Password is there")
    return bad(f"{base}: no right to Unexpire Password, so each new password would end at once", GRANT)


def _descriptor(link: Link, dn: str) -> bytes:
    _, found = link.search(dn, "(objectClass=*)", ["nTSecurityDescriptor"], controls=[WITHOUT_SACL])
    return octets(found[0], "ntsecuritydescriptor") if found else b""


def _my_sids(link: Link, base: str) -> frozenset[str]:
    """Return the SIDs that this connection acts with; those that everybody has are among them."""
    name = link.who_am_i().rpartition("\\")[2]
    escaped = "".join(f"\\{byte:02x}" for byte in name.encode())
    _, found = link.search(base, f"(sAMAccountName={escaped})", ["objectSid"], scope=SUBTREE, limit=2)
    if len(found) != 1:
        return EVERYBODY
    _, own = link.search(text(found[0], "dn"), "(objectClass=*)", ["objectSid", "tokenGroups"])
    values = [*own[0].get("objectsid", ()), *own[0].get("tokengroups", ())] if own else []
    return EVERYBODY | {sid(value) for value in values}


def _written(found: list[Entry]) -> frozenset[str]:
    values = found[0].get("allowedattributeseffective", ()) if found else ()
    return frozenset(value.decode("ascii", "replace").lower() for value in values)


def _thresholds(link: Link, directory: DirectoryConfig) -> Iterator[Check]:
    found = shut_out(link, directory.base)
    for one in found:
        yield bad(one.sentence, one.command)
    if not found:
        yield good(f"directory {directory.id}: no lockout threshold shuts people out of sign-in")


def _finer_policies(link: Link, directory: DirectoryConfig) -> Iterator[Check]:
    """A PSO that applies and can't be read would make the page show the domain's rules instead."""
    where = "(msDS-PSOApplied=*)"
    _, found = link.search(directory.base, where, ["msDS-PSOApplied"], scope=SUBTREE, limit=100)
    applied = {value.decode() for entry in found for value in entry.get("msds-psoapplied", ())}
    for dn in sorted(applied):
        _, values = link.search(dn, "(objectClass=*)", ["msDS-MinimumPasswordLength"])
        if values and values[0].get("msds-minimumpasswordlength"):
            yield good(f"password policy {dn} can be read")
        else:
            yield bad(f"the password policy {dn} applies to some and can't be read", GRANT)
