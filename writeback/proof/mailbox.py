"""Mail addresses: which ones are taken, which ones are one and the same box, and how they are shown."""

import re

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
_LONGEST = 254
MASK = "•••"


def read_address(text: str) -> str | None:
    """Return a mail address as it is sent to, or None if it is none that we send to.

    Source: RFC 5321 §4.1.2 without quoted local parts and address literals; domains in their ASCII form.
    """
    local, at, domain = text.strip().rpartition("@")
    domain = _ascii_domain(domain)
    labels = domain.split(".")
    address = f"{local}@{domain}"
    if not at or len(local) > 64 or len(address) > _LONGEST or not _LOCAL.fullmatch(local):
        return None
    return address if len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) else None


def box_of(address: str) -> str:
    """Return what all spellings of one mailbox have in common: case, +tags, and Google's dots don't count."""
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GOOGLE:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def mask(address: str) -> str:
    """Return "j•••@example.com"; empty for no address."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}{MASK}@{domain}" if at else ""


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
