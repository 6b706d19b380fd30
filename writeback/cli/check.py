"""One line of the doctor."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Check:
    """What was looked at, and what to do if it is not as it should be."""

    ok: bool
    what: str
    fix: str = ""

    def __str__(self) -> str:
        return f"ok    {self.what}" if self.ok else f"FAIL  {self.what}\n      -> {self.fix}"


def good(what: str) -> Check:
    """Return a check that passed."""
    return Check(ok=True, what=what)


def bad(what: str, fix: str) -> Check:
    """Return a check that failed."""
    return Check(ok=False, what=what, fix=fix)
