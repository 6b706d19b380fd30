"""Writes docs/reference/events.md out of the code that records them: `python -m tests.reference.events`."""

from collections.abc import Mapping
from pathlib import Path

from tests.reference.recorded import Event, events_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"
HEAD = """\
# Audit events

<!-- Made by `python -m tests.reference.events` out of the code that records them; not changed by hand. -->

Portal and worker each keep a chained record of what happened. Lines of one attempt carry the same reference
on both sides. The portal's is read at `/admin/` and checked by `manage.py verify_audit`; the worker's is read
by `writeback audit show --event NAME` and checked by `writeback audit verify` ([commands](commands.md)).

The facts that an event can have stand beside its name; `outcome` is one of the closed list of outcomes. No
fact holds a password, a code, a seed or a mail address. At the portal `name` is a keyed pseudonym of what was
typed, and `account` the name of somebody who has proven it; at the worker `account` is an objectGUID.
"""
COLUMNS = """\
| event | facts | what happened |
|---|---|---|
"""
PORTAL = {
    "admin.code-refused": "somebody gave the right password of an admin and a wrong code",
    "admin.created": "a local admin was made",
    "admin.refused": "a sign-in to `/admin/` was refused",
    "admin.signed-in": "an admin signed in",
    "admin.signed-out": "an admin signed out",
    "admin.throttled": "a sign-in to `/admin/` was not checked: too many tries",
    "attempt.begun": "somebody began a reset, an unlock or a change",
    "attempt.refused": "an attempt could not begin",
    "attempt.repeated": "a form was sent again after its job had been sent",
    "attempt.signed-in": "somebody signed in at `/register/`",
    "attempt.subject-mismatch": "a browser posted to somebody else's attempt; its own attempt ends",
    "attempt.void": "an attempt was closed before anything was sent in it",
    "audit.not-as-seen": "the portal's audit is not as the workers have seen it: cut or written anew",
    "factor.confirmed": "a new factor was confirmed, or its code was wrong",
    "factor.enrolled": "setting up a factor began",
    "factor.failed": "a code was not accepted",
    "factor.proven": "a code was right",
    "factor.removed": "a factor was removed",
    "factor.renamed": "a factor got another name",
    "factor.started": "the worker was asked to send a code",
    "factor.throttled": "a code was not checked: too many tries in this attempt",
    "job.settled": "what became of a job is known; `signed_out` says that the person's sessions were ended",
    "job.submitted": "a reset, an unlock or a change was sent to the worker",
    "person.first-seen": "a person signed in for the first time; the portal has a row for them now",
    "person.tried": "an administrator asked what a person would get",
    "policy.changed": "an administrator changed the policy",
    "sign-in.over": "the worker had ended a session that was still used",
    "sign-in.refused": "a sign-in at `/register/` was refused",
    "site.alarm": "a worker's heartbeat said what pairing did not pin",
    "site.paired": "a site was paired",
    "site.switched": "an administrator switched a site on or off",
    "site.unpaired": "a site was forgotten",
    "start.throttled": "somebody was turned away at the door: a share is used up",
}
WORKER = {
    "account.ambiguous": "a typed name means several accounts that may be served, or one of several",
    "account.mail-unusable": "the address of an account in the directory can't be sent to",
    "account.unreadable": "something that decides about an account could not be read, so it was refused",
    "attempt.ended": "a session ended, because the password was set after its sign-in",
    "attempt.gone": "a job named an attempt that is over or was never there",
    "attempt.opened": "an attempt or a decoy was opened; `verdict` says what the name came to",
    "attempt.refused": "an attempt was not opened",
    "browsers.forgotten": "`writeback revoke` made the tokens of known browsers worthless",
    "doctor.asked": "the doctor checked that the audit can be written",
    "factor.checked": "a code was checked",
    "factor.confirmed": "a new factor was confirmed, or its code was wrong",
    "factor.enrolled": "setting up a factor began",
    "factor.refused": "a change of factors was refused, because the account may not be touched now",
    "factor.removed": "a factor was removed",
    "factor.rests": "an app rests after wrong codes",
    "factor.started": "a code was made, or withheld (`nothing-sent`)",
    "factors.revoked": "`writeback revoke` removed factors of a person",
    "group.asked": "the portal asked about a group",
    "groups.checked": "an administrator had groups of the policy checked",
    "guard.refused": "messages were dropped before they were opened: malformed, or not signed by the portal",
    "job.refused": "a job was refused before its handler",
    "journal.away": "the state could not be written after a write; it is resolved later",
    "keys.rolled": "`writeback rollover` made new keys",
    "limit.reached": "a limit of the site was reached, and the people on call were told",
    "mail.away": "a mail could not be sent yet",
    "mail.refused": "a mail was given up",
    "mail.sent": "a mail was sent",
    "password.not-judged": "the directory failed while a password was tried, and the person was not told",
    "password.not-tried": "a password was not tried: it could have locked the account",
    "person.explained": "an administrator asked what a person would get",
    "portal.audit-anchored": "the end of the portal's audit was kept and signed",
    "portal.audit-broken": "the portal's audit does not go on from what was kept",
    "portal.audit-forgotten": "`writeback audit reanchor` took the portal's audit as it is",
    "portal.audit-refused": "what the portal showed can't be the end of an audit",
    "portal.paired": "a portal was paired",
    "signin": "a work password was judged, or not tried",
    "state.backed-up": "the state was backed up",
    "state.restored": "the state was restored",
    "worker.started": "a worker started",
    "worker.stopped": "a worker ended in order",
    "write.intent": "a write is about to be sent",
    "write.judged-twice": "two verdicts on one write met; `stands` says which one holds",
    "write.late": "a write was given up before it was sent, because it was held up too long",
    "write.outcome": "what the directory said to a write",
    "write.refused": "a write was refused before it was sent",
    "write.resolved": "the directory was asked what became of a write",
    "writeback.disabled": "writeback was switched off",
    "writeback.enabled": "writeback was switched on again",
}
MORE: Mapping[str, tuple[str, ...]] = {
    "admin.throttled": ("account", "name"),
    "attempt.opened": ("account", "directory", "first", "missing_group", "operation", "verdict"),
    "job.settled": ("account", "guid", "operation", "outcome", "signed_out"),
    "job.submitted": ("account", "operation"),
    "mail.away": ("kind", "tries"),
    "mail.refused": ("kind", "tries"),
    "mail.sent": ("kind", "tries"),
    "person.explained": ("account", "typed"),
    "write.intent": ("account", "name"),
    "write.judged-twice": ("account", "before", "dc", "stands"),
    "write.late": ("account", "name"),
    "write.outcome": ("account", "ended", "name", "told"),
    "write.refused": ("account", "decoy", "name", "verdict"),
    "write.resolved": ("account", "dc"),
}
"""Facts that stand in a mapping, or are added by the function that records."""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for title, part, meanings in (
        ("The portal's", "portal", PORTAL),
        ("The worker's", "writeback", WORKER),
    ):
        parts.append(f"\n## {title}\n\n{COLUMNS}")
        parts += [_row(name, event, meanings) for name, event in sorted(events_of(part).items())]
    return "".join(parts)


def _row(name: str, event: Event, meanings: Mapping[str, str]) -> str:
    facts = ", ".join(f"`{fact}`" for fact in sorted(event.facts | set(MORE.get(name, ()))))
    return f"| `{name}` | {facts or 'none'} | {meanings[name]} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
