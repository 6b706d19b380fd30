"""Reads the sections of the ceiling: scope, gates, limits, notify, operations, attempts."""

from writeback.ceiling import (
    DAY,
    MINUTE,
    Attempts,
    Ceiling,
    Gate,
    Limits,
    Notify,
    Scope,
    parse_dn,
)
from writeback.config.reader import Section
from writeback.envelope.addresses import UnusableAddress, check_address
from writeback.envelope.answers import Unreachable
from writeback.envelope.jobs import JOBS, Operation
from writeback.envelope.methods import CODE_LENGTH, FAMILY_OF, MethodKind

_PLANNED = ("sms", "questions", "passkey", "access_pass")
METHOD_NAMES = tuple(dict.fromkeys((*(kind.value for kind in MethodKind), *_PLANNED)))


def read_ceiling(top: Section, *, own_accounts: tuple[str, ...]) -> Ceiling:
    return Ceiling(
        scope=_scope(top.table("scope"), own_accounts),
        notify=_notify(top.table("notify")),
        operations=_operations(top.table("operations")),
        gates=_gates(top.table("gates")),
        limits=_limits(top.table("limits")),
        attempts=_attempts(top.table("attempts")),
    )


def _scope(part: Section, own_accounts: tuple[str, ...]) -> Scope:
    scope = Scope(
        bases=part.texts("bases"),
        deny_groups=part.texts("deny_groups", ()),
        operators=part.texts("operators", ()),
        own_accounts=own_accounts,
        deny_admincount=part.flag("deny_admincount", default=True),
        deny_spn=part.flag("deny_spn", default=True),
    )
    for key in ("bases", "deny_groups", "operators"):
        part.each(key, getattr(scope, key), parse_dn)
    part.done()
    return scope


def _notify(part: Section) -> Notify:
    contact, on_call = part.text("contact"), part.texts("on_call", ())
    # By default somebody is told: if nobody is named, the contact address in the mails.
    usual = on_call or ((contact,) if _is_address(contact) else ())
    notify = Notify(
        contact=contact,
        channels=part.texts("channels", Notify(contact="").channels),
        on_call=on_call,
        unreachable=_unreachable(part),
        administrators=part.texts("administrators", usual),
    )
    if not notify.channels:
        part.problem("channels", "must name at least one: every reset needs a notice")
    for channel in notify.channels:
        if channel not in ("ad:mail", "factors"):
            part.problem("channels", f'"{channel}" is not one of ad:mail, factors')
    for key in ("on_call", "administrators"):
        for address in getattr(notify, key):
            if not _is_address(address):
                part.problem(key, f'"{address}" is not a usable mail address')
    part.done()
    return notify


def _is_address(text: str) -> bool:
    """Tell whether mail can be sent there; an organisation's relay may accept a domain of one label."""
    try:
        check_address(text, dotted=False)
    except UnusableAddress:
        return False
    return True


def _unreachable(part: Section) -> Unreachable:
    usual = Notify(contact="").unreachable
    word = part.choice("unreachable", tuple(Unreachable), usual)
    return Unreachable(word) if word in tuple(Unreachable) else usual


def _operations(part: Section) -> frozenset[str]:
    known = sorted(job.__name__ for job in JOBS.values())
    allowed = part.words("allow", known)
    for needed in ("JobStatus", "Health"):
        if allowed and needed not in allowed:
            part.problem("allow", f"must hold {needed}, without which no result is certain")
    part.done()
    return frozenset(allowed)


def _gates(part: Section) -> dict[Operation, Gate]:
    usual = Ceiling(scope=Scope(bases=()), notify=Notify(contact=""), operations=frozenset()).gates
    # SP 800-63B-4 §4.2.2.2: recovery takes two independent proofs.
    least = {Operation.RESET: 2, Operation.UNLOCK: 1, Operation.CHANGE: 0, Operation.REGISTER: 1}
    gates = {}
    for operation, gate in usual.items():
        inner = part.table(operation.value)
        gates[operation] = (
            _asks_nothing(inner, gate)
            if operation is Operation.CHANGE
            else _gate(inner, gate, least[operation])
        )
        inner.done()
    part.done()
    return gates


