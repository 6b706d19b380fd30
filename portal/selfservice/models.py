"""When the background work was done."""

from django.db import models


class BackgroundWork(models.Model):
    """When a piece of background work was last done, on whatever host."""

    name = models.CharField(max_length=40, unique=True)
    done_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} {self.done_at:%Y-%m-%d %H:%M}"
