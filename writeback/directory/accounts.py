"""Finds an account by the name that a person types, and reads it by its objectGUID."""

from collections.abc import Callable, Sequence

from ldap3.utils.conv import escape_filter_chars

from writeback.directory.attributes import guid_target, integer, octets, sid, text
from writeback.directory.connection import (
    NO_SUCH_OBJECT,
    SIZE_LIMIT,
    SUBTREE,
    SUCCESS,
    Entry,
    Link,
    Reply,
)
from writeback.directory.descriptors import DACL_ONLY, Reader
from writeback.directory.policy import Rules
from writeback.directory.readable import DESCRIPTOR, NOT_ON_ALL, OF_LOCKOUT, ON_EVERY_ACCOUNT, unreadable
from writeback.envelope.names import Name
from writeback.ports import Account, DirectoryAway, DistributionGroup, Lockout, Unreadable, do_nothing
from writeback.ports.filetime import filetime, unix_time

MOST_MATCHES = 5
"""How many accounts of one name are looked at; more would be just as ambiguous."""

DISABLED, SMART_CARD, NEVER_EXPIRES = 0x2, 0x40000, 0x10000
LOCKED = 0x10
"""Bits of userAccountControl, and of msDS-User-Account-Control-Computed (MS-ADTS 2.2.16, 3.1.1.4.5.17)."""
NORMAL_USER = 0x30000000
"""sAMAccountType of people; computers and managed service accounts have …01, trusts …02 (MS-SAMR 2.2.1.9)."""
NOT_PEOPLE = {b"computer", b"msds-managedserviceaccount", b"msds-groupmanagedserviceaccount"}
REFERRAL, INVALID_DN = 10, 34
"""Results of a search (RFC 4511 4.1.9); REFERRAL says that another server holds the object."""
SECURITY_ENABLED = 0x80000000
"""GROUP_TYPE_SECURITY_ENABLED in groupType, which is a signed number (MS-ADTS 2.2.12)."""

TRANSITIVE = "1.2.840.113556.1.4.1941"
IS_USER = "(objectClass=user)"
IS_GROUP = "(objectClass=group)"
STATE_ATTRIBUTES = ("pwdLastSet", "msDS-User-Account-Control-Computed")
LOCKOUT_ATTRIBUTES = (*OF_LOCKOUT, DESCRIPTOR)
# Every write reads these again; LOCKOUT_ATTRIBUTES matter only before a password is tried.
ACCOUNT_ATTRIBUTES = (*ON_EVERY_ACCOUNT, *NOT_ON_ALL, DESCRIPTOR)


def filter_for(name: Name) -> str:
    """Return the filter that finds every account of a name, or "" if no account can have that name."""
    kinds = {
        "sAMAccountName": name.accounts,
        "userPrincipalName": name.addresses,
        "mail": name.addresses,
    }
    either = [f"({kind}={escape_filter_chars(one)})" for kind, several in kinds.items() for one in several]
    return f"(&{IS_USER}(|{''.join(either)}))" if either else ""


def find_guids(link: Link, base: str, where: str) -> tuple[bytes, ...]:
    """Return the objectGUIDs of the accounts that a filter finds, at most MOST_MATCHES."""
    reply, found = link.search(base, where, ["objectGUID"], scope=SUBTREE, limit=MOST_MATCHES)
    if reply.result not in (SUCCESS, SIZE_LIMIT):
        raise _no_answer(reply)
    guids = (octets(entry, "objectguid") for entry in found)
    return tuple(dict.fromkeys(guid for guid in guids if guid))


def read_entry(
    link: Link, guid: bytes, attributes: Sequence[str], meanwhile: Callable[[], None] = do_nothing
) -> Entry | None:
    """Read attributes of an account and call `meanwhile` during the wait; None if there is no such account.

    Raises:
        DirectoryAway: the controller failed to answer.
    """
    controls = [DACL_ONLY] if DESCRIPTOR in attributes else []
    reply, found = link.search(guid_target(guid), IS_USER, attributes, controls=controls, meanwhile=meanwhile)
    if reply.result not in (SUCCESS, NO_SUCH_OBJECT):
        raise _no_answer(reply)
    return found[0] if found else None


