"""Reading one row, for every app."""

from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def find_one(rows: "QuerySet[M]") -> M | None:
    """Return the one row of a query by something unique, or None.

    Django's `first` also sorts what can only be one, which takes half as long again.
    """
    try:
        return rows.get()
    except ObjectDoesNotExist:
        return None
