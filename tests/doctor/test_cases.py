"""Breaks each thing that can be broken: the doctor names it, says what mends it, and shows no secret."""

import ast
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.dev.lab import Lab
from tests.doctor.case import Bench, Case
from tests.doctor.page import CASES, PAGE, TITLES, groups, page
from tests.writeback.worker_files import WorkerFiles
from writeback.cli import doctor
from writeback.envelope.findings import Level, as_json, as_text

pytestmark = pytest.mark.linux

SLUG = re.compile(r"[a-z]+\.[a-z]+(?:-[a-z]+)*")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of a site that is paired; making them takes a second."""
    made = WorkerFiles(tmp_path_factory.mktemp("site"))
    made.pair()
    return made.folder / "keys"


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path, keys: Path) -> Iterator[Bench]:
    with closing(Bench(request, tmp_path, keys)) as made:
        yield made


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=f"{case.check}: {case.broken}",
            marks=[getattr(pytest.mark, need) for need in case.needs],
        )
        for case in CASES
    ],
)
def test_each_broken_thing_is_named_with_its_remedy(case: Case, bench: Bench) -> None:
    found = list(case.find(bench))

    assert any(case.is_told_by(finding) for finding in found), as_text(found)
    assert "hush" not in as_text(found)


def test_a_healthy_site_has_only_ok_findings(bench: Bench, lab: Lab) -> None:
    assert bench.lab.alive()
    assert bench.redis.alive()
    assert bench.mailbox.port
    bench.files.replace("on_call = []", 'on_call = ["it@corp.example"]')
    bench.files.seem_to_run()
    found = bench.whole()

    assert [one for one in found if one.level is not Level.OK] == []
    assert {one.group for one in found} == groups() | {"settings", "rights"}
    assert lab.service_password not in as_text(found)
    assert bench.files.run("doctor") == 0


def test_a_site_that_is_switched_off_is_not_asked_for_a_running_worker(bench: Bench) -> None:
    assert bench.files.run("disable") == 0

    assert "worker.running" not in {one.check for one in bench.whole()}


def test_no_secret_is_shown_while_nothing_can_be_reached(bench: Bench) -> None:
    bench.files.secret("state", "postgresql+psycopg://keyback:state-hush@127.0.0.1:1/keyback")
    bench.files.replace(f'state = "sqlite:///{bench.folder}/state.db"', 'state_file = "state.secret"')
    bench.files.replace('hosts = ["dc1.corp.example", "dc2.corp.example"]', 'hosts = ["dc1@127.0.0.1:1"]')
    bench.files.replace("rediss://redis.corp.example:6379/0", "rediss://127.0.0.1:1/0")
    found = bench.whole()

    lost = {one.check for one in found if one.level is Level.FAILURE}
    assert {"state.open", "redis.reached", "directory.reached", "mail.relay"} <= lost
    assert "hush" not in as_text(found) + as_json(found)


def test_every_check_of_the_doctor_has_a_case() -> None:
    code = Path(doctor.__file__).parent.rglob("*.py")
    named = {
        node.value
        for path in code
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SLUG.fullmatch(node.value)
    }
    checks = {name for name in named if name.partition(".")[0] in TITLES}

    # The first two are reported if nothing is wrong; the last is an event of the audit.
    others = {"policy.settings", "notify.told", "state.backed-up"}
    assert checks - {case.check for case in CASES} == others


def test_the_reference_page_matches_the_cases() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.doctor.page"
    assert {case.check.partition(".")[0] for case in CASES} == set(TITLES)
