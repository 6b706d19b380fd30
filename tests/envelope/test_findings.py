"""What both doctors print: the worst counts, nothing of a fault's text is told, and programs can read it."""

import json
from collections.abc import Iterator

import pytest

from writeback.envelope.expiry import check_expiry
from writeback.envelope.findings import (
    Finding,
    Level,
    accept,
    as_json,
    as_text,
    failure,
    find_worst_level,
    gather,
    ok,
    warning,
)

WELL = ok("redis.reached", "Redis answers")
SOON = warning("redis.certificate", "the certificate expires in 12 days", "renew it")
BROKEN = failure("keys.pairing", "no portal is paired", "writeback setup --portal STRING")


@pytest.mark.parametrize(
    ("findings", "level", "status"),
    [
        ([], Level.OK, 0),
        ([WELL], Level.OK, 0),
        ([SOON, WELL], Level.WARNING, 1),
        ([SOON, BROKEN, WELL], Level.FAILURE, 2),
    ],
)
def test_the_worst_finding_decides(findings: list[Finding], level: Level, status: int) -> None:
    assert find_worst_level(findings) is level
    assert find_worst_level(findings).exit_status == status


def test_people_read_groups_with_the_worst_first_and_a_sum() -> None:
    assert as_text([WELL, BROKEN, SOON]) == (
        "redis\n"
        "  warn  the certificate expires in 12 days\n"
        "        -> renew it\n"
        "  ok    Redis answers\n"
        "keys\n"
        "  FAIL  no portal is paired\n"
        "        -> writeback setup --portal STRING\n"
        "\n"
        "1 failure, 1 warning."
    )
    assert as_text([WELL]).endswith("\n\nAll is well.")


def test_programs_read_one_line_of_json() -> None:
    text = as_json([WELL, SOON])

    assert "\n" not in text
    assert json.loads(text) == {
        "level": "warning",
        "findings": [
            {"check": "redis.reached", "level": "ok", "says": "Redis answers", "mend": ""},
            {
                "check": "redis.certificate",
                "level": "warning",
                "says": "the certificate expires in 12 days",
                "mend": "renew it",
            },
        ],
    }


def test_a_fault_of_a_check_is_a_finding_without_its_text() -> None:
    def look() -> Iterator[Finding]:
        yield WELL
        raise KeyError("hush")

    found = gather("redis.reached", look)

    assert found[0] == WELL
    assert (found[1].check, found[1].level) == ("redis.reached", Level.FAILURE)
    assert found[1].says == "this check could not be carried out (KeyError)"
    assert "hush" not in as_text(found) + as_json(found)


@pytest.mark.parametrize(
    ("days", "level", "says"),
    [
        (30, Level.OK, "it expires in 30 days"),
        (29, Level.WARNING, "it expires in 29 days"),
        (7, Level.WARNING, "it expires in 7 days"),
        (6, Level.FAILURE, "it expires in 6 days"),
        (1, Level.FAILURE, "it expires in 1 day"),
        (-3, Level.FAILURE, "it has expired"),
    ],
)
def test_a_certificate_that_ends_soon(days: int, level: Level, says: str) -> None:
    found = check_expiry("redis.certificate", "it", (days + 0.5) * 24 * 3600, "renew it")
    assert (found.level, found.says) == (level, says)


def test_an_interrupt_stops_the_doctor() -> None:
    def look() -> list[Finding]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather("redis.reached", look)


def test_a_warning_can_be_accepted_but_a_failure_cannot() -> None:
    found = accept([WELL, SOON, BROKEN], ["redis.certificate", "keys.pairing"])

    assert [one.level for one in found] == [Level.OK, Level.OK, Level.FAILURE]
    assert found[1].says == "the certificate expires in 12 days (accepted)"
    assert found[1].mend == ""
