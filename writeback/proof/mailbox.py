"""Mail addresses as destinations: which ones are one and the same box, and how they are shown."""

from writeback.envelope.addresses import read_address, readable_domain

_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
MASK = "•••"


def read(typed: str) -> str | None:
    """Return a mail address in the form in which it is sent to, or None if it can't be."""
    return read_address(typed)


def box_of(address: str) -> str:
    """Return what all spellings of one mailbox have in common: case, +tags, and Google's dots don't count.

    Args:
        address: as `read` returns it.
    """
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GOOGLE:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def mask(address: str) -> str:
    """Return "j•••@example.com", its domain as people know it; empty for no address."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}{MASK}@{readable_domain(domain)}" if at else ""


def make_up(seed: bytes) -> str:
    """Return an address that nobody has."""
    return f"{seed[:6].hex()}@decoy.invalid"
