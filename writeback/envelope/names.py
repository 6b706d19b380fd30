"""Names as people type them: cleans them, checks their characters, and makes spellings of one name equal.

Portal and worker clean a name by the same rules; the worker looks it up and counts it only in the form that
`canonical` returns.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from writeback.envelope.addresses import UnusableAddress, ascii_domain, readable_domain

LONGEST_NAME = 256
"""Most UTF-16 units of a name; the longest mail address has 254, a person's longest sAMAccountName 20."""


@dataclass(frozen=True, kw_only=True)
class Name:
    """One typed name, in the form in which it is looked up and counted.

    Args:
        key: the same for all spellings of a name; answers before proof must depend on it alone.
        accounts: forms to compare with account names; empty if it can't be an account name.
        addresses: forms to compare with UPNs and mail addresses; empty if it can't be one.
        is_qualified: True if it names a domain of the directory in which it is looked up.
    """

    key: str
    accounts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    is_qualified: bool = False


def trim(typed: str) -> str:
    """Return a name without the blanks and invisible characters (Unicode category Cf) at its ends."""
    kept = [place for place, character in enumerate(typed) if not _is_blank(character)]
    return typed[kept[0] : kept[-1] + 1] if kept else ""


def has_forbidden_characters(name: str) -> bool:
    """Tell whether a trimmed name holds control characters, invisible ones, or halves of characters."""
    torn = "\N{REPLACEMENT CHARACTER}" in name
    return torn or any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in name)


def canonical(typed: str, *, domains: Sequence[str], short_name: str = "") -> Name:
    r"""Return the form of a typed name in which it is looked up and counted.

    NFKC (UAX #15) makes characters equal that differ in width, composition (NFC or NFD) or compatibility. A
    directory may keep a name in another form, so it is asked for the NFC form too, and for both forms of an
    internationalised domain (IDNA 2008). The directory's own domain is left out of the key (CORP\zed,
    CORP/zed, zed@corp.example); with any other domain it is another name.

    Args:
        typed: account name, UPN, mail address or DOMAIN\name.
        domains: DNS names of the directory.
        short_name: its NetBIOS name, which need not be a part of a DNS name; empty if it is not known.
    """
    own = {_domain(domain) for domain in (*domains, short_name) if domain}
    folded, composed = (trim(unicodedata.normalize(form, trim(typed))) for form in ("NFKC", "NFC"))
    key = _key(folded, own)[:LONGEST_NAME]
    parts = [_split(form, own) for form in (folded, composed) if _can_be_a_name(form)]
    return Name(
        key=key,
        accounts=tuple(dict.fromkeys(account for account, _ in parts if account)),
        addresses=tuple(dict.fromkeys(form for _, address in parts for form in _forms(address))),
        is_qualified=_domain(trim(_domain_in(folded))) in own,
    )


def _key(name: str, own: set[str]) -> str:
    account, address = _split(name, own)
    if account or not address:
        return _fold(account or _use_backslash(name))
    local, _, domain = address.rpartition("@")
    return f"{_fold(local)}@{_domain(domain)}"


def _forms(address: str) -> tuple[str, ...]:
    """Return an address with every form in which a directory may keep its domain."""
    local, at, domain = address.rpartition("@")
    if not at:
        return ()
    encoded = _domain(domain)
    other = () if domain.isascii() and encoded == domain.lower() == readable_domain(encoded) else (encoded,)
    return tuple(f"{local}@{one}" for one in (domain, *other, *(readable_domain(each) for each in other)))


def _domain(domain: str) -> str:
    """Return a text that is the same for all spellings of a domain, A-labels included; ß and ss differ."""
    try:
        return ascii_domain(domain)
    except UnusableAddress:
        return _fold(domain)


def _split(name: str, own: set[str]) -> tuple[str, str]:
    r"""Return the account name and the address that a name may mean; both are empty for a foreign DOMAIN\.

    A name with a domain of the directory itself also means an account name, as every account has an implicit
    UPN (MS-ADTS 5.1.1.1.1).
    """
    domain, separator, account = _use_backslash(name).rpartition("\\")
    if separator:
        return (trim(account).rstrip("."), "") if _domain(trim(domain)) in own else ("", "")
    local, at, suffix = (trim(part) for part in name.rpartition("@"))
    suffix = suffix.rstrip(".")
    if not at:
        return suffix, ""
    return local if _domain(suffix) in own else "", f"{local}@{suffix}" if local else ""


def _domain_in(name: str) -> str:
    r"""Return the domain of DOMAIN\name or name@domain; empty if there is none."""
    domain, separator, _ = _use_backslash(name).rpartition("\\")
    return domain if separator else name.rpartition("@")[2].rstrip(". ") if "@" in name else ""


def _use_backslash(name: str) -> str:
    r"""Return DOMAIN/name as DOMAIN\name; in an address, a slash is an ordinary character."""
    return name if "@" in name or "\\" in name else name.replace("/", "\\", 1)


def _can_be_a_name(name: str) -> bool:
    units = len(name.encode("utf-16-le", "surrogatepass")) // 2
    return 0 < units <= LONGEST_NAME and name.isprintable() and not has_forbidden_characters(name)


def _fold(text: str) -> str:
    """Return a text that is the same for upper and lower case, and can be encoded in UTF-8."""
    whole = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", whole).casefold())


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"
