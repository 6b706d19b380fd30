"""Reads the mirror of factors."""

from django.http import Http404

from portal.methods.models import Factor
from portal.methods.registry import METHODS
from portal.people.session import SignedInPerson
from portal.web.queries import find_one
from writeback.envelope.methods import MethodKind


def own_factor(person: SignedInPerson, factor_id: str) -> Factor:
    """Return the signed-in person's factor with this id.

    Raises:
        Http404: there is no such factor, or it is another person's.
    """
    found: Factor | None = find_one(Factor.objects.filter(user_id=person.account, factor_id=factor_id))
    if found is None:
        raise Http404
    return found


def has_factor(person: SignedInPerson, kind: MethodKind) -> bool:
    """Tell whether the signed-in person has a confirmed factor of a kind, as far as the mirror knows."""
    mine = Factor.objects.filter(user_id=person.account, kind=kind, confirmed=True)
    return bool(mine.exists())


def labels(person: SignedInPerson) -> dict[str, str]:
    """Return the labels of the signed-in person's factors by id; a label may be empty."""
    return dict(Factor.objects.filter(user_id=person.account).values_list("factor_id", "name"))


def name_of(factor: Factor) -> str:
    """Return a factor's label, or the title of its method if it has none."""
    return str(factor.name or METHODS[MethodKind(factor.kind)].title)
