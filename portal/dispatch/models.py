"""The paired sites, and the writes that were sent."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from writeback.envelope.errors import EnvelopeError
from writeback.envelope.keyring import VerifyKey


def require_key(value: bytes) -> None:
    """Refuse bytes that are not an Ed25519 public key."""
    try:
        VerifyKey(bytes(value))
    except EnvelopeError:
        raise ValidationError(_("This is not an Ed25519 public key.")) from None


class Site(models.Model):
    """The workers that serve the same directories and share one state, as pinned at pairing.

    Args:
        state: id of that state, in hex.
        findings: the findings about its workers that are in the audit already.
        anchored: number of the newest event of the portal's audit that the site has seen.
        misfit: where and since when the audit differs from what the site has seen; empty if it does not.
        troubles: since when (Unix time) its workers are in trouble, by the key of each trouble.
    """

    name = models.CharField(_("name"), max_length=32, unique=True)
    identity = models.BinaryField(_("public key"), max_length=32, validators=[require_key])
    fingerprint = models.CharField(_("fingerprint"), max_length=39)
    redis = models.CharField(_("post box"), max_length=200, blank=True)
    workers: "models.JSONField[list[str], list[str]]" = models.JSONField(_("workers"), default=list)
    directories: "models.JSONField[list[str], list[str]]" = models.JSONField(_("directories"), default=list)
    state = models.CharField(_("state"), max_length=32, blank=True)
    findings: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, editable=False)
    troubles: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(
        default=dict, editable=False
    )
    anchored = models.PositiveBigIntegerField(default=0, editable=False)
    anchored_at = models.DateTimeField(null=True, blank=True, editable=False)
    misfit: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(
        default=dict, editable=False
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    paired_at = models.DateTimeField(_("paired"), default=timezone.now)

    class Meta:
        ordering = ["name"]
        verbose_name = _("site")
        verbose_name_plural = _("sites")

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> VerifyKey:
        """The pinned W-id."""
        return VerifyKey(bytes(self.identity))


class JobRecord(models.Model):
    """A write that was sent; it holds neither a secret nor a name, and outlives the process that sent it.

    Args:
        state: id of the state that the job was sent to; only that state knows what became of the job.
    """

    jti = models.CharField(_("id"), max_length=32, primary_key=True)
    op = models.CharField(_("job"), max_length=40)
    site = models.CharField(_("site"), max_length=32)
    reference = models.CharField(_("reference"), max_length=20, db_index=True)
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("expires"))
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    state = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        ordering = ["-sent_at"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return f"{self.op} {self.reference}"
