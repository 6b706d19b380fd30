"""The policy, attempts, and the ways that are offered in them."""

import secrets
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.people.models import Account
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind


def all_kinds() -> list[str]:
    """Return every kind of method: a new policy allows them all."""
    return [kind.value for kind in MethodKind]


class Policy(models.Model):
    """What the portal asks for, in a single row; it can be stricter than the worker's ceiling, not looser."""

    class Scope(models.TextChoices):
        NONE = "none", _("Nobody")
        SELECTED = "selected", _("Members of selected groups")
        ALL = "all", _("Everybody whom the worker serves")

    reset_scope = models.CharField(_("who may reset"), max_length=10, choices=Scope, default=Scope.ALL)
    groups = models.TextField(
        _("selected groups"),
        blank=True,
        help_text=_("Distinguished names, one a line; nested members count."),
    )
    methods: "models.JSONField[list[str], list[str]]" = models.JSONField(_("methods"), default=all_kinds)
    reset_gates = models.PositiveSmallIntegerField(_("gates before a reset"), default=2)
    unlock_on = models.BooleanField(_("unlock without a reset"), default=True)
    unlock_gates = models.PositiveSmallIntegerField(_("gates before an unlock"), default=1)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("policy")

    def __str__(self) -> str:
        return str(_("Policy"))

    def group_list(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.groups.splitlines() if line.strip())

    def gates_for(self, operation: str) -> int:
        return {Operation.RESET.value: self.reset_gates, Operation.UNLOCK.value: self.unlock_gates}.get(
            operation, 0
        )

    def allows(self, operation: str) -> bool:
        """Tell whether an operation is open to anybody at all."""
        if operation == Operation.RESET:
            selected = self.reset_scope == self.Scope.SELECTED and bool(self.group_list())
            return selected or self.reset_scope == self.Scope.ALL
        return operation != Operation.UNLOCK or self.unlock_on


def public_id() -> str:
    """Return an unguessable id for addresses."""
    return secrets.token_urlsafe(16)


class Attempt(models.Model):
    """One journey, as far as the browser has got; the worker's own row has the person and the proofs.

    Args:
        remote_id: the worker's id of the attempt, in hex.
        name: the name as typed; empty once the attempt is over.
        methods_needed, families_needed: how many methods the worker asks for, from how many families.
        enough: True if the worker said at the last proof that it suffices.
        idle: seconds without a sign of life after which the attempt ends; 0 if it does not end so.
        touched: time of the last sign of life at the worker.
        code_life: seconds for which a code is good.
        sent: when its job was last sent.
        repeated: True if its form was sent again after the job; that one was not carried out.
        outcome, facts: how it ended; facts never hold a secret. After a write they name the account by its
            objectGUID, as the audit does, so that the browser can be remembered.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SENT = "sent", _("waiting for the directory")
        DONE = "done", _("done")
        NOT_DONE = "not-done", _("not done")
        UNSURE = "unsure", _("not sure")
        VOID = "void", _("void")

    public_id = models.CharField(max_length=22, unique=True, default=public_id)
    remote_id = models.CharField(max_length=32, unique=True)
    site = models.CharField(max_length=32)
    operation = models.CharField(max_length=10)
    reference = models.CharField(max_length=20, db_index=True)
    name = models.CharField(max_length=256, blank=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    methods_needed = models.PositiveSmallIntegerField()
    families_needed = models.PositiveSmallIntegerField()
    enough = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    started = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(db_index=True)
    idle = models.PositiveIntegerField(default=0)
    touched = models.DateTimeField(default=timezone.now)
    code_life = models.PositiveIntegerField(default=300)
    sent = models.DateTimeField(null=True)
    repeated = models.BooleanField(default=False)
    finished = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=30, blank=True)
    facts: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.reference

    @property
    def attempt_id(self) -> bytes:
        return bytes.fromhex(self.remote_id)

    @property
    def ends(self) -> datetime:
        """When the attempt ends if nothing more is done in it."""
        quiet = self.touched + timedelta(seconds=self.idle)
        return min(self.expires, quiet) if self.idle else self.expires

    def is_expired(self, now: datetime | None = None) -> bool:
        return (now or timezone.now()) >= self.ends

    def was_left(self, now: datetime | None = None) -> bool:
        """Tell whether the attempt ended because nothing was done in it."""
        return self.ends < self.expires and self.is_expired(now)


class Offer(models.Model):
    """One way to prove it in one attempt, as the worker offered it; decoys look the same.

    Args:
        handle: the worker's id of the factor, in hex.
        sent: when a code was last asked for.
        used_up: True if the worker takes no more tries at the code that was sent last.
        closed_until: the time before which this way takes no more tries; the worker or the portal closed it.
    """

    attempt = models.ForeignKey(Attempt, related_name="offers", on_delete=models.CASCADE)
    handle = models.CharField(max_length=32)
    kind = models.CharField(max_length=20)
    hint = models.CharField(max_length=256, blank=True)
    place = models.PositiveSmallIntegerField()
    proven = models.BooleanField(default=False)
    sent = models.DateTimeField(null=True)
    used_up = models.BooleanField(default=False)
    closed_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["attempt", "handle"], name="offer_handle")]

    def __str__(self) -> str:
        return f"{self.kind} {self.handle[:8]}"

    @property
    def factor(self) -> bytes:
        return bytes.fromhex(self.handle)
