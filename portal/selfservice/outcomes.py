"""Step 8 of 8: turns the worker's answer into what the result page says.

The sentence for each outcome is in portal/dispatch/outcomes.py, because every app needs it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.dispatch.outcomes import SENTENCES, describe_broken_rules, sentence
from portal.web.waits import say_wait
from writeback.envelope.answers import Answer, Applied, Outcome, PolicyFacts, PolicyRefusal, Rule, Wait
from writeback.envelope.facts import Facts

STILL_GOING = {Outcome.IN_PROGRESS, Outcome.NEVER_SEEN, Outcome.NOT_TAKEN}
# With these outcomes a worker may have counted a wrong password for its site, or may still do so.
MAY_COUNT = {Outcome.WRONG_PASSWORD, Outcome.UNKNOWN, *STILL_GOING}
APPLIED = {Outcome.DONE, Outcome.PARTIAL}
# The attempt goes on: another password may be accepted.
PASSWORD_REFUSED = {Outcome.REFUSED_BY_POLICY, Outcome.UNUSABLE_PASSWORD}
FEW_LEFT = 2
# Nothing was changed and no proof was used up: the same attempt can be tried again.
TRY_AGAIN = {
    Outcome.DIRECTORY_AWAY,
    Outcome.STATE_AWAY,
    Outcome.LIMIT_REACHED,
    Outcome.CLOSED,
    Outcome.EXPIRED,
    Outcome.REKEY,
}
# The next try would end in the same way.
HOPELESS = {
    Outcome.ACCOUNT_DISABLED,
    Outcome.ACCOUNT_EXPIRED,
    Outcome.ACCOUNT_GONE,
    Outcome.PROTECTED_ACCOUNT,
    Outcome.OUT_OF_SCOPE,
    Outcome.CANNOT_CHANGE,
    Outcome.SMART_CARD,
    Outcome.UNREACHABLE,
    Outcome.NOT_ALLOWED,
}

TITLES = {
    "waiting": lambda: _("One moment"),
    "done": lambda: _("Done"),
    "partial": lambda: _("Done in part"),
    "not-done": lambda: _("Nothing was changed"),
    "not-needed": lambda: _("Your account isn't locked"),
    "unsure": lambda: _("We're not sure"),
}


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What a result page says.

    Args:
        state: "waiting", "done", "partial", "not-done", "not-needed" or "unsure".
        sentence: what has happened.
        next: what to do now, one sentence each.
        at: when the directory made the change.
        unlocked: True if the account was locked before and is not any more.
        ended: a sentence about the other attempts and sign-ins that this has ended; empty if there were none.
    """

    state: str
    sentence: str
    next: list[str] = field(default_factory=list)
    at: datetime | None = None
    unlocked: bool = False
    ended: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.state]()


def facts_to_keep(facts: Facts | None) -> dict[str, object]:
    """Return those of an answer's facts that the result page, or remembering the browser, needs later."""
    match facts:
        case Applied():
            applied = {"at": facts.at, "unlocked": facts.unlocked, "ended": facts.ended}
            return {**applied, "account": facts.account.hex(), "directory": facts.directory}
        case PolicyRefusal():
            return _keep_refusal(facts)
        case Wait():
            return {"seconds": facts.seconds}
        case _:
            return {}


def _keep_refusal(refusal: PolicyRefusal) -> dict[str, object]:
    """Return what is kept of a refusal; the length of the password only if it was too short."""
    kept: dict[str, object] = {"rules": list(refusal.rules), "policy": _keep_numbers(refusal.policy)}
    if Rule.MIN_LENGTH in refusal.rules:
        kept["length"] = refusal.length
    if refusal.changeable_at:
        kept["changeable_at"] = refusal.changeable_at
    return kept | ({"left": refusal.left, "again": refusal.again} if refusal.length else {})


def _keep_numbers(policy: PolicyFacts) -> dict[str, int]:
    """Return what may be kept of a person's rules: the numbers, not the parts of their name."""
    return {
        "min_length": policy.min_length,
        "complexity": policy.complexity,
        "history": policy.history,
        "min_age": policy.min_age,
    }


def refusals(outcome: str, facts: dict[str, object]) -> list[str]:
    """Return the sentences for the field of a refused password, with the tries left if they are few."""
    left = facts.get("left")
    said = _read_broken_rules(facts) or [str(SENTENCES[Outcome(outcome)])]
    if isinstance(left, int) and 0 < left <= FEW_LEFT:
        said[-1] += " " + ngettext("You have %(count)d try left.", "You have %(count)d tries left.", left) % {
            "count": left
        }
    return said


def _read_broken_rules(facts: dict[str, Any]) -> list[str]:
    """Return one sentence for each rule in a kept refusal; an older version kept the sentences themselves."""
    if "rules" not in facts:
        return [str(each) for each in facts.get("broken", [])]
    refusal = PolicyRefusal(
        rules=tuple(Rule(each) for each in facts["rules"]),
        policy=PolicyFacts(**facts["policy"]),
        length=facts.get("length", 0),
        changeable_at=facts.get("changeable_at", 0),
    )
    return describe_broken_rules(refusal)


