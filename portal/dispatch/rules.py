"""Which sites may be paired and used, and what a worker must not say in its heartbeats (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from writeback.envelope.answers import Answer, Applied, SignedIn
from writeback.envelope.pairing import SiteEnrolment

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
_LONGEST_ADDRESS = 200
_STATE_SIZE = 16
_LONGEST_DETAIL = 120


class Oddity(StrEnum):
    """What a signed heartbeat may contain that the portal does not accept."""

    FOREIGN_DIRECTORY = "foreign-directory"  # it speaks of a directory that pairing did not pin to its site
    WEAK_KEY = "weak-key"  # it announces keys to which nothing may be sealed
    OTHER_STATE = "other-state"  # its state is not the one that pairing pinned to its site


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One oddity of one worker.

    Args:
        site: name of the site.
        worker: name of the worker.
        what: the oddity.
        detail: names of directories, or the id of a key or a state; only letters, digits and " -,?".
    """

    site: str
    worker: str
    what: Oddity
    detail: str

    @property
    def line(self) -> str:
        """One line for the log, and for the list of findings that are recorded already."""
        return f"{self.worker}: {self.what.value} {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Served:
    """The name of a site and the directories that pairing pinned to it."""

    site: str
    directories: tuple[str, ...]


def are_too_many(served: Sequence[Served]) -> bool:
    """Tell whether too many sites are switched on, so that none is used.

    Names are looked up at one site only. If there were a second one, its people would be looked up at the
    first one, and their passwords tried on namesakes there.
    """
    return len(served) > 1


def find_conflict(site: Served, others: Sequence[Served]) -> str:
    """Return the name of the site that keeps this one from being switched on; empty if none does.

    Args:
        site: the site to switch on.
        others: the sites that are switched on.
    """
    return next((other.site for other in others if are_too_many([site, other])), "")


def explain_refusal(enrolment: SiteEnrolment, others: Sequence[Served]) -> str:
    """Return the sentence that refuses a pairing and says what to do; empty if the site may be paired.

    Args:
        enrolment: the enrolment of the site.
        others: the paired sites that have another name, switched on or off.
    """
    return _refuse_malformed(enrolment) or _refuse_second_site(enrolment, others)


def may_speak_of(answer: Answer, pinned: Sequence[str]) -> bool:
    """Tell whether an answer names no directory besides those that pairing pinned to the worker's site."""
    facts = answer.facts
    named = facts.directory if isinstance(facts, (SignedIn, Applied)) else ""
    return not named or named in pinned


def list_foreign(names: Sequence[str], pinned: Sequence[str]) -> str:
    """Return the directories that a heartbeat must not speak of, as text that is safe to log and show."""
    unknown = sorted({name if _NAME.fullmatch(name) else "?" for name in names if name not in pinned})
    return ", ".join(unknown)[:_LONGEST_DETAIL]


def _refuse_malformed(enrolment: SiteEnrolment) -> str:
    for what, names in (
        ("site", (enrolment.site,)),
        ("worker", enrolment.workers),
        ("directory", enrolment.directories),
    ):
        wrong = next((name for name in names if not _NAME.fullmatch(name)), None)
        if wrong is not None or not names:
            return (
                f"The text names no {what} that can be used ({wrong!a}): a name has 1 to 32 lower-case "
                "letters, digits and hyphens. Correct writeback.toml or --workers, and run writeback setup."
            )
        if len(set(names)) < len(names):
            return f"The text names a {what} twice. Run writeback setup again with each name once."
    if len(enrolment.redis) > _LONGEST_ADDRESS or len(enrolment.state) != _STATE_SIZE:
        return "The text is not of this version. Run writeback setup again and give what it prints."
    return ""


def _refuse_second_site(enrolment: SiteEnrolment, others: Sequence[Served]) -> str:
    for other in others:
        shared = sorted(set(other.directories) & set(enrolment.directories))
        if shared:
            return (
                f"The directory {shared[0]} belongs to the site {other.site} already. Only one site may "
                f"speak for a directory. To replace that site, run first: manage.py unpair {other.site}"
            )
    if others:
        return (
            f"The portal is paired with the site {others[0].site} already. This version serves one site: "
            "people of a second one would be looked up in the first. "
            f"To replace that site, run first: manage.py unpair {others[0].site}"
        )
    return ""
