"""Mail addresses in the single form in which they are kept, compared and sent to.

Portal and worker read an address by the same rules, so that a page can say what is wrong with it.
"""

import re
from enum import StrEnum

import idna

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_ENCODED = "xn--"
LONGEST, LONGEST_LOCAL, LONGEST_DOMAIN = 254, 64, 253
"""Most octets of an address and its parts, without the dot of the root (RFC 5321 4.5.3.1, RFC 1035 2.3.4)."""


class AddressFault(StrEnum):
    """Why nothing can be sent to an address."""

    SHAPE = "no-address"
    LOCAL = "local-part-not-ascii"  # every relay on the way would need SMTPUTF8 (RFC 6531)
    DOMAIN = "no-domain"
    LENGTH = "too-long"


class UnusableAddress(ValueError):  # noqa: N818  # a fact about what was typed
    """Nothing can be sent to an address.

    Args:
        fault: the reason. The address itself is left out.
    """

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def check_address(text: str, *, dotted: bool = True) -> str:
    """Return a mail address in the form to send to: its domain in ASCII and lower case, without a final dot.

    Args:
        text: the address as typed, or as the directory has it.
        dotted: True if the domain must have two labels or more, as every one outside the organisation has.

    Raises:
        UnusableAddress: it is no address, or one that we don't send to.

    Source: RFC 5321 4.1.2 without quoted local parts and address literals; RFC 5890 to 5893 for the domain.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise UnusableAddress(_fault_of_local(local))
    if len(local) > LONGEST_LOCAL:
        raise UnusableAddress(AddressFault.LENGTH)
    plain = ascii_domain(domain)
    if dotted and "." not in plain:
        raise UnusableAddress(AddressFault.DOMAIN)
    if len(local) + 1 + len(plain) > LONGEST:
        raise UnusableAddress(AddressFault.LENGTH)
    return f"{local}@{plain}"


def read_address(text: str) -> str | None:
    """Return a mail address in the form to send to, or None if we can't send to it."""
    try:
        return check_address(text)
    except UnusableAddress:
        return None


def ascii_domain(domain: str) -> str:
    """Return a mail domain as DNS has it, in lower case and without a final dot.

    Raises:
        UnusableAddress: it can't be a domain.

    Source: IDNA 2008 (RFC 5891) with the non-transitional mapping of UTS 46: ß, ς, ZWJ and ZWNJ are kept, so
    that a code for straße.example does not go to strasse.example.
    """
    plain = domain.lower()
    if not plain.isascii() or _ENCODED in plain:
        try:
            plain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
        except UnicodeError:  # idna.IDNAError is one
            raise UnusableAddress(AddressFault.DOMAIN) from None
    plain = plain.removesuffix(".")
    if len(plain) > LONGEST_DOMAIN:
        raise UnusableAddress(AddressFault.LENGTH)
    if not all(map(_LABEL.fullmatch, plain.split("."))):
        raise UnusableAddress(AddressFault.DOMAIN)
    return plain


def readable_domain(domain: str) -> str:
    """Return a domain as people read it: with its A-labels in their own script, if they are IDNA 2008."""
    if _ENCODED not in domain:
        return domain
    try:
        return idna.decode(domain)
    except UnicodeError:
        return domain


def _fault_of_local(local: str) -> AddressFault:
    """Return why a local part is no valid one: it is in another script, or no address at all."""
    letters = "".join("x" if not each.isascii() and each.isalpha() else each for each in local)
    return AddressFault.LOCAL if letters != local and _LOCAL.fullmatch(letters) else AddressFault.SHAPE