def account_of(entry: Entry, reader: Reader, *, directory: str, guid: bytes, now: float) -> Account:
    """Build an Account from a search entry; its `unreadable` names the attributes that could not be read.

    Args:
        entry: its ACCOUNT_ATTRIBUTES.
        reader: what the connection may read.
        directory: id of the directory.
        guid: objectGUID.
        now: Unix time.

    Raises:
        Broken: a value makes no sense.
    """
    known = [*entry.get("tokengroups", ()), *entry.get("objectsid", ())]
    classes = {value.lower() for value in entry.get("objectclass", ())}
    control = integer(entry, "useraccountcontrol")
    person = integer(entry, "samaccounttype") == NORMAL_USER and not classes & NOT_PEOPLE
    pwd_last_set = integer(entry, "pwdlastset")
    computed = integer(entry, "msds-user-account-control-computed")
    return Account(
        directory=directory,
        guid=guid,
        dn=text(entry, "dn"),
        name=text(entry, "samaccountname"),
        upn=text(entry, "userprincipalname"),
        display_name=text(entry, "displayname"),
        mail=text(entry, "mail"),
        sids=frozenset(map(sid, known)),
        admin_count=integer(entry, "admincount") != 0,
        has_spn=bool(octets(entry, "serviceprincipalname")),
        person=person,
        disabled=bool(control & DISABLED),
        locked=bool(computed & LOCKED),
        expired=0 < integer(entry, "accountexpires") <= filetime(now),
        must_change=pwd_last_set == 0 and not control & NEVER_EXPIRES,
        pwd_last_set=pwd_last_set,
        unreadable=unreadable(entry, reader, always=ON_EVERY_ACCOUNT, maybe=NOT_ON_ALL),
        smart_card=bool(control & SMART_CARD),
    )


def lockout_of(entry: Entry, reader: Reader, *, rules: Rules, now: float) -> Lockout:
    """Return how near an account is to a lockout; AD restarts its count after the window (MS-SAMR 3.1.5.14).

    Args:
        entry: its LOCKOUT_ATTRIBUTES.
        reader: what the connection may read.
        rules: the password rules that apply to the account, as far as they can be read.
        now: Unix time.
    """
    last = unix_time(integer(entry, "badpasswordtime"))
    counted = integer(entry, "badpwdcount") if last + rules.lockout_window > now else 0
    hidden = unreadable(entry, reader, maybe=OF_LOCKOUT)
    return Lockout(
        bad_passwords=counted,
        threshold=rules.lockout_threshold,
        readable=rules.readable and not hidden,
    )


def group_sid(link: Link, dn: str) -> str:
    """Return the SID of a group.

    Raises:
        LookupError: the DN names no group here; the text is the DN.
        DistributionGroup: it is a mail group, whose SID is in nobody's token.
        Unreadable: the service account may not read its kind or its SID.
    """
    reply, found = link.search(dn, IS_GROUP, ["objectSid", "groupType"])
    if reply.result not in (SUCCESS, NO_SUCH_OBJECT, INVALID_DN, REFERRAL):
        raise _no_answer(reply)
    if not found:
        raise LookupError(dn)
    hidden = [name for name in ("groupType", "objectSid") if not found[0].get(name.lower())]
    if hidden:
        raise Unreadable(f"{dn}: {', '.join(hidden)} can't be read; let the service account read the group")
    if not integer(found[0], "grouptype") & SECURITY_ENABLED:
        raise DistributionGroup(dn)
    return sid(octets(found[0], "objectsid"))


def count_members(link: Link, base: str, dn: str, *, most: int) -> int:
    """Return how many people are in a group, including nested groups; stops at `most` + 1.

    Source: MS-ADTS 3.1.1.3.4.4.3 (LDAP_MATCHING_RULE_TRANSITIVE_EVAL); a primary group is not in memberOf.
    """
    _, group = link.search(dn, IS_GROUP, ["objectSid"])
    rid = sid(octets(group[0], "objectsid")).rpartition("-")[2] if group else "0"
    inside = f"(|(memberOf:{TRANSITIVE}:={escape_filter_chars(dn)})(primaryGroupID={rid}))"
    where = f"(&(objectCategory=person){IS_USER}{inside})"
    reply, found = link.search(base, where, ["objectGUID"], scope=SUBTREE, limit=most + 1)
    if reply.result not in (SUCCESS, SIZE_LIMIT):
        raise _no_answer(reply)
    return min(len(found), most + 1)  # Samba returns all that it finds, whatever the limit


def netbios_name(link: Link, base: str) -> str:
    r"""Return the domain's short name, as in DOMAIN\name; empty if it can't be read."""
    _, found = link.search("", "(objectClass=*)", ["configurationNamingContext"])
    partitions = f"CN=Partitions,{text(found[0], 'configurationnamingcontext')}" if found else ""
    where = f"(&(objectClass=crossRef)(nCName={escape_filter_chars(base)}))"
    _, found = link.search(partitions, where, ["nETBIOSName"], scope=SUBTREE)
    return text(found[0], "netbiosname") if found else ""


def _no_answer(reply: Reply) -> DirectoryAway:
    return DirectoryAway(f"The directory did not answer a question: {reply}")
