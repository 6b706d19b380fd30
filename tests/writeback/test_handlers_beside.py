"""Work beside a block: it runs at the same time, and has ended when the block has."""

import threading

import pytest

from writeback.handlers.beside import beside


def test_the_work_runs_while_the_block_does() -> None:
    met = threading.Barrier(2)
    with beside(lambda: met.wait(10)) as result:
        met.wait(10)
    assert result() in (0, 1)


def test_the_work_has_ended_when_the_block_has_failed() -> None:
    done: list[str] = []
    with pytest.raises(ZeroDivisionError), beside(lambda: done.append("work")):
        raise ZeroDivisionError
    assert done == ["work"]


def test_what_went_wrong_in_the_work_is_raised_where_its_result_is_asked_for() -> None:
    def work() -> None:
        raise LookupError("nothing there")

    with beside(work) as result:
        pass
    with pytest.raises(LookupError, match="nothing there"):
        result()
