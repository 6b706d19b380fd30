"""The sums that the safety of a write rests on."""

from dataclasses import fields

from writeback.ceiling import Attempts
from writeback.config import DirectoryConfig
from writeback.directory.settings import DirectorySettings
from writeback.envelope.deadlines import (
    BEGIN_WITHIN,
    GIVEN_UP_AFTER,
    JUDGED_AFTER,
    LONGEST_CALL,
    SIGN_COUNTS_AFTER,
    UNKNOWN_FOR,
)
from writeback.envelope.heartbeats import EVERY
from writeback.envelope.wire import SKEW
from writeback.ports import Intent
from writeback.proof.passwords import OPEN_FOR


def default(of: type, name: str) -> object:
    return next(field.default for field in fields(of) if field.name == name)


def test_an_intent_is_judged_only_when_its_write_can_not_be_under_way() -> None:
    assert BEGIN_WITHIN + LONGEST_CALL <= JUDGED_AFTER
    assert default(Intent, "deadline") == JUDGED_AFTER


def test_no_call_may_take_longer_than_the_sum_allows() -> None:
    assert default(DirectoryConfig, "total") == default(DirectorySettings, "total_deadline") == LONGEST_CALL


def test_a_wrong_password_counts_as_open_for_longer_than_a_bind_and_a_change_take() -> None:
    assert 2 * LONGEST_CALL < OPEN_FOR


def test_the_portal_asks_for_longer_than_a_worker_tries_to_find_out() -> None:
    assert GIVEN_UP_AFTER + SKEW <= UNKNOWN_FOR
    assert GIVEN_UP_AFTER + EVERY < UNKNOWN_FOR


def test_a_page_that_asks_now_and_then_is_a_sign_of_the_person() -> None:
    assert Attempts().idle / 2 > SIGN_COUNTS_AFTER
