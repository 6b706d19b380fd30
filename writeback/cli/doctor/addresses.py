"""The doctor's check of mail addresses in the directory: which can't be used."""

from collections.abc import Iterator, Sequence

from writeback.directory.connection import Link
from writeback.directory.mailboxes import mailboxes
from writeback.envelope.findings import Finding, ok, warning

MOST_PEOPLE, MOST_NAMED = 50_000, 5


def checks(link: Link, bases: Sequence[str]) -> Iterator[Finding]:
    """Yield the findings; write nothing.

    Args:
        link: bound as the service account.
        bases: DNs of the scope that lie in its domain.

    Raises:
        Broken: the controller gave no answer.
    """
    for base in bases:
        found = mailboxes(link, base, most=MOST_PEOPLE)
        count = len(found.unusable)
        people = f"{'the first ' if found.people >= MOST_PEOPLE else ''}{found.people} people"
        if count:
            named = "; ".join(f"{dn} ({fault.value})" for dn, fault in found.unusable[:MOST_NAMED])
            more = " …" if count > MOST_NAMED else ""
            yield warning(
                "directory.mail",
                f"{base}: {count} of {people} have an unusable mail address, "
                f"so they can't register and get no notice there: {named}{more}",
                "correct the attribute mail of these accounts; `writeback explain NAME` says what is wrong",
            )
        else:
            yield ok(
                "directory.mail",
                f"{base}: all mail addresses of {people} can be used; {found.without} have none",
            )
