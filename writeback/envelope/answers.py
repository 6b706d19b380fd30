"""What a worker may say: a closed list of outcomes, plus facts. Sentences are made at the edge."""

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
    """How long to wait, in whole seconds."""

    seconds: int


@dataclass(frozen=True, kw_only=True)
class GateOffer(Facts):
    """One way to prove it, offered in an attempt; decoys look the same.

    Args:
        factor: handle of the factor within this attempt, 16 bytes.
        method: kind of proof.
        hint: masked destination ("j•••@example.com"), empty for methods that send nothing.
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
        families_needed: of how many different families they must be.
        expires: seconds until the attempt ends.
        idle: seconds without a sign of the person after which it ends before that.
        code_life: seconds for which a code is good that is sent in it.
        chain: what the browser brings with its next Begin, so that strangers can't use up what it has.
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
        account: objectGUID, 16 bytes as AD stores them (the anchor).
        name: sAMAccountName.
        display_name: what to call the person.
        offers: ways to step up; empty if no step-up is needed now.
        first: True while the person registers for the first time.
        expires: seconds until the attempt ends.
        code_life: seconds for which a code is good that is sent in it.
    """

    attempt: bytes
    account: bytes
    name: str
    display_name: str
    offers: tuple[GateOffer, ...]
    first: bool
    expires: int
    code_life: int


@dataclass(frozen=True, kw_only=True)
class FactorFacts(Facts):
    """One factor of the signed-in person, masked.

    Args:
        created, last_used: Unix time in whole seconds; last_used is 0 if never.
        ready_at: Unix time from which it may be used for a reset or an unlock, while that is to come by the
            worker's clock (cool-down); else 0.
        left: unused codes (backup codes), else 0.
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
        factors: active and pending ones, oldest first.
        methods_needed, families_needed: what a reset asks for.
        enough: True if the active factors will do for a reset (their cool-down aside).
        ready_at: Unix time from which they will do, while that is to come; else 0.
        stepped_up: True if changes are allowed now.
        offers: ways to step up, where stepped_up is False.
        own_mail: masked mail address that AD holds and that may be enrolled as it is, or empty.
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
    """Answer to EnrolFactor: what is shown once.

    Args:
        factor: id of the pending factor, 16 bytes.
        hint: masked destination.
        expires: seconds in which it must be confirmed; 0 if it is active already, because this attempt
            has just proven its mailbox.
        secrets: the TOTP seed in base32 (one entry) or the backup codes; empty for mail.
        account: the name to put beside the seed in an authenticator app.
    """

    factor: bytes
    hint: str
    expires: int
    secrets: tuple[Secret, ...] = ()
    account: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress(Facts):
    """Answer to CheckFactor: how far the attempt has got.

    Args:
        proven: methods proven so far.
        enough: True if the operation may go on.
    """

    proven: tuple[MethodKind, ...]
    enough: bool


@dataclass(frozen=True, kw_only=True)
class PolicyFacts(Facts):
    """The rules for a new password.

    Args:
        min_length: characters (UTF-16 units, as AD counts).
        complexity: True if three of five kinds of characters are asked for.
        history: how many earlier passwords are refused.
        min_age: seconds that must pass between two changes.
        names: lower-cased parts of the person's names that a password may not contain (with complexity).
        readable: False where a PSO applies and the worker may not read it: the numbers are the domain's.
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
        rules: at least one.
        policy: the rules that hold for this person.
        length: UTF-16 units of the refused password; 0 where none was looked at, and so none was counted.
        changeable_at: Unix time at which the minimum age will have passed; 0 if that is not the matter.
        left: how many more may be tried before the attempt ends, or the person has had enough for now.
        again: seconds until the person may begin again where none is left; 0 for at once.
    """

    rules: tuple[Rule, ...]
    policy: PolicyFacts
    length: int
    changeable_at: int = 0
    left: int = 0
    again: int = 0


@dataclass(frozen=True, kw_only=True)
class Applied(Facts):
    """What a write did.

    Args:
        at: Unix time of the write.
        unlocked: True if the account was locked and is not any more.
        dc: name of the domain controller that took it.
        ended: how many other attempts and sign-ins of the person were ended with it.
        account: objectGUID of the account, 16 bytes, so that the portal ends its sessions too.
    """

    at: int
    unlocked: bool
    dc: str
    ended: int = 0
    account: bytes = b""


@dataclass(frozen=True, kw_only=True)
class DirectoryHealth(Facts):
    """One directory as a worker sees it.

    Args:
        detail: one English sentence for the admin; empty when up.
        dc: the domain controller in use.
        latency_ms: of the last probe.
        certificate_days: until the DC's certificate ends.
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
    """The least that the worker asks for one operation.

    Args:
        never_alone: methods that are not enough where they are the only one.
    """

    operation: Operation
    methods_needed: int
    families_needed: int
    never_alone: tuple[MethodKind, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NoticeRules(Facts):
    """Who hears of what is done.

    Args:
        administrators: how many mail addresses hear in the place of somebody who can't be told.
        on_call: how many hear of breakers and faults.
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
"""The number on the wire of each kind of facts that an answer may carry; the others stand inside these."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the portal learns of one job.

    Args:
        outcome: how it ended.
        facts: what is told besides, or None.
    """

    outcome: Outcome
    facts: Facts | None = None
