"""The register as handlers see it (ports.Register); the other modules of this package do the work."""

from collections.abc import Mapping

from sqlalchemy import Connection

from writeback.envelope.answers import Answer, AttemptOpened, FactorList, Outcome, Progress, SignedIn
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.envelope.names import Name
from writeback.envelope.secret import Secret
from writeback.ports import Account, Attempt, Channel, Checked, Notices, Owner, PasswordTry, Started
from writeback.proof import attempts, decoys, enrolling, passwords, questions
from writeback.proof.announcing import notices_for
from writeback.proof.chains import make_known
from writeback.proof.checking import Check
from writeback.proof.context import RegisterContext
from writeback.proof.destination import read_destination
from writeback.proof.factor import Factor, has_cooled
from writeback.proof.factor_rows import load_active
from writeback.proof.listing import list_factors
from writeback.proof.registration_status import registration_status
from writeback.proof.registry import KINDS
from writeback.proof.sending import send_code
from writeback.proof.tries import end_rests
from writeback.proof.ways import Way, way_of, ways_before_proof


class SqlRegister:
    """The register in the state."""

    def __init__(self, context: RegisterContext) -> None:
        self._context = context

    def open(
        self,
        *,
        realm: str,
        operation: Operation,
        name: Name,
        account: Account | None,
        chain: bytes | None = None,
    ) -> AttemptOpened:
        return attempts.open_attempt(
            self._context, realm=realm, operation=operation, name=name, account=account, token=chain
        )

    def open_signed_in(self, account: Account) -> SignedIn | Answer:
        return attempts.open_signed_in(self._context, account)

    def attempt(self, identifier: bytes, *, operations: frozenset[Operation]) -> Attempt | None:
        return attempts.find_attempt(self._context, identifier, operations=operations)

    def end(self, attempt: Attempt) -> None:
        attempts.end_attempt(self._context, attempt)

    def end_others(self, attempt: Attempt) -> None:
        attempts.end_others(self._context, attempt)

    def start(self, attempt: Attempt, factor: bytes, *, locale: str) -> Started:
        with self._context.state.writing() as tx:
            found = self._find_factors(tx, attempt, factor) or self._find_pending(tx, attempt, factor)
            if not found:
                return Started(answer=Answer(outcome=Outcome.FACTOR_GONE), withheld=False)
            first, *others = found
            if not KINDS[first.method].channel:
                return Started(answer=Answer(outcome=Outcome.DONE), withheld=False)
            kind = "code-confirm" if first.state == "pending" else f"code-{attempt.operation}"
            return send_code(
                tx, self._context, attempt, first, handle=factor, also=others, kind=kind, locale=locale
            )

    def check(self, attempt: Attempt, factor: bytes, code: Secret, *, locale: str) -> Checked:
        with self._context.state.reading() as tx:
            way = self._find_way(tx, attempt, factor)
        if way is None:
            return Checked(answer=Answer(outcome=Outcome.FACTOR_GONE))
        found = way.factor_for(self._context, attempt.id, code)
        check = Check(self._context, attempt, found, handle=factor, counted=way.factors[0], locale=locale)
        refusal = check.reserve()
        if refusal:
            return Checked(answer=refusal)
        evidence = check.compute_evidence(code)
        with self._context.state.writing() as tx:
            # The factor may have been removed or switched off while the evidence was computed.
            if not check.settle(tx, evidence) or not self._is_offered(tx, attempt, factor, found):
                return check.answer_wrong()
            attempts.mark(tx, self._context, attempt, found)
            progress = self._read_progress(tx, attempt)
            if progress.enough:
                self._end_rests(tx, attempt)
                make_known(tx, self._context, attempt)
        return Checked(answer=Answer(outcome=Outcome.DONE, facts=progress))

    def factors(self, attempt: Attempt) -> FactorList:
        return list_factors(self._context, attempt)

    def enrol(
        self, attempt: Attempt, method: MethodKind, destination: Secret | None, *, locale: str
    ) -> Answer:
        return enrolling.enrol(self._context, attempt, method, destination, locale=locale)

    def confirm(self, attempt: Attempt, factor: bytes, code: Secret, *, locale: str) -> Answer:
        return self._add_list(attempt, enrolling.confirm(self._context, attempt, factor, code, locale=locale))

    def remove(self, attempt: Attempt, factor: bytes, *, locale: str) -> Answer:
        return self._add_list(attempt, enrolling.remove(self._context, attempt, factor, locale=locale))

    def shadow(self, realm: str, name: Name) -> bytes:
        return decoys.shadow_of(self._context, realm, name)

    def reserve_password(self, owner: Owner, *, typed: str) -> PasswordTry | Answer:
        return passwords.reserve(self._context, owner, typed=typed)

    def take_questions(self, many: int) -> int:
        return questions.take_questions(self._context, many)

    def settle_password(self, tried: PasswordTry, *, wrong: bool, ended: bool) -> None:
        passwords.settle(self._context, tried, wrong=wrong, ended=ended)

    def notices(self, kind: str, account: Account, *, locale: str, parameters: Mapping[str, str]) -> Notices:
        own_mail = read_destination(Channel.MAIL, account.mail)
        with self._context.state.reading() as tx:
            return notices_for(
                tx,
                self._context,
                account.owner,
                own_mail=own_mail,
                kind=kind,
                locale=locale,
                parameters=parameters,
            )

    def _end_rests(self, tx: Connection, attempt: Attempt) -> None:
        held = load_active(tx, self._context, attempt.owner)
        end_rests(tx, [factor.id for factor in held])

    def _read_progress(self, tx: Connection, attempt: Attempt) -> Progress:
        if attempt.operation is Operation.REGISTER:
            now = registration_status(tx, self._context, attempt.owner, attempt.id)
            return Progress(proven=now.proven, enough=now.stepped_up)
        proven = attempts.read_proven(tx, attempt.id)
        return Progress(proven=proven, enough=attempts.suffice(proven, self._context, attempt.operation))

    def _find_way(self, tx: Connection, attempt: Attempt, handle: bytes) -> Way | None:
        return next((way for way in self._list_ways(tx, attempt) if way.handle == handle), None)

    def _find_factors(self, tx: Connection, attempt: Attempt, handle: bytes) -> tuple[Factor, ...]:
        way = self._find_way(tx, attempt, handle)
        return way.factors if way else ()

    def _is_offered(self, tx: Connection, attempt: Attempt, handle: bytes, factor: Factor) -> bool:
        return factor.id in {one.id for one in self._find_factors(tx, attempt, handle)}

    def _list_ways(self, tx: Connection, attempt: Attempt) -> tuple[Way, ...]:
        context, owner = self._context, attempt.owner
        if attempt.operation is Operation.CHANGE:
            return ()
        if attempt.operation is Operation.REGISTER:
            status = registration_status(tx, context, owner, attempt.id)
            return tuple(way_of(context, attempt.id, factor) for factor in status.ways)
        factors = () if attempt.decoy else load_active(tx, context, owner)
        held = tuple(factor for factor in factors if has_cooled(factor, context))
        return ways_before_proof(context, attempt.id, owner=owner, held=held)

    def _find_pending(self, tx: Connection, attempt: Attempt, identifier: bytes) -> tuple[Factor, ...]:
        if attempt.operation is not Operation.REGISTER:
            return ()
        status = registration_status(tx, self._context, attempt.owner, attempt.id)
        return tuple(one for one in status.pending if one.id == identifier)

    def _add_list(self, attempt: Attempt, answer: Answer) -> Answer:
        if answer.outcome is not Outcome.DONE:
            return answer
        return Answer(outcome=Outcome.DONE, facts=list_factors(self._context, attempt))
