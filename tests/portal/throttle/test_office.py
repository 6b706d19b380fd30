"""An office behind one address, with the limits that the portal has when nobody sets any."""

import ast
import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from portal.env import NamedNetwork
from portal.throttle.places import password_levels, start_levels
from portal.throttle.rules import Level, Scope, Used, Verdict, cell_at, judge
from writeback.ceiling import Limits, Rate

ROOT = Path(__file__).resolve().parents[3]
NAMES = (
    "KEYBACK_STARTS_PER_BROWSER",
    "KEYBACK_STARTS",
    "KEYBACK_STARTS_PER_NETWORK",
    "KEYBACK_STARTS_IN_ALL",
    "KEYBACK_FAILED_SIGN_INS",
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


@pytest.fixture
def password_shares(levels: list[Level], settings: Settings, defaults: dict[str, int]) -> list[Level]:
    """The shares of a colleague's wrong password."""
    settings.KEYBACK_FAILED_SIGN_INS = defaults["KEYBACK_FAILED_SIGN_INS"]
    return password_levels(RequestFactory().get("/change/", REMOTE_ADDR="203.0.113.7"))


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


def test_portal_counts_as_many_wrong_passwords_as_the_worker_takes(defaults: dict[str, int]) -> None:
    taken = Rate(count=defaults["KEYBACK_FAILED_SIGN_INS"], seconds=600)
    assert Limits().failed_signins == (taken,)


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


def test_eleven_wrong_passwords_of_an_office_leave_its_door_open_and_fifteen_to_known_browsers(
    password_shares: list[Level],
) -> None:
    assert after(password_shares, 10, proven=True).granted
    full = after(password_shares, 11, proven=True)
    assert (full.granted, full.at and full.at.scope) == (False, Scope.ADDRESS)
    assert after(password_shares, 14, known=True).granted


def test_one_browser_with_wrong_passwords_hears_of_itself_and_not_of_its_office(
    password_shares: list[Level],
) -> None:
    assert after(password_shares, 4, mine=4).granted
    alone = after(password_shares, 15, mine=5)
    assert alone.at is not None
    assert alone.at.scope is Scope.BROWSER


@pytest.mark.parametrize(("rate", "left"), [((400, 600), 48), ((20, 600), 20), ((60, 3600), 48)])
def test_a_named_office_may_mistype_as_often_as_its_rate_says_within_the_part_of_a_network(
    password_shares: list[Level], settings: Settings, rate: tuple[int, int], left: int
) -> None:
    settings.KEYBACK_NETWORKS = [NamedNetwork("office", ip_network("203.0.113.0/24"), *rate)]
    named = password_levels(RequestFactory().get("/change/", REMOTE_ADDR="203.0.113.7"))
    assert [(level.scope, level.rate.limit) for level in named] == [
        (Scope.BROWSER, 5),
        (Scope.NETWORK, left),
        (Scope.ALL, 54),
    ]


@pytest.mark.parametrize("rate", [(400, 600), (20, 60), (60, 3600)])
@pytest.mark.parametrize("known", [False, True])
def test_a_named_office_that_does_its_worst_leaves_wrong_passwords_to_others(
    password_shares: list[Level], settings: Settings, rate: tuple[int, int], known: bool
) -> None:
    settings.KEYBACK_NETWORKS = [NamedNetwork("office", ip_network("203.0.113.0/24"), *rate)]
    named = password_levels(RequestFactory().get("/change/", REMOTE_ADDR="203.0.113.7"))
    used = next(number for number in range(100) if not after(named, number, known=known, proven=True).granted)
    everybody = [level for level in password_shares if level.scope is Scope.ALL]
    assert after(everybody, used, known=known, proven=True).granted


def test_the_reference_names_the_real_limits(defaults: dict[str, int]) -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    rows = {
        "KEYBACK_STARTS_PER_BROWSER": defaults["KEYBACK_STARTS_PER_BROWSER"],
        "KEYBACK_STARTS_PER_ADDRESS": defaults["KEYBACK_STARTS"],
        "KEYBACK_STARTS_PER_NETWORK": defaults["KEYBACK_STARTS_PER_NETWORK"],
        "KEYBACK_STARTS_IN_ALL": defaults["KEYBACK_STARTS_IN_ALL"],
        "KEYBACK_FAILED_SIGN_INS": defaults["KEYBACK_FAILED_SIGN_INS"],
    }
    assert [name for name, value in rows.items() if f"| `{name}` | {value} |" not in text] == []
