"""The doctor's look at mail addresses in the directory: whose can't be sent to."""

from collections.abc import Iterator, Sequence

from writeback.directory.connection import Link
from writeback.directory.mailboxes import mailboxes
from writeback.envelope.findings import Finding, ok, warning

MOST_PEOPLE, MOST_NAMED = 50_000, 5


def checks(link: Link, bases: Sequence[str]) -> Iterator[Finding]:
    """Yield what was found; nothing is written.

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
                f"{base}: {count} of {people} have a mail address that no mail can be sent to, "
                f"so they can't register and get no notice there: {named}{more}",
                "correct the attribute mail of these accounts; `writeback explain NAME` tells what is wrong",
            )
        else:
            yield ok(
                "directory.mail",
                f"{base}: of {people} every mail address can be sent to; {found.without} have none",
            )
