"""No run of six lines of logic stands twice, be it in the product, in its tools or in its tests."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import CODE, python_files, where

RUN = 6
SHORTEST = 90
"""Characters of a run that counts: six brackets and `else:` are no logic."""


def lines_of_logic(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file without docstrings, comments, imports, and declared fields and parameters."""
    text = path.read_text(encoding="utf-8")
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import() | ast.ImportFrom() | ast.AnnAssign() | ast.Expr(value=ast.Constant()):
                left_out |= {*range(node.lineno, (node.end_lineno or node.lineno) + 1)}
            case ast.arg(annotation=ast.expr()):
                left_out.add(node.lineno)
    for number, line in enumerate(text.splitlines(), 1):
        if number not in left_out and line.strip() and not line.strip().startswith("#"):
            yield number, line.strip()


def runs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each run of lines of a file with its place."""
    lines = [*lines_of_logic(path)]
    for first in range(len(lines) - RUN + 1):
        text = "\n".join(line for _, line in lines[first : first + RUN])
        if len(text) >= SHORTEST:
            yield text, where(path, lines[first][0])


def test_no_run_of_six_lines_stands_twice() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in python_files(*CODE, "tests"):
        for text, place in runs(path):
            places[text].append(place)
    assert [each for each in places.values() if len(each) > 1] == []
