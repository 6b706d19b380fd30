"""Events that are written once, and the head of their chain."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.audit.rules import GENESIS, Fact, link


class AppendOnly(models.QuerySet["Event"]):
    """Refuses to change or remove events in bulk."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("Audit events are not changed.")

    def delete(self) -> NoReturn:
        raise TypeError("Audit events are not removed.")


class Event(models.Model):
    """One event; it never holds a secret, and only names of people who had proven who they are."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"), db_index=True)
    event = models.CharField(_("what"), max_length=60, db_index=True)
    reference = models.CharField(_("reference"), max_length=20, blank=True, db_index=True)
    facts: "models.JSONField[dict[str, Fact], dict[str, Fact]]" = models.JSONField(_("facts"), default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.number} {self.event} {self.reference}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Audit events are not changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Audit events are not removed.")

    def right_hash(self) -> str:
        """Return the hash that this event must have."""
        return link(
            previous=self.previous,
            number=self.number,
            at=self.at.isoformat(),
            event=self.event,
            reference=self.reference,
            facts=self.facts,
        )


class Receipt(models.Model):
    """A site's signed statement that it has seen the chain with this event at its end.

    `site` is its name, `at` the time by its worker's clock, `signature` comes from its pinned key.
    """

    site = models.CharField(max_length=32)
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    signature = models.BinaryField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["site", "number"], name="one_receipt_per_event")]

    def __str__(self) -> str:
        return f"{self.site} {self.number} {self.hash[:8]}"


class Head(models.Model):
    """The end of the chain; the lock on its row puts the events in order."""

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:8]}"
