"""Facts that both sides of the border need stand once, in writeback/envelope."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.sources import ROOT, python_files, where
from writeback.envelope.deadlines import (
    BEGIN_WITHIN,
    GIVEN_UP_AFTER,
    JUDGED_AFTER,
    LONGEST_CALL,
    SIGN_COUNTS_AFTER,
    SIGNED_IN_IDLE,
    UNKNOWN_FOR,
)
from writeback.envelope.jobs import JOBS, WriteJob
from writeback.envelope.methods import CODE_LENGTH, TOTP_STEP, MethodKind
from writeback.envelope.typed_codes import BACKUP_ALPHABET
from writeback.handlers.writes import NOTICES

TOTP, EMAIL, BACKUP_CODES = MethodKind.TOTP, MethodKind.EMAIL, MethodKind.BACKUP_CODES
FACTS_OF_CODES = {
    "portal/methods/page.py": {*CODE_LENGTH.values()},
    "portal/methods/totp/page.py": {CODE_LENGTH[TOTP]},
    "portal/methods/totp/qr.py": {CODE_LENGTH[TOTP], TOTP_STEP},
    "portal/methods/totp/views.py": {CODE_LENGTH[TOTP], TOTP_STEP},
    "portal/methods/email/page.py": {CODE_LENGTH[EMAIL]},
    "portal/methods/email/views.py": {CODE_LENGTH[EMAIL]},
    "portal/methods/backup_codes/page.py": {CODE_LENGTH[BACKUP_CODES]},
    "writeback/proof/totp.py": {CODE_LENGTH[TOTP], TOTP_STEP},
    "writeback/proof/email.py": {CODE_LENGTH[EMAIL]},
    "writeback/proof/sent_codes.py": {CODE_LENGTH[EMAIL]},
    "writeback/proof/backup_codes.py": {CODE_LENGTH[BACKUP_CODES]},
}

FACTS_OF_TIME = {
    "writeback/config/connections.py": {LONGEST_CALL},
    "writeback/config/values.py": {LONGEST_CALL},
    "writeback/directory/settings.py": {LONGEST_CALL},
    "writeback/handlers/writes.py": {LONGEST_CALL, BEGIN_WITHIN, JUDGED_AFTER},
    "writeback/ports/journal.py": {JUDGED_AFTER},
    "writeback/handlers/resolving.py": {GIVEN_UP_AFTER, GIVEN_UP_AFTER // 60},
    "portal/dispatch/flows.py": {UNKNOWN_FOR, UNKNOWN_FOR // 60},
    "portal/gates/flows.py": {SIGN_COUNTS_AFTER},
    "writeback/proof/attempts.py": {SIGN_COUNTS_AFTER},
}
READING = ("maketrans", ".translate(", ".isdigit(", ".isdecimal(", "re.sub(", BACKUP_ALPHABET)


def numbers(path: Path) -> set[int]:
    """Return the numbers of a file, those in its texts too; docstrings are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    texts = [str(node.value) for node in constants if id(node) not in docstrings]
    return {int(word) for text in texts for word in text.split() if word.isdecimal()}


@pytest.mark.parametrize("name", FACTS_OF_CODES)
def test_neither_side_has_a_copy_of_the_length_of_codes(name: str) -> None:
    assert not numbers(ROOT / name) & FACTS_OF_CODES[name]


@pytest.mark.parametrize("name", FACTS_OF_TIME)
def test_no_module_has_a_copy_of_a_time_that_others_rely_on(name: str) -> None:
    assert not numbers(ROOT / name) & FACTS_OF_TIME[name]


@pytest.mark.parametrize("name", FACTS_OF_CODES)
def test_neither_side_reads_typed_codes_in_its_own_way(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not [word for word in READING if word in text]


def test_a_session_of_the_portal_lasts_as_long_as_a_sign_in_at_the_worker() -> None:
    assert settings.SESSION_COOKIE_AGE == SIGNED_IN_IDLE
    assert SIGNED_IN_IDLE not in numbers(ROOT / "writeback/state/ending.py")


def test_no_module_lists_the_jobs_that_write() -> None:
    writes = {job.__name__ for job in JOBS.values() if issubclass(job, WriteJob)}
    lists = [
        where(path, node.lineno)
        for path in python_files("portal", "writeback")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and len(writes & {each.id for each in node.elts if isinstance(each, ast.Name)}) > 1
    ]
    assert len(writes) == 3
    assert lists == []


def test_every_job_that_writes_has_a_notice() -> None:
    assert set(NOTICES) == {job.__name__ for job in JOBS.values() if issubclass(job, WriteJob)}
