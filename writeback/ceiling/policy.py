"""The worker's own policy as frozen values; the defaults are the product's."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from writeback.ceiling.rates import DAY, HOUR, MINUTE, Rate
from writeback.envelope.answers import CeilingGates, NoticeRules, Unreachable
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The proofs that one operation needs.

    Args:
        methods_needed: how many different methods.
        families_needed: how many different families these methods must come from.
        never_alone: names of methods that are not enough on their own.
    """

    methods_needed: int
    families_needed: int
    never_alone: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Scope:
    r"""Whom Keyback serves.

    Args:
        bases: DNs; an account is in scope if it lies below one of them.
        deny_groups: DNs of groups whose members are never touched, besides the built-in protected set.
        operators: DNs of the groups that run Keyback; their members are never touched either.
        own_accounts: the names with which the worker itself binds (DN, UPN or DOMAIN\name).
    """

    bases: tuple[str, ...]
    deny_groups: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    own_accounts: tuple[str, ...] = ()
    deny_admincount: bool = True
    deny_spn: bool = True


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The worker's limits; each is a list of rates that must all hold.

    Args:
        per_user: attempts of one person that reached INTENT.
        site: the same for all people together; beyond it the breaker opens ("global" in the file).
        jobs: opened jobs, before the journal; questions about the result of a job are counted apart.
        failed_signins: wrong passwords at the whole site; beyond it sign-in closes.
        signins_per_user: wrong passwords of one person.
        questions: groups and people that administrators may ask about through the portal; also the groups
            in an explanation of a person.
        new_factor_cooldown: seconds for which a new factor can't be used for a reset.
    """

    per_user: tuple[Rate, ...] = (Rate(count=5, seconds=HOUR), Rate(count=10, seconds=DAY))
    site: tuple[Rate, ...] = (Rate(count=60, seconds=MINUTE),)
    sends_per_destination: tuple[Rate, ...] = (Rate(count=5, seconds=HOUR),)
    sends_per_person: tuple[Rate, ...] = (Rate(count=10, seconds=DAY),)
    sends_per_site: tuple[Rate, ...] = (Rate(count=600, seconds=HOUR),)
    jobs: tuple[Rate, ...] = (Rate(count=600, seconds=MINUTE),)
    failed_signins: tuple[Rate, ...] = (Rate(count=60, seconds=10 * MINUTE),)
    signins_per_user: tuple[Rate, ...] = (Rate(count=3, seconds=HOUR),)
    questions: tuple[Rate, ...] = (Rate(count=60, seconds=HOUR),)
    new_factor_cooldown: int = DAY

    @property
    def sends_for_strangers(self) -> tuple[Rate, ...]:
        """Return how many mails strangers may cause at the site; the last quarter is for everybody else."""
        return tuple(replace(rate, count=max(1, rate.count * 3 // 4)) for rate in self.sends_per_site)


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """The lifetimes, in whole seconds, of attempts, codes and pending factors, and the tries they allow.

    Args:
        tries_per_code: wrong tries after which a sent code is void.
        wrong_before_rest: wrong tries in a row after which a factor that can be guessed rests.
        first_rest: seconds of the first rest; each further wrong try doubles it, up to a day.
        wrong_a_year: such tries in a year after which it counts only after another proof in the attempt.
        wrong_per_method: wrong tries of one person with one method, after another proof in the same attempt.
        wrong_in_a_row: such tries after which the factor is switched off and must be registered again.
        refused_passwords: passwords that AD may refuse before the proofs of an attempt are used up.
    """

    life: int = 15 * MINUTE
    idle: int = 10 * MINUTE
    code_life: int = 5 * MINUTE
    resend_wait: int = MINUTE
    tries_per_code: int = 3
    wrong_before_rest: int = 5
    first_rest: int = 15 * MINUTE
    wrong_a_year: int = 20
    wrong_per_method: tuple[Rate, ...] = (Rate(count=5, seconds=HOUR), Rate(count=10, seconds=DAY))
    wrong_in_a_row: int = 50
    refused_passwords: int = 5
    pending_factor_life: int = 10 * MINUTE


@dataclass(frozen=True, kw_only=True)
class Notify:
    """Who is told of changes.

    Args:
        channels: "ad:mail" (the address in the directory) and "factors" (destinations of the factors).
        contact: the "this wasn't me" address or number, as people read it.
        on_call: mail addresses that get a mail when a breaker opens.
        unreachable: what happens for a person whom none of the channels reaches.
        administrators: mail addresses that get the notices of such people.
    """

    contact: str
    channels: tuple[str, ...] = ("ad:mail", "factors")
    on_call: tuple[str, ...] = ()
    unreachable: Unreachable = Unreachable.TELL_ADMINISTRATORS
    administrators: tuple[str, ...] = ()

    def gaps(self) -> Iterator[tuple[str, str]]:
        """Yield each gap in the notices: the setting, and a sentence without its full stop."""
        if not self.on_call:
            yield (
                "on_call",
                "[notify] on_call is empty: nobody is mailed when the breaker opens or nobody can be served",
            )
        if self.unreachable is Unreachable.TELL_NOBODY:
            yield (
                "unreachable",
                '[notify] unreachable is "tell-nobody": nobody hears of changes to people without address',
            )
        elif self.unreachable is Unreachable.TELL_ADMINISTRATORS and not self.administrators:
            yield (
                "administrators",
                "[notify] names nobody to tell of changes for people without an address",
            )

    def notice_rules(self) -> NoticeRules:
        """Return these rules for the portal, without the addresses."""
        return NoticeRules(
            unreachable=self.unreachable, administrators=len(self.administrators), on_call=len(self.on_call)
        )


def _default_gates() -> dict[Operation, Gate]:
    return {
        Operation.RESET: Gate(methods_needed=2, families_needed=2),
        Operation.UNLOCK: Gate(
            methods_needed=1, families_needed=1, never_alone=frozenset({"sms", "email", "questions"})
        ),
        Operation.CHANGE: Gate(
            methods_needed=0, families_needed=0
        ),  # the old password is the proof, and AD checks it
        Operation.REGISTER: Gate(methods_needed=1, families_needed=1),
    }


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """The whole policy; an operation without a gate is forbidden.

    Args:
        operations: names of the jobs (class names in jobs.py) that the worker serves.
    """

    scope: Scope
    notify: Notify
    operations: frozenset[str]
    gates: Mapping[Operation, Gate] = field(default_factory=_default_gates)
    limits: Limits = field(default_factory=Limits)
    attempts: Attempts = field(default_factory=Attempts)

    def ceiling_gates(self) -> tuple[CeilingGates, ...]:
        """Return the gates for the portal."""
        return tuple(
            CeilingGates(
                operation=operation,
                methods_needed=gate.methods_needed,
                families_needed=gate.families_needed,
                never_alone=tuple(method for method in MethodKind if method.value in gate.never_alone),
            )
            for operation, gate in self.gates.items()
        )

    def digest(self) -> bytes:
        """Return the SHA-256 of this policy: 32 bytes, the same on every worker with the same policy."""
        plain = {
            "scope": asdict(self.scope),
            "notify": asdict(self.notify),
            "operations": sorted(self.operations),
            "gates": {
                operation.value: [gate.methods_needed, gate.families_needed, sorted(gate.never_alone)]
                for operation, gate in self.gates.items()
            },
            "limits": asdict(self.limits),
            "attempts": asdict(self.attempts),
        }
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).digest()
