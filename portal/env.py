"""Reads settings from the environment and from files; a wrong one stops the start with a sentence."""

import os
import re
import stat
from collections.abc import Collection
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from writeback.envelope.authority_files import WrongFile, read_authorities
from writeback.envelope.findings import Finding, failure

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
UNITS = {"s": 1, "m": 60, "h": 3600}
_PREFIX = "KEYBACK_"
_asked: set[str] = set()


class NamedNetwork(NamedTuple):
    """A network with its own rate; networks of the same name share one count."""

    name: str
    network: IPv4Network | IPv6Network
    limit: int
    seconds: int


def find_unknown() -> dict[str, str]:
    """Return the KEYBACK_ names in the environment that no setting reads, with the most similar known ones.

    All settings must have been read before.
    """
    known = _asked | {f"{name}_FILE" for name in _asked}
    strange = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    return {name: _nearest(name, known) for name in strange}


def _nearest(name: str, known: Collection[str]) -> str:
    """Return the known name that is most similar, apart from the common prefix; empty if none is similar."""
    ends = {one.removeprefix(_PREFIX): one for one in known}
    near = get_close_matches(name.removeprefix(_PREFIX), ends, n=1, cutoff=0.7)
    return ends[near[0]] if near else ""


def setting_finding(error: ImproperlyConfigured) -> Finding:
    """Return the doctor's finding for a setting that stops the start; its text may end in `run: COMMAND`."""
    says, *mend = re.split(r"[.;] [Rr]un: ", str(error).removesuffix("."), maxsplit=1)
    return failure("settings.start", says, *(mend or ["correct it in /etc/keyback/portal.env"]))


def text(name: str, default: str | None = None) -> str:
    """Return NAME, or the content of the file that NAME_FILE names, without white space at its ends.

    Args:
        name: name of the environment variable.
        default: the value if neither is set; None if one of them must be set.

    Raises:
        ImproperlyConfigured: neither is set and there is no default, both are set, or the file can't be read.
    """
    _asked.add(name)
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value is not None and path is not None:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path is not None:
        return _content(name, Path(path))
    if value is None and default is None:
        raise ImproperlyConfigured(f"{name} is missing: set it, or {name}_FILE to a file that holds it.")
    return (value if value is not None else default or "").strip()


def _content(name: str, path: Path) -> str:
    """Return the content of a file; it must be private, since most such files hold a secret."""
    try:
        mode, content = path.stat().st_mode, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE names a file that can't be read: {path}.") from error
    require_private(f"{name}_FILE", path, mode)
    return content.strip()


def require_private(what: str, path: Path, mode: int) -> None:
    """Refuse a file that everybody on this machine can read, or more than its owner can change.

    Args:
        what: the name of the file in the sentence.
        path: path of the file.
        mode: its mode, as stat returns it.

    Raises:
        ImproperlyConfigured: others have access; the sentence says what to run.
    """
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ImproperlyConfigured(f"{what} is open to others: {path}. Run: chmod 0600 {path}")


