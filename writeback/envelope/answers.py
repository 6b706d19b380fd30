"""The answers that a worker can give: one of a closed list of outcomes, plus facts; pages make sentences."""

from dataclasses import dataclass

from writeback.envelope.anchors import Anchored
from writeback.envelope.facts import Facts
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.envelope.outcomes import DirectoryState, FactorState, Outcome, Rule, Unreachable
from writeback.envelope.questions import GroupsChecked, PersonExplained
from writeback.envelope.secret import Secret

__all__ = [
    "FACTS",
    "Answer",
    "Applied",
    "AttemptOpened",
    "CeilingGates",
    "DirectoryHealth",
    "DirectoryState",
    "FactorFacts",
    "FactorList",
    "FactorPending",
    "FactorState",
    "Facts",
    "GateOffer",
    "HealthReport",
    "NoticeRules",
    "Outcome",
    "PolicyFacts",
    "PolicyRefusal",
    "Progress",
    "Rule",
    "SignedIn",
    "Unreachable",
    "Wait",
]


@dataclass(frozen=True, kw_only=True)
class Wait(Facts):
    """The time to wait, in whole seconds."""

    seconds: int


@dataclass(frozen=True, kw_only=True)
class GateOffer(Facts):
    """One way to prove it that an attempt offers; decoys have the same.

    Args:
        factor: handle of the factor in this attempt, 16 bytes.
        method: kind of proof.
        hint: masked destination ("j•••@example.com"); empty for methods that send nothing.
    """

    factor: bytes
    method: MethodKind
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class AttemptOpened(Facts):
    """Answer to Begin.

    Args:
        attempt: the attempt's id, 16 random bytes.
        offers: ways to prove it, strongest first.
        methods_needed: how many different methods are needed (0 for CHANGE).
        families_needed: how many different families they must come from.
        expires: seconds until the attempt ends.
        idle: seconds without a sign of the person after which it ends earlier.
        code_life: seconds for which a code that is sent in it is valid.
        chain: the token that the browser sends with its next Begin, so that strangers can't use up its tries.
    """

    attempt: bytes
    offers: tuple[GateOffer, ...]
    methods_needed: int
    families_needed: int
    expires: int
    idle: int
    code_life: int
    chain: bytes = b""


@dataclass(frozen=True, kw_only=True)
class SignedIn(Facts):
    """Answer to SignIn with the right password.

    Args:
        attempt: the attempt's id, 16 random bytes.
        account: objectGUID, 16 bytes as AD stores them, by which the portal knows the account.
        name: sAMAccountName.
        display_name: the name to call the person by.
        directory: id of the directory that holds the account.
        offers: ways to step up; empty if no step-up is needed now.
        first: True while the person registers for the first time.
        expires: seconds until the attempt ends.
        code_life: seconds for which a code that is sent in it is valid.
    """

    attempt: bytes
    account: bytes
    name: str
    display_name: str
    directory: str
    offers: tuple[GateOffer, ...]
    first: bool
    expires: int
    code_life: int


@dataclass(frozen=True, kw_only=True)
class FactorFacts(Facts):
    """One factor of the signed-in person, masked.

    Args:
        created, last_used: Unix times in whole seconds; last_used is 0 if it was never used.
        ready_at: Unix time at which its cooldown ends, from which it may be used for a reset or an unlock; 0
            if that time is past by the worker's clock.
        left: how many backup codes are unused; 0 for other methods.
    """

    factor: bytes
    method: MethodKind
    state: FactorState
    hint: str
    created: int
    last_used: int
    ready_at: int
    left: int = 0


@dataclass(frozen=True, kw_only=True)
class FactorList(Facts):
    """Answer to ListFactors.

    Args:
        factors: the active factors, then the pending ones, oldest first.
        methods_needed, families_needed: how many methods and families a reset needs.
        enough: True if the active factors suffice for a reset, after their cooldown.
        ready_at: Unix time from which they suffice; 0 if that time is past, or they don't suffice.
        stepped_up: True if factors may be changed now.
        offers: ways to step up, if stepped_up is False.
        own_mail: masked mail address in AD, which may be enrolled without typing it; empty if there is none.
    """

    factors: tuple[FactorFacts, ...]
    methods_needed: int
    families_needed: int
    enough: bool
    stepped_up: bool
    offers: tuple[GateOffer, ...]
    own_mail: str = ""
    ready_at: int = 0


