"""One example of everything that may cross the border."""

from writeback.envelope.anchors import Anchored
from writeback.envelope.answers import (
    Answer,
    Applied,
    AttemptOpened,
    CeilingGates,
    DirectoryHealth,
    DirectoryState,
    FactorFacts,
    FactorList,
    FactorPending,
    FactorState,
    GateOffer,
    HealthReport,
    NoticeRules,
    Outcome,
    PolicyFacts,
    PolicyRefusal,
    Progress,
    Rule,
    SignedIn,
    Unreachable,
    Wait,
)
from writeback.envelope.facts import Facts
from writeback.envelope.heartbeats import CourierStatus, DirectoryStatus, Heartbeat
from writeback.envelope.jobs import (
    AnchorAudit,
    Begin,
    ChangePassword,
    CheckFactor,
    CheckGroups,
    ConfirmFactor,
    EnrolFactor,
    ExplainPerson,
    Health,
    Job,
    JobStatus,
    ListFactors,
    Operation,
    ReadPolicy,
    RemoveFactor,
    ResetPassword,
    SignIn,
    StartFactor,
    UnlockAccount,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.pairing import SiteEnrolment
from writeback.envelope.questions import (
    GroupFacts,
    GroupKind,
    GroupsChecked,
    PersonExplained,
    PersonVerdict,
)
from writeback.envelope.secret import Secret

ATTEMPT = bytes(range(16))
STATE = bytes(range(100, 116))
FACTOR = bytes(range(16, 32))
CHAIN = bytes(range(32, 64))
CODE = Secret("12345678")

JOBS: tuple[Job, ...] = (
    Begin(
        site="main",
        operation=Operation.RESET,
        name="CORP\\ålice",
        only_groups=("CN=All,DC=x",),
        chain=CHAIN,
    ),
    SignIn(site="main", name="alice@corp.example"),
    ListFactors(site="main", attempt=ATTEMPT),
    EnrolFactor(site="main", attempt=ATTEMPT, method=MethodKind.EMAIL, destination=Secret("a@b.example")),
    ConfirmFactor(site="main", attempt=ATTEMPT, factor=FACTOR, code=CODE),
    RemoveFactor(site="main", attempt=ATTEMPT, factor=FACTOR),
    StartFactor(site="main", locale="de", attempt=ATTEMPT, factor=FACTOR),
    CheckFactor(site="main", attempt=ATTEMPT, factor=FACTOR, code=CODE),
    ReadPolicy(site="main", attempt=None),
    ResetPassword(site="main", attempt=ATTEMPT),
    ChangePassword(site="main", attempt=ATTEMPT),
    UnlockAccount(site="main", attempt=ATTEMPT),
    JobStatus(site="main", jti=FACTOR, close=True),
    Health(site="main"),
    AnchorAudit(site="main", number=12, hash=bytes(32), since=7, since_hash=bytes(range(32))),
    CheckGroups(site="main", groups=("CN=All,DC=x", "CN=Staff,DC=x")),
    ExplainPerson(site="main", name="alice", only_groups=("CN=All,DC=x",)),
)

_OFFER = GateOffer(factor=FACTOR, method=MethodKind.EMAIL, hint="a•••@b.example")
_POLICY = PolicyFacts(min_length=8, complexity=True, history=5, min_age=86400, names=("alice",))

FACTS: tuple[Facts, ...] = (
    Wait(seconds=60),
    AttemptOpened(
        attempt=ATTEMPT,
        offers=(_OFFER,),
        methods_needed=2,
        families_needed=2,
        expires=900,
        idle=600,
        code_life=300,
        chain=CHAIN,
    ),
    SignedIn(
        attempt=ATTEMPT,
        account=FACTOR,
        name="alice",
        display_name="Ålice",
        directory="corp",
        offers=(),
        first=True,
        expires=900,
        code_life=300,
    ),
    FactorList(
        factors=(
            FactorFacts(
                factor=FACTOR,
                method=MethodKind.BACKUP_CODES,
                state=FactorState.ACTIVE,
                hint="",
                created=1_800_000_000,
                last_used=0,
                ready_at=1_800_086_400,
                left=10,
            ),
        ),
        methods_needed=2,
        families_needed=2,
        enough=False,
        stepped_up=False,
        offers=(_OFFER,),
        own_mail="a•••@b.example",
        ready_at=1_800_086_400,
    ),
    FactorPending(factor=FACTOR, hint="", expires=600, secrets=(Secret("ABCDEFGH"),), account="alice"),
    Progress(proven=(MethodKind.TOTP, MethodKind.EMAIL), enough=True),
    _POLICY,
    PolicyRefusal(rules=(Rule.MIN_LENGTH, Rule.COMPLEXITY), policy=_POLICY, length=4),
    Applied(at=1_800_000_000, unlocked=True, dc="dc1.corp.example", ended=2, account=bytes(range(16))),
    HealthReport(
        worker="w1",
        version="0.1.0",
        directories=(
            DirectoryHealth(
                directory="corp",
                state=DirectoryState.UP,
                detail="",
                dc="dc1.corp.example",
                latency_ms=3,
                certificate_days=-1,
                policy_hints=True,
            ),
        ),
        couriers=("mail",),
        outbox=0,
        gates=(
            CeilingGates(
                operation=Operation.RESET,
                methods_needed=2,
                families_needed=2,
                never_alone=(MethodKind.EMAIL,),
            ),
        ),
        allowed=("Begin", "ResetPassword"),
        ceiling_hash=bytes(32),
        notices=NoticeRules(unreachable=Unreachable.REFUSE, administrators=1, on_call=2),
    ),
    Anchored(number=12, hash=bytes(32), at=1_800_000_000, signature=bytes(64)),
    GroupsChecked(
        groups=(
            GroupFacts(kind=GroupKind.SECURITY, members=500, more=True),
            GroupFacts(kind=GroupKind.MISSING, members=None, more=False),
        )
    ),
    PersonExplained(
        verdict=PersonVerdict.SERVED,
        operations=(Operation.UNLOCK,),
        because=Outcome.SMART_CARD,
        groups=(0,),
        missing=(1,),
    ),
)

ANSWERS: tuple[Answer, ...] = (
    Answer(outcome=Outcome.REFUSED),
    *(Answer(outcome=Outcome.DONE, facts=facts) for facts in FACTS),
)


def heartbeat(*, prekey: bytes, rsa: bytes, time: int) -> Heartbeat:
    """Return a heartbeat with these keys."""
    return Heartbeat(
        worker="w1",
        time=time,
        prekey=prekey,
        rsa=rsa,
        site="main",
        directories=(DirectoryStatus(directory="corp", state=DirectoryState.UP),),
        oldest_job=0,
        couriers=(CourierStatus(courier="mail", up=True),),
        ceiling_hash=bytes(32),
        version="0.1.0",
        state=STATE,
    )


def enrolment(identity: bytes) -> SiteEnrolment:
    """Return an enrolment of this key."""
    return SiteEnrolment(
        identity=identity,
        site="main",
        redis="rediss://redis.example:6379/0",
        workers=("w1",),
        directories=("corp",),
        state=STATE,
    )
