"""What is done while the directory works on its answer."""

import threading

import pytest

from tests.fakes.ldap_server import GUID, SEARCH, Answer, HangUp, LdapServer
from writeback.directory.active_directory import ActiveDirectory
from writeback.ports import MeanwhileError

DEADLINE = 2


def test_work_during_a_read_is_done_between_question_and_answer(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    asked, done = threading.Event(), threading.Event()

    def answer_when_done(body: bytes) -> Answer:
        asked.set()
        assert done.wait(DEADLINE)
        return server.search(body)

    def meanwhile() -> None:
        assert asked.wait(DEADLINE)
        done.set()

    assert directory.read(GUID) is not None
    server.answers[SEARCH] = answer_when_done
    assert directory.read(GUID, meanwhile=meanwhile) is not None
    assert done.is_set()


def test_a_fault_in_work_during_a_read_is_not_the_directorys(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    assert directory.read(GUID) is not None
    before = server.received.connections

    def fail() -> None:
        raise ValueError("which a broken connection raises, too")

    with pytest.raises(MeanwhileError):
        directory.read(GUID, meanwhile=fail)
    assert server.received.connections == before  # nobody was asked again because of it
    assert directory.read(GUID) is not None


def test_a_read_repeated_after_a_cut_may_do_the_same_work_again(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    assert directory.read(GUID) is not None
    done: list[str] = []

    def cut_once(body: bytes) -> Answer:
        server.answers.pop(SEARCH)
        raise HangUp

    server.answers[SEARCH] = cut_once
    assert directory.read(GUID, meanwhile=lambda: done.append("it")) is not None
    assert done == ["it", "it"]
    assert directory.read(GUID) is not None
    assert done == ["it", "it"]
