"""One honest sentence for each outcome, and one for each password rule with its number."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.web.local_times import to_minute
from portal.web.waits import say_span, say_wait
from writeback.envelope.answers import Answer, Outcome, PolicyFacts, PolicyRefusal, Rule, Wait

SENTENCES: dict[Outcome, Promise] = {
    Outcome.DONE: gettext_lazy("Done."),
    Outcome.PARTIAL: gettext_lazy(
        "Your new password is set, but your account is still locked. Unlock it, or call the helpdesk."
    ),
    Outcome.ATTEMPT_GONE: gettext_lazy(
        "This attempt is over: its time has run out, or your password was set or your account unlocked "
        "meanwhile. Start again."
    ),
    Outcome.NOT_PROVEN: gettext_lazy(
        "You haven't proven enough yet for this. Use one more way, or start again."
    ),
    Outcome.WRONG_CODE: gettext_lazy("That isn't the right code. Check it and type it again."),
    Outcome.CODE_EXPIRED: gettext_lazy(
        "That code doesn't count any more: it is too old, or there were too many wrong tries. Ask for a new "
        "one and type it soon after it arrives."
    ),
    Outcome.TOO_MANY_TRIES: gettext_lazy("There were too many wrong tries, so no more are taken for now."),
    Outcome.TOO_SOON: gettext_lazy("A code was sent a moment ago."),
    Outcome.NOT_ALLOWED: gettext_lazy("Your organisation has switched this off."),
    # Anybody may read this, so it tells neither who is almost locked out nor who is not served here.
    Outcome.WRONG_PASSWORD: gettext_lazy(
        "The user name or the password isn't right, or there were too many wrong tries lately, or this "
        "service isn't set up for your account. Type both again."
    ),
    Outcome.MUST_CHANGE: gettext_lazy("Your password is right, but it must be changed before you can go on."),
    Outcome.PASSWORD_EXPIRED: gettext_lazy(
        "Your password is right, but it has expired. Change it before you go on."
    ),
    Outcome.SIGN_IN_CLOSED: gettext_lazy("We take no more tries for now, so that no account gets locked."),
    Outcome.ACCOUNT_LOCKED: gettext_lazy("Your account is locked. Unlock it first, or reset your password."),
    Outcome.ACCOUNT_DISABLED: gettext_lazy(
        "Your account is switched off. Only the helpdesk can switch it on."
    ),
    Outcome.ACCOUNT_EXPIRED: gettext_lazy("Your account has expired. Only the helpdesk can prolong it."),
    Outcome.ACCOUNT_RESTRICTED: gettext_lazy(
        "Your password is right, but your account may not sign in at this hour or from here."
    ),
    Outcome.ACCOUNT_GONE: gettext_lazy("Your account isn't in the directory any more. Call the helpdesk."),
    Outcome.PROTECTED_ACCOUNT: gettext_lazy(
        "Accounts with special rights are handled by your administrators, not here. Nothing was changed."
    ),
    Outcome.OUT_OF_SCOPE: gettext_lazy("This service isn't set up for your account. Call the helpdesk."),
    Outcome.NOT_LOCKED: gettext_lazy(
        "Your account isn't locked, so there was nothing to unlock. If you can't sign in, reset the password."
    ),
    Outcome.CANNOT_CHANGE: gettext_lazy(
        "The directory doesn't let your account change its password. Call the helpdesk."
    ),
    Outcome.SMART_CARD: gettext_lazy(
        "Your account signs in with a smart card, so it has no password that you could set or change. If the "
        "card doesn't work, call the helpdesk."
    ),
    Outcome.UNREACHABLE: gettext_lazy(
        "There is no mail address at which we could tell you of this, and your organisation asks for one. "
        "Nothing was changed. The helpdesk can give your account an address."
    ),
    Outcome.REFUSED_BY_POLICY: gettext_lazy("The directory refused this password. Choose another one."),
    Outcome.UNUSABLE_PASSWORD: gettext_lazy(
        "The directory can't store this password. Use at most 128 characters that a keyboard can type."
    ),
    Outcome.FACTOR_GONE: gettext_lazy("This way doesn't exist any more. Use another one."),
    Outcome.FACTOR_EXISTS: gettext_lazy("You have this one already."),
    Outcome.BAD_DESTINATION: gettext_lazy("Codes can't be sent there. Type another address."),
    Outcome.DIRECTORY_AWAY: gettext_lazy(
        "Your organisation's directory can't be reached now. Nothing was changed."
    ),
    Outcome.DIRECTORY_REFUSED: gettext_lazy(
        "The directory didn't let us do this; your administrators must look at it. Nothing was changed."
    ),
    Outcome.STATE_AWAY: gettext_lazy(
        "The service inside your network can't write down what it does, so it stopped. Nothing was changed."
    ),
    Outcome.LIMIT_REACHED: gettext_lazy("This was done too often in a short time. Nothing was changed."),
    Outcome.UNKNOWN: gettext_lazy(
        "We couldn't confirm what the directory did. Try the new password first; if it fails, the old one "
        "still works."
    ),
    Outcome.NOT_TAKEN: gettext_lazy(
        "The service inside your network can't take this now. Until it is sure whether it was done, don't "
        "send it again: that takes two minutes at most."
    ),
    Outcome.IN_PROGRESS: gettext_lazy("We've sent it. We're waiting for the directory to confirm."),
    Outcome.NEVER_SEEN: gettext_lazy("We've sent it, and it hasn't been picked up yet."),
    Outcome.CLOSED: gettext_lazy("It didn't get through in time, and it never will. Nothing was changed."),
    Outcome.CLOCK: gettext_lazy(
        "The clocks of two of our servers are too far apart; your administrators must look at it. "
        "Nothing was changed."
    ),
    Outcome.EXPIRED: gettext_lazy("It took too long to get through. Nothing was changed."),
    Outcome.REKEY: gettext_lazy("Our servers were just changing their keys. Nothing was changed."),
    Outcome.REFUSED: gettext_lazy(
        "The service inside your network didn't accept this; your administrators must look at it. "
        "Nothing was changed."
    ),
}

# What to do if the answer names no time. Beside "Wait 60 minutes", "Try again" is left out.
AGAIN: dict[Outcome, Promise] = {
    Outcome.TOO_MANY_TRIES: gettext_lazy("Try again later."),
    Outcome.SIGN_IN_CLOSED: gettext_lazy("Try again later."),
    Outcome.LIMIT_REACHED: gettext_lazy("Try again later."),
    Outcome.DIRECTORY_AWAY: gettext_lazy("Try again in a few minutes."),
    Outcome.CLOSED: gettext_lazy("Try again."),
    Outcome.EXPIRED: gettext_lazy("Try again."),
    Outcome.REKEY: gettext_lazy("Try again."),
}


def sentence(answer: Answer | None) -> str:
    """Return the sentence for a person about an answer; None means that no answer came in time."""
    if answer is None:
        return _("The service inside your network doesn't answer now. Try again in a few minutes.")
    said = str(SENTENCES[answer.outcome])
    if not isinstance(answer.facts, Wait) or answer.facts.seconds <= 0:
        return f"{said} {AGAIN[answer.outcome]}" if answer.outcome in AGAIN else said
    if answer.outcome is Outcome.WRONG_PASSWORD:  # of its three reasons, waiting helps with one only
        then = _("If you are sure they are right, wait %(time)s or call the helpdesk.")
        return f"{said} {then % {'time': say_span(answer.facts.seconds)}}"
    return f"{said} {say_wait(answer.facts.seconds)}"


def describe_broken_rules(refusal: PolicyRefusal) -> list[str]:
    """Return one sentence for each rule that a refused password broke."""
    return [_describe_rule(rule, refusal) for rule in refusal.rules]


def _describe_rule(rule: Rule, refusal: PolicyRefusal) -> str:
    policy = refusal.policy
    match rule:
        case Rule.MIN_LENGTH:
            said = _("Use at least %(least)d characters. This one has %(length)d.")
            return said % {"least": policy.min_length, "length": refusal.length}
        case Rule.COMPLEXITY:
            return _(
                "Use at least 3 of these: capital letters, small letters, digits, signs, other alphabets."
            )
        case Rule.NAME_IN_PASSWORD:
            return _("Leave your own name out of your password.")
        case Rule.MIN_AGE:
            said = _("Your password was set only a short while ago, and has to stay for now.")
            return f"{said} {say_when_changeable(refusal)}" if refusal.changeable_at else said
        case Rule.HISTORY_OR_FILTER:
            return _describe_history(policy.history)


def say_when_changeable(refusal: PolicyRefusal) -> str:
    """Return from when a person may set a password, if the last one was set too recently."""
    return _("You can set another one from %(when)s.") % {"when": to_minute(refusal.changeable_at)}


def _describe_history(history: int) -> str:
    if not history:
        return _("Your organisation doesn't allow this password. Choose one that is harder to guess.")
    said = ngettext(
        "This is your last %(count)d password, or one that your organisation doesn't allow. Choose another.",
        "This is one of your last %(count)d passwords, or one that isn't allowed here. Choose another.",
        history,
    )
    return said % {"count": history}


def rules(policy: PolicyFacts) -> list[dict[str, str | int]]:
    """Return the rules for a page to show above the field of a new password.

    Returns:
        for each rule: key (a Rule), text, number, and judge. The judge is "page" if the page can tick the
        rule off while a person types, and "directory" if only the directory can tell.
    """
    found: list[dict[str, str | int]] = []
    if policy.min_length:
        text = ngettext("At least %(n)d character", "At least %(n)d characters", policy.min_length)
        found.append(_make_rule(Rule.MIN_LENGTH, text % {"n": policy.min_length}, policy.min_length, "page"))
    if policy.complexity:
        text = _("3 of these: capital letters, small letters, digits, signs, other alphabets")
        found.append(_make_rule(Rule.COMPLEXITY, text, 3, "page"))
        judge = "page" if policy.names else "directory"  # before proof, a page doesn't know the names
        found.append(_make_rule(Rule.NAME_IN_PASSWORD, _("Without your name"), 0, judge))
    if policy.min_age:
        found.append(_make_rule(Rule.MIN_AGE, _describe_age(policy.min_age), policy.min_age, "directory"))
    if policy.history:
        text = ngettext(
            "Not your last %(n)d password", "Not one of your last %(n)d passwords", policy.history
        )
        found.append(
            _make_rule(Rule.HISTORY_OR_FILTER, text % {"n": policy.history}, policy.history, "directory")
        )
    return found


def _describe_age(seconds: int) -> str:
    """Return the rule of a minimum age: in days, or in hours if it is less than a day."""
    if seconds >= 86400:
        days = -(-seconds // 86400)
        return ngettext(
            "Your last one is at least %(n)d day old", "Your last one is at least %(n)d days old", days
        ) % {"n": days}
    hours = -(-seconds // 3600)
    return ngettext(
        "Your last one is at least %(n)d hour old", "Your last one is at least %(n)d hours old", hours
    ) % {"n": hours}


def _make_rule(rule: Rule, text: str, number: int, judge: str) -> dict[str, str | int]:
    return {"key": rule.value, "text": text, "number": number, "judge": judge}
