"""docs/reference/events.md is what the code records, with a meaning for each event."""

from collections.abc import Mapping

import pytest

from tests.reference.events import MORE, PAGE, PORTAL, WORKER, page
from tests.reference.recorded import events_of


def test_the_page_is_what_the_code_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.reference.events"


@pytest.mark.parametrize(("part", "meanings"), [("portal", PORTAL), ("writeback", WORKER)])
def test_each_event_has_a_meaning(part: str, meanings: Mapping[str, str]) -> None:
    assert sorted(events_of(part)) == sorted(meanings)


def test_facts_that_a_call_does_not_show_are_named_by_hand() -> None:
    hidden = {
        name for part in ("portal", "writeback") for name, event in events_of(part).items() if event.has_more
    }
    assert hidden - {"factor.checked", "factor.started", "signin"} <= set(MORE)
    assert set(MORE) <= set(PORTAL) | set(WORKER)
