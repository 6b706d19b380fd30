"""Counters of what may happen only so often, and when the background work was done."""

from django.db import models


class Throttle(models.Model):
    """When something was last taken by one key; the key itself stands here only as a keyed hash."""

    bucket = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    taken: "models.JSONField[list[float], list[float]]" = models.JSONField(default=list)
    updated = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "key"], name="throttle_key")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.key[:8]}"


class Chore(models.Model):
    """When a piece of background work was last done by any host."""

    name = models.CharField(max_length=40, unique=True)
    done_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} {self.done_at:%Y-%m-%d %H:%M}"
