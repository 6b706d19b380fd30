"""Files and functions stay small enough to be read in one go (CONTRIBUTING.md, rules that tests check)."""

import ast
import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

from tests.architecture.sources import CODE, ROOT, functions, lines_of, percentile, python_files, where

pytestmark = pytest.mark.slow


def line_count(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(ROOT)): line_count(path) for path in python_files(*CODE, "tests")}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_files_are_short_as_a_rule() -> None:
    lengths = [line_count(path) for path in python_files(*CODE)]
    assert percentile(lengths, 0.5) <= 80
    assert percentile(lengths, 0.95) <= 250


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{where(path, node.lineno)} {node.name} ({lines_of(node)})"
        for path in python_files(*CODE, "tests")
        for node in functions(path)
        if lines_of(node) > 60
    ]
    assert long == []


def test_functions_are_short_as_a_rule() -> None:
    lengths = [lines_of(node) for path in python_files(*CODE) for node in functions(path)]
    assert percentile(lengths, 0.95) <= 35


def test_views_only_speak_http() -> None:
    long = [
        f"{where(path, node.lineno)} {node.name} ({lines_of(node)})"
        for path in python_files("portal")
        if path.name == "views.py"
        for node in functions(path)
        if (node.end_lineno or 0) - node.body[0].lineno + 1 > 15
    ]
    assert long == []


ALL_FAULTS = {"Exception", "BaseException"}


def takes_any_fault(node: ast.AST) -> bool:
    """Tell whether a node is a broad `except`, or does the same in another way."""
    if isinstance(node, ast.ExceptHandler):
        named = (
            {one.id for one in ast.walk(node.type) if isinstance(one, ast.Name)} if node.type else ALL_FAULTS
        )
        return bool(named & ALL_FAULTS)
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "suppress":
        return any(isinstance(one, ast.Name) and one.id in ALL_FAULTS for one in node.args)
    is_end = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in {
        "__exit__",
        "__aexit__",
    }
    return is_end and any(isinstance(one, ast.Return) and one.value is not None for one in ast.walk(node))


def test_broad_excepts_stand_only_in_two_named_functions() -> None:
    broad = [
        (str(path.relative_to(ROOT)), function.name)
        for path in python_files(*CODE)
        for function in functions(path)
        for node in ast.walk(function)
        if takes_any_fault(node)
    ]
    everywhere = sum(
        takes_any_fault(node)
        for path in python_files(*CODE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )
    assert sorted(broad) == [("writeback/envelope/findings.py", "gather"), ("writeback/intake.py", "take")]
    assert everywhere == len(broad)


@pytest.mark.parametrize(
    "code",
    [
        "try: pass\nexcept: pass",
        "try: pass\nexcept (OSError, Exception): pass",
        "with suppress(BaseException): pass",
        "with contextlib.suppress(Exception): pass",
        "def __exit__(self, *_): return True",
    ],
)
def test_a_broad_except_is_seen_however_it_is_spelled(code: str) -> None:
    assert any(map(takes_any_fault, ast.walk(ast.parse(code))))


def test_nothing_is_imported_inside_a_function() -> None:
    late = [
        where(path, inner.lineno)
        for path in python_files(*CODE, "tests")
        for node in functions(path)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert late == []


def test_type_ignores_are_few_and_give_their_code_and_reason() -> None:
    found = [
        (where(path, number), line)
        for path in python_files(*CODE, "tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#\s*type:\s*ignore", line)
    ]
    assert len(found) <= 5, found
    assert [place for place, line in found if not re.search(r"type: ignore\[[\w, -]+\]\s+# \w", line)] == []


def test_doubles_are_rare() -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in python_files("tests") if "architecture" not in path.parts
    ]
    tests = sum(len(re.findall(r"^\s*(?:async )?def test_", text, re.MULTILINE)) for text in texts)
    doubles = sum(
        len(re.findall(r"monkeypatch\.set|\bpatch\(|\bMagicMock\(|\bMock\(", text)) for text in texts
    )
    assert doubles * 100 <= tests * 5


@pytest.mark.parametrize("part", ["writeback/envelope", "writeback/ports", "flows.py"])
def test_public_functions_that_others_build_on_have_a_docstring(part: str) -> None:
    public = [
        (where(path, node.lineno), node)
        for path in python_files("portal", "writeback")
        if part in str(path.relative_to(ROOT))
        for node in functions(path)
        if not node.name.startswith("_")
    ]
    assert public
    assert [place for place, node in public if not ast.get_docstring(node)] == []


def test_every_file_of_the_code_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files(*CODE)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def code_lines(path: Path) -> int:
    """Count the lines that are neither blank nor a comment nor part of a text that stands alone."""
    text = path.read_text(encoding="utf-8")
    alone = {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for number in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    lines = enumerate(text.splitlines(), 1)
    return sum(
        bool(line.strip()) and number not in alone and line.strip()[0] != "#" for number, line in lines
    )


def reasons(path: Path) -> int:
    """Count the lines that say why: comments on lines of their own or beside code, notes under constants."""
    text = path.read_text(encoding="utf-8")
    said = [
        token
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and not re.match(r"#\s*(noqa|type:|pragma)", token.string)
    ]
    notes = [
        (node.end_lineno or 0) - node.lineno + 1
        for holder in ast.walk(ast.parse(text))
        if isinstance(holder, ast.Module | ast.ClassDef)
        for node in holder.body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    return len(said) + sum(notes)


def product() -> list[Path]:
    return [path for path in python_files("portal", "writeback") if "migrations" not in path.parts]


def test_there_is_about_as_much_test_as_the_best_codebases_have() -> None:
    ratio = sum(map(code_lines, python_files("tests"))) / sum(map(code_lines, product()))
    assert 1.2 <= ratio <= 2.0


def test_the_code_gives_its_reasons_and_is_not_drowned_in_them() -> None:
    share = sum(map(reasons, product())) / sum(map(code_lines, product()))
    assert 0.02 <= share <= 0.05


LONG_SUBJECTS_UNTIL = "2026-11-22"
"""Commits up to this day were made before the rule."""


def test_commit_subjects_are_short() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is an export without history")
    log = ["git", "log", f"--since={LONG_SUBJECTS_UNTIL}T23:59:59", "--no-merges", "--format=%h %s"]
    found = subprocess.run(log, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in found if len(line.partition(" ")[2]) > 72] == []