@dataclass(frozen=True, kw_only=True)
class FactorPending(Facts):
    """Answer to EnrolFactor, with the secrets that the person sees once.

    Args:
        factor: id of the pending factor, 16 bytes.
        hint: masked destination.
        expires: seconds in which it must be confirmed; 0 if it is active already, because this attempt
            has just proven its mailbox.
        secrets: the TOTP seed in base32 (one entry) or the backup codes; empty for mail.
        account: the name under which an authenticator app keeps the seed.
    """

    factor: bytes
    hint: str
    expires: int
    secrets: tuple[Secret, ...] = ()
    account: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress(Facts):
    """Answer to CheckFactor: what was proven in the attempt so far.

    Args:
        proven: methods proven so far.
        enough: True if they suffice for the operation.
    """

    proven: tuple[MethodKind, ...]
    enough: bool


@dataclass(frozen=True, kw_only=True)
class PolicyFacts(Facts):
    """The rules for a new password.

    Args:
        min_length: least number of characters (UTF-16 units, as AD counts).
        complexity: True if three of the five kinds of characters are needed.
        history: how many earlier passwords are refused.
        min_age: seconds that must pass between two changes.
        names: parts of the person's names, in lower case, that a complex password must not contain.
        readable: False if a PSO applies that the worker may not read; the numbers are the domain's then.
    """

    min_length: int
    complexity: bool
    history: int
    min_age: int
    names: tuple[str, ...] = ()
    readable: bool = True


@dataclass(frozen=True, kw_only=True)
class PolicyRefusal(Facts):
    """Which rules a refused password broke.

    Args:
        rules: the broken rules, at least one.
        policy: the rules that hold for this person.
        length: UTF-16 units of the refused password; 0 if the password was not looked at, nor counted.
        changeable_at: Unix time at which the password reaches its minimum age; 0 if that rule is not broken.
        left: how many more passwords may be tried before the attempt ends or the person's limit is reached.
        again: if none is left, the seconds until the person may begin again; 0 for at once.
    """

    rules: tuple[Rule, ...]
    policy: PolicyFacts
    length: int
    changeable_at: int = 0
    left: int = 0
    again: int = 0


@dataclass(frozen=True, kw_only=True)
class Applied(Facts):
    """The effect of a write.

    Args:
        at: Unix time of the write.
        unlocked: True if the account was locked and is not any more.
        dc: name of the domain controller that did it.
        ended: how many other attempts and sign-ins of the person ended with it.
        account: objectGUID of the account, 16 bytes, so that the portal can end its sessions too.
        directory: id of the directory that holds the account.
    """

    at: int
    unlocked: bool
    dc: str
    ended: int = 0
    account: bytes = b""
    directory: str = ""


@dataclass(frozen=True, kw_only=True)
class DirectoryHealth(Facts):
    """The health of one directory as a worker sees it.

    Args:
        detail: one English sentence for administrators; empty if the directory is up.
        dc: the domain controller in use.
        latency_ms: milliseconds that the last probe took.
        certificate_days: days until the DC's certificate expires.
        policy_hints: True if the DC offers the policy-hints control.
    """

    directory: str
    state: DirectoryState
    detail: str
    dc: str
    latency_ms: int
    certificate_days: int
    policy_hints: bool


@dataclass(frozen=True, kw_only=True)
class CeilingGates(Facts):
    """The proofs that the worker needs at least for one operation.

    Args:
        never_alone: methods that don't suffice on their own.
    """

    operation: Operation
    methods_needed: int
    families_needed: int
    never_alone: tuple[MethodKind, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NoticeRules(Facts):
    """Who is notified of what.

    Args:
        unreachable: what the site does for a person who can't be notified.
        administrators: how many mail addresses are notified in place of such a person.
        on_call: how many mail addresses get alarms.
    """

    unreachable: Unreachable
    administrators: int
    on_call: int


@dataclass(frozen=True, kw_only=True)
class HealthReport(Facts):
    """Answer to Health."""

    worker: str
    version: str
    directories: tuple[DirectoryHealth, ...]
    couriers: tuple[str, ...]  # names of couriers that are up
    outbox: int  # messages waiting
    gates: tuple[CeilingGates, ...]
    allowed: tuple[str, ...]  # names of jobs
    ceiling_hash: bytes
    notices: NoticeRules


FACTS: dict[int, type[Facts]] = {
    1: Wait,
    2: AttemptOpened,
    3: SignedIn,
    4: FactorList,
    5: FactorPending,
    6: Progress,
    7: PolicyFacts,
    8: PolicyRefusal,
    9: Applied,
    10: HealthReport,
    11: Anchored,
    12: GroupsChecked,
    13: PersonExplained,
}
"""The number on the wire of each kind of facts that an answer may carry; other kinds occur inside these."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The reply to one job.

    Args:
        outcome: how the job ended.
        facts: further facts, or None.
    """

    outcome: Outcome
    facts: Facts | None = None
