"""The doctor's check of the service account's rights: on people, on units without inheritance, on PSOs."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from writeback.cli.delegation import sh_literal
from writeback.cli.rights import CLASSES, ON_PEOPLE, UNEXPIRE_PASSWORD, WRITTEN
from writeback.directory.attributes import integer, octets, text
from writeback.directory.connection import NO_SUCH_OBJECT, SUBTREE, SUCCESS, Broken, Entry, Link
from writeback.directory.descriptors import (
    CONTROL_ACCESS,
    DACL_ONLY,
    READ_CONTROL,
    READ_PROPERTY,
    WRITE_PROPERTY,
    Guarded,
    hands_down,
    is_protected,
    may,
)
from writeback.directory.policy import PSO_ATTRIBUTES, domain_rules
from writeback.directory.readable import (
    DESCRIPTOR,
    GRANT,
    NOT_ON_ALL,
    OF_LOCKOUT,
    ON_EVERY_ACCOUNT,
    read_guards,
)
from writeback.envelope.findings import Finding, failure, ok
from writeback.ports import Unreadable

READ = (*ON_EVERY_ACCOUNT, *NOT_ON_ALL, *OF_LOCKOUT)
PEOPLE = {
    "user": "(&(objectCategory=person)(objectClass=user)(!(objectClass=inetOrgPerson)))",
    "inetOrgPerson": "(&(objectCategory=person)(objectClass=inetOrgPerson))",
}
ANYBODY = "(&(objectCategory=person)(objectClass=user))"
PLACES = "(|(objectClass=organizationalUnit)(objectClass=container)(objectClass=builtinDomain))"
PAGE, SAMPLE, MOST_PLACES, MOST_PEOPLE, MOST_NAMED = 50, 20, 20_000, 5_000, 20
"""A page holds whole access lists, and an answer of more than 1 MiB is refused (LARGEST_ANSWER in tls.py)."""
MOST_POLICIES = 500
PATIENCE = 20
"""Seconds for one page of the directory."""
Decide = Callable[[int, frozenset[UUID]], bool]


@dataclass(frozen=True, kw_only=True)
class Needed:
    """One right that is needed on people; the account has it if it has every mask."""

    name: str
    masks: tuple[int, ...]
    kinds: frozenset[UUID]


def checks(link: Link, domain: str, bases: Sequence[str]) -> Iterator[Finding]:
    """Yield the findings in one directory; write nothing.

    Args:
        link: bound as the service account.
        domain: DN of the domain.
        bases: DNs of the scope that lie in it.

    Raises:
        Broken: the controller gave no answer.
    """
    needed = _needed_rights(read_guards(link, [*READ, *WRITTEN]))
    for base in bases:
        yield from _people(link, base, needed)
        yield from _closed_places(link, base, needed)
        yield from _orphans(link, base, needed)
    yield _unexpire(link, domain)
    yield from _policies(link, domain)


def _needed_rights(guards: dict[str, Guarded]) -> tuple[Needed, ...]:
    """Return all needed rights in the order of the report; the schema says what guards an attribute."""

    def on(verb: str, attribute: str, mask: int) -> Needed:
        guarded = guards.get(attribute.lower(), Guarded(frozenset()))
        masks = (mask, CONTROL_ACCESS) if guarded.confidential else (mask,)
        return Needed(name=f"{verb} {attribute}", masks=masks, kinds=guarded.names)

    return (
        *(on("write", name, WRITE_PROPERTY) for name in WRITTEN),
        *(
            Needed(name=name, masks=(CONTROL_ACCESS,), kinds=frozenset({right}))
            for name, right in ON_PEOPLE.items()
        ),
        *(on("read", name, READ_PROPERTY) for name in READ),
        Needed(name="read the access list", masks=(READ_CONTROL,), kinds=frozenset()),
    )


def _missing(needed: Sequence[Needed], decide: Decide) -> list[str]:
    return [one.name for one in needed if not all(decide(mask, one.kinds) for mask in one.masks)]


def _people(link: Link, base: str, needed: Sequence[Needed]) -> Iterator[Finding]:
    """Check some people of each class: what the account may read, write and do there."""
    anybody = False
    for kind, where in PEOPLE.items():
        reply, found = link.search(
            base, where, ["adminCount", DESCRIPTOR], scope=SUBTREE, limit=SAMPLE, controls=[DACL_ONLY]
        )
        if reply.result == NO_SUCH_OBJECT:
            says = f"[scope] bases: {base} does not exist, or the service account can't see it"
            yield failure("rights.base", says, "correct the name, or let the account list it")
            return
        anybody = anybody or bool(found)
        ordinary = [entry for entry in found if not _stands_alone(entry)]
        if ordinary:
            yield _kind_of_people(link, base, kind, ordinary, needed)
    if not anybody:
        yield failure(
            "rights.base",
            f"[scope] bases: {base} has nobody in it",
            "correct the name, or let the account list it",
        )


def _kind_of_people(
    link: Link, base: str, kind: str, people: Sequence[Entry], needed: Sequence[Needed]
) -> Finding:
    """Take the person with the fewest missing rights: an account may have its own entries that deny some."""
    found = [_missing(needed, partial(may, _descriptor(person), link.sids)) for person in people]
    missing = min(found, key=len)
    if missing:
        return failure("rights.people", f"{base}: no right to {', '.join(missing)} of people ({kind})", GRANT)
    return ok("rights.people", f"{base}: the rights on people ({kind}) are complete")


def _closed_places(link: Link, base: str, needed: Sequence[Needed]) -> Iterator[Finding]:
    """Report the units below a base that inherit no rights and pass too few on to their people."""
    found: list[Finding] = []
    for place in _all(link, base, PLACES, [DESCRIPTOR], MOST_PLACES):
        descriptor, dn = _descriptor(place), text(place, "dn")
        if descriptor and not is_protected(descriptor):
            continue
        for kind, where in PEOPLE.items():
            decide = partial(hands_down, descriptor, link.sids, heirs=CLASSES[kind])
            missing = _missing(needed, decide)
            if missing and link.search(dn, where, ["cn"], scope=SUBTREE, limit=1)[1]:
                found.append(_no_inheritance(dn, kind, missing))
    yield from first(found, base)
    if not found:
        yield ok("rights.places", f"{base}: no unit below it blocks the rights")


def _no_inheritance(dn: str, kind: str, missing: Sequence[str]) -> Finding:
    return failure(
        "rights.places",
        f"{dn}: inherits no rights, and gives none to {', '.join(missing)} of people ({kind})",
        f"run what `writeback grant --on {sh_literal(dn)}` prints, or enable its inheritance",
    )


def _orphans(link: Link, base: str, needed: Sequence[Needed]) -> Iterator[Finding]:
    """Report people who inherit no rights though AD does not protect them: mostly former administrators."""
    found: list[Finding] = []
    count = 0
    for person in _all(link, base, ANYBODY, ["adminCount", DESCRIPTOR], MOST_PEOPLE):
        count += 1
        descriptor = _descriptor(person)
        if integer(person, "admincount") or (descriptor and not is_protected(descriptor)):
            continue
        missing = _missing(needed, partial(may, descriptor, link.sids))
        if missing:
            found.append(_no_inheritance_of_person(text(person, "dn"), missing))
    yield from first(found, base)
    if count >= MOST_PEOPLE:
        yield ok("rights.persons", f"{base}: only the first {count} people were checked one by one")


def _no_inheritance_of_person(dn: str, missing: Sequence[str]) -> Finding:
    return failure(
        "rights.persons",
        f"{dn}: inherits no rights, so there is none to {', '.join(missing)}",
        "if this is not an administrator (adminCount is not 1), enable its inheritance of permissions",
    )


def first(found: Sequence[Finding], base: str) -> Iterator[Finding]:
    """Yield the first few findings, and how many more there are."""
    yield from found[:MOST_NAMED]
    if len(found) > MOST_NAMED:
        yield failure(
            "rights.more",
            f"{base}: {len(found) - MOST_NAMED} more are like that",
            "fix those, and run this again",
        )


def _unexpire(link: Link, domain: str) -> Finding:
    _, found = link.search(domain, "(objectClass=*)", [DESCRIPTOR], controls=[DACL_ONLY])
    descriptor = _descriptor(found[0]) if found else b""
    if may(descriptor, link.sids, CONTROL_ACCESS, frozenset({UNEXPIRE_PASSWORD})):
        return ok("rights.unexpire", f"{domain}: Unexpire Password is there")
    return failure(
        "rights.unexpire",
        f"{domain}: no right to Unexpire Password, so each new password would expire at once",
        GRANT,
    )


def _policies(link: Link, domain: str) -> Iterator[Finding]:
    """Check that the rules can be read: else no password is tried and no refusal explained."""
    try:
        domain_rules(link, domain)
    except Unreadable as error:
        yield failure(
            "rights.policies", str(error), "let the service account read these attributes of the domain"
        )
    container = f"CN=Password Settings Container,CN=System,{domain}"
    _, found = link.search(container, "(objectClass=*)", PSO_ATTRIBUTES, scope=SUBTREE, limit=MOST_POLICIES)
    if not found:
        yield failure(
            "rights.policies",
            f"{container} can't be read, so nobody knows which fine-grained password policies apply",
            GRANT,
        )
        return
    _, linked = link.search(domain, "(msDS-PSOApplied=*)", ["msDS-PSOApplied"], scope=SUBTREE, limit=100)
    applied = {value.decode() for entry in linked for value in entry.get("msds-psoapplied", ())}
    listed = {text(entry, "dn"): entry for entry in found if text(entry, "dn").lower() != container.lower()}
    for dn in sorted(applied | set(listed)):
        entry = listed.get(dn, {})
        if all(octets(entry, name.lower()) for name in PSO_ATTRIBUTES):
            yield ok("rights.policies", f"password policy {dn} can be read")
        else:
            yield failure(
                "rights.policies", f"the password policy {dn} applies to people but can't be read", GRANT
            )


def _all(link: Link, base: str, where: str, attributes: Sequence[str], most: int) -> Iterator[Entry]:
    """Yield the entries below a base and the base itself, a page at a time.

    Raises:
        Broken: a page could not be read.
    """
    cookie, count = b"", 0
    while count < most:
        link.deadline = time.monotonic() + PATIENCE
        reply, found = link.search(
            base, where, attributes, scope=SUBTREE, controls=[DACL_ONLY], page=(PAGE, cookie)
        )
        if reply.result not in (SUCCESS, NO_SUCH_OBJECT):
            raise Broken(f"{base} can't be searched: {reply}")
        yield from found
        count += len(found)
        cookie = reply.cookie
        if not cookie:
            return


def _stands_alone(person: Entry) -> bool:
    """Tell whether an account's rights are its own: AD protects it, or it inherits nothing."""
    return bool(integer(person, "admincount")) or is_protected(_descriptor(person))


def _descriptor(entry: Entry) -> bytes:
    return octets(entry, DESCRIPTOR.lower())
