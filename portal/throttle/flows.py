"""Takes a part of every share at once, or of none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from portal.throttle.counts import take
from portal.throttle.models import Familiar, Lock, Share, Spent
from portal.throttle.queries import familiar_key, read, share_key
from portal.throttle.rates import Rate
from portal.throttle.rules import Level, Used, Verdict, add_to_cells, cell_at, judge

KNOWN_FOR = timedelta(days=180)
KNOWN_A_DAY = (Rate(5, 24 * 3600),)
"""Browsers that one person can make known in a day: one account must not make an army of them."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What a request took from the shares, so that it can be given back.

    Args:
        verdict: the verdict on the request.
        levels: the levels that it took from; empty if it was refused.
        at: Unix time at which it took them.
    """

    verdict: Verdict
    levels: tuple[Level, ...] = ()
    at: float = 0.0


def take_shares(levels: Sequence[Level], *, known: bool, nonce: str = "", challenges: bool = True) -> Ticket:
    """Take one from every level if all of them allow it.

    Args:
        levels: narrow before wide, each with an order above the one before.
        known: True if the browser has completed something here before.
        nonce: nonce of a solved challenge, which is used up if it was needed.
        challenges: False for a page without challenges, whatever the pressure.
    """
    with transaction.atomic():
        rows, used = _lock_rows(levels)
        now = timezone.now()
        proven, at = bool(nonce) or not challenges, now.timestamp()
        verdict = judge(used, known=known, proven=proven, now=at)
        if verdict.granted and len(rows) < len(levels):
            # Only granted requests make rows: refused ones can't fill the table.
            _make_rows(levels)
            rows, used = _lock_rows(levels)
            verdict = judge(used, known=known, proven=proven, now=at)
        unproven = judge(used, known=known, proven=False, now=at)
        if challenges and verdict.granted and not unproven.granted and not _spend(nonce):
            verdict = unproven
        if not verdict.granted:
            return Ticket(verdict=verdict)
        for row, level in zip(rows, levels, strict=True):
            row.cells, row.updated = add_to_cells(row.cells, level.rate, at), now
        Share.objects.bulk_update(rows, ["cells", "updated"])
    return Ticket(verdict=verdict, levels=tuple(levels), at=at)


def give_back(ticket: Ticket, *, kind: str) -> None:
    """Give back what was taken of one kind, because the request turned out to be fine."""
    levels = [level for level in ticket.levels if level.kind == kind]
    with transaction.atomic():
        rows, _ = _lock_rows(levels)
        by_key = {share_key(level): level for level in levels}
        for row in rows:
            there = cell_at(by_key[row.key].rate, ticket.at)
            row.cells = [
                [cell, count - (cell == there)] for cell, count in row.cells if count > (cell == there)
            ]
        Share.objects.bulk_update(rows, ["cells"])


def make_known(purpose: str, place: str, *, person: str = "") -> None:
    """Remember a place from which somebody has completed something.

    Args:
        purpose: what the place is known for from now on.
        place: the id of a browser, or an address.
        person: the person, if one person may make only so many browsers known in a day.
    """
    key, now = familiar_key(purpose, place), timezone.now()
    until = now + KNOWN_FOR
    if Familiar.objects.filter(key=key, until__gt=now).update(until=until):
        return
    if person and take("known", f"{purpose}:{person}", rates=KNOWN_A_DAY):
        return
    Familiar.objects.update_or_create(key=key, defaults={"until": until})


def forget_old_shares() -> int:
    """Delete expired rows; return how many."""
    now = timezone.now()
    old = now - timedelta(days=2)
    over = [
        Share.objects.filter(updated__lt=old),
        Lock.objects.filter(updated__lt=old),
        Spent.objects.filter(until__lt=now),
        Familiar.objects.filter(until__lt=now),
    ]
    return sum(rows.delete()[0] for rows in over)


def _spend(nonce: str) -> bool:
    """Use up a challenge; return False if it was used before."""
    over = timezone.now() + timedelta(hours=1)
    _, made = Spent.objects.get_or_create(nonce=nonce, defaults={"until": over})
    return made


def _lock_rows(levels: Sequence[Level]) -> tuple[list[Share], list[Used]]:
    keys = [share_key(level) for level in levels]
    rows = list(Share.objects.select_for_update().filter(key__in=keys).order_by("level"))
    return rows, read(levels, rows)


def _make_rows(levels: Sequence[Level]) -> None:
    now = timezone.now()
    fresh = [Share(key=share_key(level), level=level.order, updated=now) for level in levels]
    Share.objects.bulk_create(fresh, ignore_conflicts=True)
