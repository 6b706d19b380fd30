"""Used rates and shares, known browsers and addresses, used challenges, and locks on accounts.

No row holds a name, an address or the id of a browser: only keyed hashes of them.
"""

from django.db import models


class Throttle(models.Model):
    """The times of recent hits of one key, which is stored only as a keyed hash."""

    bucket = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    taken: "models.JSONField[list[float], list[float]]" = models.JSONField(default=list)
    updated = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        db_table = "web_throttle"  # named before the counters had their own app
        constraints = [models.UniqueConstraint(fields=["bucket", "key"], name="throttle_key")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.key[:8]}"


class Share(models.Model):
    """The recent use of one share, in cells (rules.py)."""

    key = models.CharField(max_length=64, unique=True)
    level = models.PositiveSmallIntegerField()
    cells: "models.JSONField[list[list[int]], list[list[int]]]" = models.JSONField(default=list)
    updated = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.level} {self.key[:8]}"


class Familiar(models.Model):
    """A browser or an address from which somebody has completed something."""

    key = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key[:8]


class Spent(models.Model):
    """A used challenge; each is good for one place."""

    nonce = models.CharField(max_length=32, unique=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.nonce[:8]


class Lock(models.Model):
    """Failed sign-ins to one account from one kind of place."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last = models.FloatField(default=0)
    updated = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.failures} {self.key[:8]}"
