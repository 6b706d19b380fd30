"""The doctor's check of the directories: controllers, the groups and units in the settings, the rights."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

from writeback.ceiling import domain_of, parse_dn
from writeback.cli.doctor import addresses, rights
from writeback.config import Config, ConfigError, DirectoryConfig
from writeback.directory.accounts import group_sid
from writeback.directory.attributes import integer, text
from writeback.directory.connection import Broken, Link
from writeback.directory.lockouts import TooStrict, long_ages, too_strict_lockouts
from writeback.directory.pool import Pool
from writeback.directory.sentences import Remark
from writeback.directory.settings import Host, directory_settings
from writeback.envelope.expiry import check_expiry
from writeback.envelope.findings import Finding, Level, failure, ok, warning
from writeback.ports import DirectoryAway, DistributionGroup, Unreadable

SKEW, WORTH_TELLING = 60, 10
"""Seconds."""
DOMAIN_LOCAL = 0x4
"""GROUP_TYPE_RESOURCE_GROUP in groupType (MS-ADTS 2.2.12)."""


def checks(config: Config) -> Iterator[Finding]:
    """Yield the findings; write nothing."""
    for directory in config.directories:
        try:
            pool = Pool(directory_settings(directory))
        except (OSError, ConfigError) as error:
            says = f"directory {directory.id}: its settings can't be used ({type(error).__name__})"
            yield failure("directory.settings", says, "correct [[directory]], and see its ca_file")
            continue
        with closing(pool):
            alive = []
            for host in pool.hosts:
                found = list(_controller(pool, host, directory))
                yield from found
                alive += [host] if found[0].level is Level.OK else []
            if alive:
                yield from _contents(config, pool, alive[0], directory)


def _controller(pool: Pool, host: Host, directory: DirectoryConfig) -> Iterator[Finding]:
    try:
        with pool.link(host, deadline=pool.deadline(), fresh=True) as link:
            left = link.certificate_end() - time.time()
            hints = link.hints is not None
            skew = _skew(link)
    except (Broken, DirectoryAway) as error:
        yield _unusable(pool, directory, error)
        return
    yield ok("directory.reached", f"{host.name}: LDAPS with a good certificate, bound as {directory.bind}")
    yield check_expiry(
        "directory.certificate", f"the certificate of {host.name}", left, "renew it on the controller"
    )
    if not hints and directory.policy_hints == "require":
        yield failure(
            "directory.policy-hints",
            f"{host.name}: no policy-hints control, so resets there are refused",
            'update the controller (Windows Server 2012, Samba 4.24), or set policy_hints = "prefer"',
        )
    if abs(skew) > WORTH_TELLING:
        told = failure if abs(skew) > SKEW else warning
        yield told(
            "directory.clock", f"{host.name}: its clock differs by {skew:.0f} seconds", "set both by NTP"
        )


def _unusable(pool: Pool, directory: DirectoryConfig, error: Broken | DirectoryAway) -> Finding:
    told = error.remark if isinstance(error, Broken) else Remark(str(error))
    check = "directory.account-power" if told == pool.excess_rights else "directory.reached"
    mend = told.mend or f"correct [[directory]] of {directory.id}"
    return failure(check, f"directory {directory.id}: {told.says}", mend)


def _skew(link: Link) -> float:
    _, found = link.search("", "(objectClass=*)", ["currentTime"])
    said = text(found[0], "currenttime") if found else ""
    try:
        there = datetime.strptime(said.partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return there.timestamp() - time.time()


def _contents(config: Config, pool: Pool, host: Host, directory: DirectoryConfig) -> Iterator[Finding]:
    scope, domain = config.ceiling.scope, parse_dn(directory.base)
    try:
        with pool.link(host, deadline=pool.deadline()) as link:
            for setting, dns in (("deny_groups", scope.deny_groups), ("operators", scope.operators)):
                for dn in (dn for dn in dns if domain_of(dn) == domain):
                    yield from _group(link, setting, dn, alone=len(config.directories) == 1)
            bases = [base for base in scope.bases if domain_of(base) == domain]
            yield from rights.checks(link, directory.base, bases)
            yield from addresses.checks(link, bases)
            yield from _thresholds(link, directory)
            yield from _minimum_ages(link, directory)
    except (Broken, DirectoryAway) as error:
        yield _unusable(pool, directory, error)


def _group(link: Link, setting: str, dn: str, *, alone: bool) -> Iterator[Finding]:
    what = f"[scope] {setting}: {dn}"
    try:
        group_sid(link, dn)
    except DistributionGroup:
        yield failure(
            "directory.groups",
            f"{what} is a distribution group, so it protects nobody",
            "name a security group",
        )
        return
    except LookupError:
        yield failure("directory.groups", f"{what} is not a readable group", "correct the name")
        return
    except Unreadable as error:
        yield failure(
            "directory.groups", f"[scope] {setting}: {error}", "let the service account read the group"
        )
        return
    yield ok("directory.groups", what)
    _, found = link.search(dn, "(objectClass=group)", ["groupType"])
    if not alone and found and integer(found[0], "grouptype") & DOMAIN_LOCAL:
        yield failure(
            "directory.groups",
            f"{what} is a domain-local group, so it protects people of its own domain only",
            "make it a universal group, or name a group of each domain",
        )


def _thresholds(link: Link, directory: DirectoryConfig) -> Iterator[Finding]:
    """Report the policies under which nobody can sign in or change."""
    well = f"directory {directory.id}: no lockout threshold shuts people out of sign-in"
    return _report("directory.lockout", failure, too_strict_lockouts(link, directory.base), well)


def _minimum_ages(link: Link, directory: DirectoryConfig) -> Iterator[Finding]:
    """Report the policies under which people can't change a password again on the same day."""
    well = f"directory {directory.id}: a password can be changed again on the same day"
    return _report("directory.minimum-age", warning, long_ages(link, directory.base), well)


def _report(
    check: str, tell: Callable[[str, str, str], Finding], found: Sequence[TooStrict], well: str
) -> Iterator[Finding]:
    for one in found:
        yield tell(check, one.sentence, one.command)
    if not found:
        yield ok(check, well)