def is_out_of_tries(outcome: str, facts: dict[str, object]) -> bool:
    """Tell whether a password was refused and no other one may be tried for now."""
    return outcome == Outcome.REFUSED_BY_POLICY and facts.get("left") == 0


def ending(*, operation: str, outcome: str, facts: dict[str, object], waited: float) -> Ending:
    """Return what the result page says.

    Args:
        operation: "reset", "unlock" or "change".
        outcome: the outcome in the attempt's row; empty if none came yet, NOT_TAKEN if the job may still be
            done.
        facts: facts as returned by `facts_to_keep`.
        waited: seconds since the job was sent.
    """
    if not outcome or outcome in STILL_GOING:
        return _end_waiting(operation, waited, Outcome(outcome or Outcome.IN_PROGRESS))
    code = Outcome(outcome)
    if code in APPLIED:
        return _end_applied(operation, code, facts)
    if code is Outcome.UNKNOWN:
        return _end_unsure(operation)
    if is_out_of_tries(outcome, facts):
        return _end_out_of_tries(outcome, facts)
    state = "not-needed" if code is Outcome.NOT_LOCKED else "not-done"
    return Ending(state=state, sentence=sentence(answer_of_row(code, facts, waited)))


def answer_of_row(outcome: str, facts: dict[str, object], waited: float = 0.0) -> Answer:
    """Return the kept part of an answer: its outcome, and how long there is still to wait."""
    seconds = seconds_to_wait(facts, waited)
    return Answer(outcome=Outcome(outcome), facts=Wait(seconds=seconds) if seconds else None)


def seconds_to_wait(facts: dict[str, object], waited: float) -> int:
    """Return how many seconds of the wait in the facts are left; 0 if there is none.

    Args:
        facts: facts as returned by `facts_to_keep`.
        waited: seconds that have passed already.
    """
    seconds = facts.get("seconds")
    return max(0, seconds - int(waited)) if isinstance(seconds, int) else 0


def _end_out_of_tries(outcome: str, facts: dict[str, object]) -> Ending:
    then, again = refusals(outcome, facts), facts.get("again")
    if isinstance(again, int) and again > 0:
        said = _("This password was refused, and no other one can be tried for now. Nothing was changed.")
        then.append(
            say_wait(again) + " " + _("Then you can start again. If you need it sooner, call the helpdesk.")
        )
    else:
        said = _(
            "This password was refused, and no other one can be tried in this attempt. Nothing was changed."
        )
        then.append(_("Start again to choose another one; you prove who you are anew."))
    return Ending(state="not-done", sentence=said, next=then)


def _end_waiting(operation: str, waited: float, code: Outcome) -> Ending:
    if waited < 300:
        return Ending(state="waiting", sentence=sentence(Answer(outcome=code)))
    return _end_unsure(operation)


def _end_unsure(operation: str) -> Ending:
    if operation != "unlock":
        return Ending(state="unsure", sentence=sentence(Answer(outcome=Outcome.UNKNOWN)))
    said = _(
        "We couldn't confirm what the directory did. Try to sign in; if your account is still locked, start "
        "again or call the helpdesk."
    )
    return Ending(state="unsure", sentence=said)


def _end_applied(operation: str, code: Outcome, facts: dict[str, object]) -> Ending:
    at, unlocked = facts.get("at"), facts.get("unlocked") is True
    when = datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None
    if code is Outcome.PARTIAL:
        said = sentence(Answer(outcome=code))
        return Ending(
            state="partial",
            sentence=said,
            next=[_("Call the helpdesk with the reference below.")],
            at=when,
            ended=_describe_ended(facts),
        )
    if operation == "unlock":
        said, then = _("Your account is unlocked."), [_("Sign in with the password that you have.")]
        then.append(_("If it locks again soon, a phone or a program may still use an old password."))
        then.append(_warn_of_delay())
        return Ending(
            state="done", sentence=said, next=then, at=when, unlocked=True, ended=_describe_ended(facts)
        )
    said = (
        _("Your new password is set, and your account is unlocked.")
        if unlocked
        else _("Your new password is set.")
    )
    then = [
        _("Sign in on your computer with the new password."),
        _("On your phone, update the password in Mail and Wi-Fi."),
        _warn_of_delay(),
    ]
    return Ending(
        state="done", sentence=said, next=then, at=when, unlocked=unlocked, ended=_describe_ended(facts)
    )


def _describe_ended(facts: dict[str, object]) -> str:
    count = facts.get("ended")
    if not isinstance(count, int) or count < 1:
        return ""
    said = ngettext(
        "This also ended %(count)d other sign-in or attempt of yours.",
        "This also ended %(count)d other sign-ins or attempts of yours.",
        count,
    )
    return said % {"count": count}


def _warn_of_delay() -> str:
    return _("It can take up to 15 minutes until other sites of your organisation know it.")