def secret(name: str, *, least: int = 32) -> str:
    """Return a secret of at least `least` characters; there is no default.

    Raises:
        ImproperlyConfigured: it is missing or too short.
    """
    value = text(name)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} is too short: it needs at least {least} characters.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no.

    Raises:
        ImproperlyConfigured: it is set to something else.
    """
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is neither yes nor no: {value!r}.")
    return value in TRUE


def number(name: str, *, default: int, least: int = 0, most: int = 1_000_000) -> int:
    """Return a whole number within its bounds.

    Raises:
        ImproperlyConfigured: it is not a number, or is out of bounds.
    """
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def words(name: str) -> list[str]:
    """Return a comma-separated list of at least one word.

    Raises:
        ImproperlyConfigured: it is missing, or empty.
    """
    found = [word.strip() for word in text(name).split(",") if word.strip()]
    if not found:
        raise ImproperlyConfigured(f"{name} is empty: it needs at least one.")
    return found


def hosts(name: str) -> list[str]:
    """Return the host names that the portal answers to; a wildcard for all names is refused.

    Raises:
        ImproperlyConfigured: the setting is missing, or an entry is not a host name.
    """
    found = words(name)
    for host in found:
        if not re.fullmatch(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\]", host, re.ASCII):
            raise ImproperlyConfigured(
                f"{name} holds {host!r}, which is no host name. Write what stands in the browser's address"
                " bar, without https:// and port, such as reset.corp.example."
            )
    return found


def choice(name: str, *, default: str, allowed: Collection[str], example: str) -> str:
    """Return one of the allowed words.

    Raises:
        ImproperlyConfigured: the word is not allowed.
    """
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is unknown: {value!r}. Use one such as {example}.")
    return value


def networks(name: str) -> list[NamedNetwork]:
    """Return networks with their rates: `office=203.0.113.0/24:300/10m, vpn=2001:db8::/48:100/10m`.

    Raises:
        ImproperlyConfigured: an entry can't be read, or two entries of one name have different rates.
    """
    entries = [entry.strip() for entry in text(name, "").split(",") if entry.strip()]
    found = [_network(name, entry) for entry in entries]
    rates: dict[str, tuple[int, int]] = {}
    for each in found:
        rate = each.limit, each.seconds
        if rates.setdefault(each.name, rate) != rate:
            raise ImproperlyConfigured(f"{name} gives {each.name!r} two rates: they must be the same.")
    return found


def _network(setting: str, entry: str) -> NamedNetwork:
    shape = re.fullmatch(r"([\w.-]+)\s*=\s*(\S+):(\d{1,6})/(\d{1,4})([smh])", entry, re.ASCII)
    if shape is None:
        raise ImproperlyConfigured(
            f"{setting} can't be read: {entry!r}. Write entries like office=203.0.113.0/24:300/10m."
        )
    name, where, limit, many, unit = shape.groups()
    try:
        network = ip_network(where)
    except ValueError as error:
        raise ImproperlyConfigured(f"{setting} names an invalid network: {where!r} ({error}).") from error
    seconds = int(many) * UNITS[unit]
    if not (int(limit) and 60 <= seconds <= 24 * 3600):
        raise ImproperlyConfigured(
            f"{setting} has a rate that can't hold: {entry!r}. It needs at least 1, in 1 minute to 24 hours."
        )
    return NamedNetwork(name, network, int(limit), seconds)


def post_box(name: str) -> str:
    """Return the address of a Redis server, which must use TLS unless it is on this machine.

    Raises:
        ImproperlyConfigured: it is another address; the sentence leaves it out, since it may hold a password.
    """
    value = text(name)
    with suppress(ValueError):
        parsed = urlsplit(value)
        host = parsed.hostname or ""
        here = host == "localhost" or ((host[:1].isdigit() or ":" in host) and ip_address(host).is_loopback)
        # A query could switch the check of the certificate off: redis-py reads ssl_cert_reqs from it.
        plain = parsed.port != 0 and not parsed.query and not parsed.fragment
        if host and plain and (parsed.scheme == "rediss" or (parsed.scheme == "redis" and here)):
            return value
    raise ImproperlyConfigured(
        f"{name} must begin with rediss:// and name a host (redis:// to this machine only), without a query."
    )


def authorities(name: str) -> str:
    """Return the path of a file of certificate authorities; empty if none is named.

    Raises:
        ImproperlyConfigured: the file can't be read, or is not PEM; the sentence says how to convert it.
    """
    value = text(name, "")
    try:
        found = read_authorities(Path(value)) if value else None
    except OSError as error:
        raise ImproperlyConfigured(f"{name} names a file that can't be read: {value}.") from error
    if isinstance(found, WrongFile):
        raise ImproperlyConfigured(f"{name}: {found}.")
    return value
