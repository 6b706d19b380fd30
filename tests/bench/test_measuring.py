"""How the bench measures many clients at once, and the memory of a program."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.dev.bench.measuring import everybody, throughput
from deploy.dev.bench.resident import largest_resident
from deploy.dev.bench.sides import Reset
from deploy.dev.demo.walker import Page
from deploy.dev.lab import LabError


def slow() -> Reset:
    return Reset(lambda: time.sleep(0.05), judge=lambda _: "")


def broken() -> Reset:
    def act() -> None:
        raise LabError("the directory refused")

    return Reset(act, judge=lambda _: "")


def wrong() -> Reset:
    return Reset(lambda: 7, judge=lambda came: f"{came} came")


def test_clients_work_at_the_same_time() -> None:
    with ThreadPoolExecutor(8) as pool:
        rate, failed = throughput(pool, [[slow(), slow()] for _ in range(8)])
    assert failed == 0
    assert rate > 2 / 0.1  # more than one client alone would do


@pytest.mark.parametrize(("bad", "said"), [(broken, "the directory refused"), (wrong, "7 came")])
def test_a_failed_request_is_reported_and_adds_no_throughput(
    capsys: pytest.CaptureFixture[str], bad: Callable[[], Reset], said: str
) -> None:
    with ThreadPoolExecutor(2) as pool:
        rate, failed = throughput(pool, [[slow(), bad()], [slow(), slow()]])
    assert failed == 1
    assert rate < 3 / 0.1 + 1
    assert said in capsys.readouterr().err


def test_each_client_keeps_its_own_thread() -> None:
    def whose() -> int:
        time.sleep(0.05)
        return threading.get_ident()

    with ThreadPoolExecutor(4) as pool:
        (_, first), (_, second) = everybody(pool, [whose] * 4), everybody(pool, [whose] * 4)
    assert len(set(first)) == 4
    assert set(first) == set(second)


@pytest.mark.linux
def test_the_memory_of_a_program_is_that_of_its_largest_process() -> None:
    fill = "import time; held = bytearray(60 * 1024 * 1024); print(flush=True); time.sleep(60)"
    command = ["sh", "-c", f"python3 -c '{fill}'; true"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as shell:
        assert shell.stdout
        shell.stdout.readline()
        assert 60 * 1024 * 1024 < largest_resident(shell) < 120 * 1024 * 1024
        os.killpg(shell.pid, signal.SIGKILL)


def test_a_page_without_a_form_is_named_in_the_error() -> None:
    with pytest.raises(LookupError, match="410"):
        _ = Page("http://localhost/", 410, b"over", 4).token
