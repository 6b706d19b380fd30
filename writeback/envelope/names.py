"""Names as people type them: what is dropped, what no name holds, and what spellings of one name share.

Portal and worker clean a name by the same rules; the worker looks it up and counts it by `canonical` alone.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from writeback.envelope.addresses import UnusableAddress, ascii_domain, readable_domain

LONGEST_NAME = 256
"""UTF-16 units: the longest mail address has 254, the longest sAMAccountName of a person 20."""


@dataclass(frozen=True, kw_only=True)
class Name:
    """One typed name, in the form in which it is looked up and counted.

    Args:
        key: the same for all spellings of a name. What is told before proof must follow from it alone.
        accounts: what to compare with account names; empty if it can be none.
        addresses: what to compare with UPNs and mail addresses; empty if it can be none.
    """

    key: str
    accounts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def trim(typed: str) -> str:
    """Return a name without the blanks and invisible characters (Unicode category Cf) at its ends."""
    kept = [place for place, character in enumerate(typed) if not _is_blank(character)]
    return typed[kept[0] : kept[-1] + 1] if kept else ""


def has_forbidden_characters(name: str) -> bool:
    """Tell whether a trimmed name holds control characters, invisible ones, or halves of characters."""
    torn = "\N{REPLACEMENT CHARACTER}" in name
    return torn or any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in name)


def canonical(typed: str, *, domains: Sequence[str], short_name: str = "") -> Name:
    r"""Work out what a typed name is looked up and counted by.

    Width, composition (NFC or NFD) and compatibility characters are folded by NFKC (UAX #15); directories
    that keep another form are asked for NFC too, and for both forms of a domain of another script (IDNA
    2008). The domain is left out of the key where it is the directory's own (CORP\zed, CORP/zed,
    zed@corp.example); under any other domain it is another name.

    Args:
        typed: account name, UPN, mail address or DOMAIN\name.
        domains: DNS names of the directory.
        short_name: its NetBIOS name, which need not be a part of any of them; empty if unknown.
    """
    own = {_domain(domain) for domain in (*domains, short_name) if domain}
    folded, composed = (trim(unicodedata.normalize(form, trim(typed))) for form in ("NFKC", "NFC"))
    key = _key(folded, own)[:LONGEST_NAME]
    parts = [_split(form, own) for form in (folded, composed) if _can_be_a_name(form)]
    return Name(
        key=key,
        accounts=tuple(dict.fromkeys(account for account, _ in parts if account)),
        addresses=tuple(dict.fromkeys(form for _, address in parts for form in _forms(address))),
    )


def _key(name: str, own: set[str]) -> str:
    account, address = _split(name, own)
    if account or not address:
        return _fold(account or _use_backslash(name))
    local, _, domain = address.rpartition("@")
    return f"{_fold(local)}@{_domain(domain)}"


def _forms(address: str) -> tuple[str, ...]:
    """Return an address in every form in which a directory may keep its domain."""
    local, at, domain = address.rpartition("@")
    if not at:
        return ()
    encoded = _domain(domain)
    other = () if domain.isascii() and encoded == domain.lower() == readable_domain(encoded) else (encoded,)
    return tuple(f"{local}@{one}" for one in (domain, *other, *(readable_domain(each) for each in other)))


def _domain(domain: str) -> str:
    """Return what all spellings of a domain have in common: ß and ss are two, its A-labels are the same."""
    try:
        return ascii_domain(domain)
    except UnusableAddress:
        return _fold(domain)


def _split(name: str, own: set[str]) -> tuple[str, str]:
    r"""Return the account name and the address that a name may be; both empty under a foreign DOMAIN\.

    A name with a domain of the directory itself is an account name as well (the implicit UPN, which every
    account has: MS-ADTS 5.1.1.1.1).
    """
    domain, separator, account = _use_backslash(name).rpartition("\\")
    if separator:
        return (trim(account).rstrip("."), "") if _domain(trim(domain)) in own else ("", "")
    local, at, suffix = (trim(part) for part in name.rpartition("@"))
    suffix = suffix.rstrip(".")
    if not at:
        return suffix, ""
    return local if _domain(suffix) in own else "", f"{local}@{suffix}" if local else ""


def _use_backslash(name: str) -> str:
    r"""Return DOMAIN/name as DOMAIN\name; a slash in an address is a character like others."""
    return name if "@" in name or "\\" in name else name.replace("/", "\\", 1)


def _can_be_a_name(name: str) -> bool:
    units = len(name.encode("utf-16-le", "surrogatepass")) // 2
    return 0 < units <= LONGEST_NAME and name.isprintable() and not has_forbidden_characters(name)


def _fold(text: str) -> str:
    """Return what is the same for capitals and small letters, and can be encoded."""
    whole = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", whole).casefold())


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"
