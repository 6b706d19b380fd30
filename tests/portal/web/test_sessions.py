"""Sessions: a key that changes keeps its row, and a look at a page writes nothing that is not needed."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.web.sessions import SessionStore, digest_of_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> SessionStore:
    made = SessionStore()
    made["attempt"] = "abc"
    made.create()
    made.save()
    return made


def again(session: SessionStore) -> SessionStore:
    return SessionStore(session.session_key)


def lasts_until(session: SessionStore) -> object:
    return Session.objects.get(session_key=digest_of_key(session.session_key or "")).expire_date


def test_a_fresh_key_opens_the_same_session_and_the_old_one_opens_nothing(session: SessionStore) -> None:
    before = session.session_key
    current = again(session)
    current.cycle_key()
    current["more"] = 1
    current.save()

    assert current.session_key != before
    assert dict(again(current).items()) == {"attempt": "abc", "more": 1}
    assert dict(SessionStore(before).items()) == {}
    assert Session.objects.count() == 1


def test_fresh_key_and_changes_are_one_statement(
    session: SessionStore, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    current = again(session)
    current["more"] = 1
    with django_assert_num_queries(1):
        current.cycle_key()
        current.save()
    assert dict(again(current).items()) == {"attempt": "abc", "more": 1}


def test_a_fresh_key_for_a_session_that_nobody_has_kept_makes_one() -> None:
    session = SessionStore()
    session["attempt"] = "abc"
    session.cycle_key()
    session.save()
    assert again(session)["attempt"] == "abc"


def test_the_old_session_key_cannot_write(session: SessionStore) -> None:
    other = again(session)
    other["attempt"] = "xyz"
    again(session).cycle_key()
    with pytest.raises(UpdateError):
        other.save()
    assert Session.objects.count() == 1


def test_a_session_that_was_ended_meanwhile_does_not_come_back(session: SessionStore) -> None:
    under_way = again(session)
    assert under_way["attempt"] == "abc"
    again(session).flush()
    with pytest.raises(SessionInterrupted):
        under_way.cycle_key()
    assert Session.objects.count() == 0


def test_a_session_does_not_split_in_two(session: SessionStore) -> None:
    one, other = again(session), again(session)
    assert one["attempt"] == other["attempt"]
    one.cycle_key()
    with pytest.raises(SessionInterrupted):
        other.cycle_key()
    assert Session.objects.count() == 1


def test_reading_a_session_writes_at_most_once_a_minute(session: SessionStore) -> None:
    first = lasts_until(session)
    look = again(session)
    assert look["attempt"] == "abc"
    look.save()
    assert lasts_until(session) == first

    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=13, seconds=59))
    look = again(session)
    assert look["attempt"] == "abc"
    look.save()
    left = Session.objects.get().expire_date - timezone.now()
    assert left > timedelta(minutes=14, seconds=55)


def test_a_changed_session_is_written_at_once(session: SessionStore) -> None:
    look = again(session)
    look["attempt"] = "xyz"
    look.save()
    assert again(session)["attempt"] == "xyz"