def _gate(inner: Section, usual: Gate, least: int) -> Gate:
    """Read a gate, and refuse one that asks for more than exists: it would shut everybody out silently."""
    methods = inner.number("methods", usual.methods_needed, least, len(FAMILY_OF))
    key = _families_key(inner)
    families = inner.number(key, min(usual.families_needed, methods), least, len(set(FAMILY_OF.values())))
    if families > methods:
        inner.problem(key, f"{methods} methods can't span {families} families")
    never_alone = inner.words("never_alone", METHOD_NAMES, tuple(sorted(usual.never_alone)))
    return Gate(methods_needed=methods, families_needed=families, never_alone=frozenset(never_alone))


def _families_key(inner: Section) -> str:
    """Return the name of the setting, which was `groups` before version 0.2."""
    return "groups" if inner.has("groups") else "families"


def _asks_nothing(inner: Section, usual: Gate) -> Gate:
    """Read the gate of a change, which asks for the old password only; nothing else can be set."""
    numbers = [(key, inner.number(key, 0, 0, 5)) for key in ("methods", _families_key(inner))]
    for key, number in numbers:
        if number:
            inner.problem(key, "must be 0: the old password is the only proof for a change")
    if inner.words("never_alone", METHOD_NAMES, ()):
        inner.problem("never_alone", "must be left out: the old password is the only proof for a change")
    return usual


def _limits(part: Section) -> Limits:
    usual = Limits()
    sends = part.table("sends")
    limits = Limits(
        per_user=part.rates("per_user", usual.per_user),
        site=part.rates("global", usual.site),
        sends_per_destination=sends.rates("per_destination", usual.sends_per_destination),
        sends_per_person=sends.rates("per_person", usual.sends_per_person),
        sends_per_site=sends.rates("per_site", usual.sends_per_site),
        jobs=part.rates("jobs", usual.jobs),
        failed_signins=part.rates("failed_signins", usual.failed_signins),
        signins_per_user=part.rates("signins_per_user", usual.signins_per_user),
        questions=part.rates("questions", usual.questions),
        new_factor_cooldown=part.duration("new_factor_cooldown", usual.new_factor_cooldown, 0, 30 * DAY),
    )
    sends.done()
    part.done()
    return limits


def _attempts(part: Section) -> Attempts:
    usual, minute = Attempts(), MINUTE
    part.accept_only("code_digits", CODE_LENGTH[MethodKind.EMAIL])
    attempts = Attempts(
        life=part.duration("life", usual.life, minute, 15 * minute),
        idle=part.duration("idle", usual.idle, minute, 15 * minute),
        code_life=part.duration("code_life", usual.code_life, minute, 10 * minute),
        resend_wait=part.duration("resend_wait", usual.resend_wait, 0, 10 * minute),
        tries_per_code=part.number("tries_per_code", usual.tries_per_code, 1, 10),
        wrong_before_rest=part.number("wrong_before_rest", usual.wrong_before_rest, 1, 10),
        first_rest=part.duration("first_rest", usual.first_rest, minute, DAY),
        wrong_a_year=part.number("wrong_a_year", usual.wrong_a_year, 1, 25),
        wrong_per_method=part.rates("wrong_per_method", usual.wrong_per_method),
        wrong_in_a_row=part.number("wrong_in_a_row", usual.wrong_in_a_row, 1, 50),
        refused_passwords=part.number("refused_passwords", usual.refused_passwords, 1, 10),
        pending_factor_life=part.duration(
            "pending_factor_life", usual.pending_factor_life, minute, 60 * minute
        ),
    )
    part.done()
    return attempts
