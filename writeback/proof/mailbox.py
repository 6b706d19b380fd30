"""Mail addresses as destinations: which spellings mean the same mailbox, and how they are masked."""

from writeback.envelope.addresses import read_address, readable_domain

_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
MASK = "•••"


def read(typed: str) -> str | None:
    """Return a mail address in the form in which it is sent to, or None if nothing can be sent there."""
    return read_address(typed)


def box_of(address: str) -> str:
    """Return a text that is the same for all spellings of a mailbox: it drops case, +tags and Google's dots.

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
