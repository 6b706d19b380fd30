"""An office behind one address, with the limits that the portal has when nobody sets any."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from portal.throttle.places import start_levels
from portal.throttle.rules import Level, Scope, Used, Verdict, cell_at, judge

ROOT = Path(__file__).resolve().parents[3]
NAMES = (
    "KEYBACK_STARTS_PER_BROWSER",
    "KEYBACK_STARTS",
    "KEYBACK_STARTS_PER_NETWORK",
    "KEYBACK_STARTS_IN_ALL",
)
NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """What a portal says of itself whose environment sets no limit."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYBACK_")}
    told = subprocess.run(
        [sys.executable, "-c", f"import portal.settings as s; print([getattr(s, n) for n in {NAMES}])"],
        cwd=ROOT,
        env=kept
        | {
            "KEYBACK_SECRET_KEY": "0123456789abcdefghij" * 3,
            "KEYBACK_HOSTS": "localhost",
            "KEYBACK_REDIS_URL": "redis://127.0.0.1:1/0",
            "KEYBACK_DATA": str(tmp_path_factory.mktemp("portal")),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(NAMES, ast.literal_eval(told.stdout), strict=True))


@pytest.fixture
def levels(settings: Settings, defaults: dict[str, int]) -> list[Level]:
    """The shares of a colleague's request."""
    for name, value in defaults.items():
        setattr(settings, name, value)
    settings.KEYBACK_NETWORKS = []
    return start_levels(RequestFactory().get("/reset/", REMOTE_ADDR="203.0.113.7"))


def after(
    levels: list[Level], starts: int, *, mine: int = 0, known: bool = False, proven: bool = False
) -> Verdict:
    """Judge the next start, after so many from this address, and so many of them from this browser."""
    there = [
        Used(
            level=level,
            cells=[[cell_at(level.rate, NOW), mine if level.scope is Scope.BROWSER else starts]],
        )
        for level in levels
    ]
    return judge(there, known=known, proven=proven, now=NOW)


def test_sixty_colleagues_begin_within_ten_minutes_and_are_asked_nothing(levels: list[Level]) -> None:
    assert [after(levels, starts) for starts in (0, 30, 59)] == [Verdict()] * 3
    assert after(levels, 60).pressure is not None


def test_ninety_colleagues_begin_with_a_challenge_and_known_browsers_after_that(levels: list[Level]) -> None:
    assert after(levels, 89, proven=True).granted
    full = after(levels, 90, proven=True)
    assert (full.granted, full.at and full.at.scope) == (False, Scope.ADDRESS)
    assert after(levels, 119, known=True).granted


def test_one_browser_is_stopped_before_it_uses_up_its_address(levels: list[Level]) -> None:
    assert levels[0].scope is Scope.BROWSER
    alone = after(levels, 15, mine=15)
    assert alone.at is not None
    assert alone.at.scope is Scope.BROWSER
    assert after(levels, 15).granted


def test_a_browser_over_its_own_limit_is_told_so(levels: list[Level]) -> None:
    both = after(levels, 500, mine=15)
    assert both.at is not None
    assert both.at.scope is Scope.BROWSER


def test_the_reference_names_the_real_limits(defaults: dict[str, int]) -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    rows = {
        "KEYBACK_STARTS_PER_BROWSER": defaults["KEYBACK_STARTS_PER_BROWSER"],
        "KEYBACK_STARTS_PER_ADDRESS": defaults["KEYBACK_STARTS"],
        "KEYBACK_STARTS_PER_NETWORK": defaults["KEYBACK_STARTS_PER_NETWORK"],
        "KEYBACK_STARTS_IN_ALL": defaults["KEYBACK_STARTS_IN_ALL"],
    }
    assert [name for name, value in rows.items() if f"| `{name}` | {value} |" not in text] == []
