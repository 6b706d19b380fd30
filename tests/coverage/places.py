"""Names the places of the code that no test reaches, so that a reason can stand for each of them.

A place is named by its function and the text of its line, not by a number, which every change moves.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOT

LIST = Path(__file__).with_name("uncovered.toml")
ARROW = " → "
END = "end"
"""Where a branch leads that leaves the function."""
Key = tuple[str, str]
"""The file and the name of a place."""
Reasons = Mapping[Key, str]


@dataclass(frozen=True, order=True)
class Place:
    """A run of lines, or one way out of a line, that no test reaches."""

    file: str
    line: int
    name: str
    """`function: first line`, or `function: line → line that never follows`; the function may be empty."""

    @property
    def key(self) -> Key:
        """What stays the same when lines are put before the place."""
        return self.file, self.name


@dataclass(frozen=True)
class Source:
    """A file of the code, with the function that each line belongs to."""

    lines: Sequence[str]
    functions: Mapping[int, str] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> "Source":
        """Read the text of a file."""
        functions: dict[int, str] = {}
        _note(ast.parse(text), "", functions)
        return cls(text.splitlines(), functions)

    def text(self, line: int) -> str:
        """Return a line without its indentation; a number below 1 is the end of a function."""
        return self.lines[line - 1].strip() if line > 0 else END

    def function(self, line: int) -> str:
        """Return the name of the function that a line belongs to; outside of functions it is empty."""
        return self.functions.get(line, "")

    def indentation(self, line: int) -> int:
        """Return how far a line is indented."""
        return len(self.lines[line - 1]) - len(self.lines[line - 1].lstrip())

    def has(self, name: str) -> bool:
        """Tell whether a place of that name still stands in the file."""
        function, _, code = name.partition(": ")
        texts = {self.text(line) for line in range(1, len(self.lines) + 1) if self.function(line) == function}
        return code in texts or (ARROW in code and {*code.split(ARROW)} <= texts | {END})


def _note(node: ast.AST, name: str, functions: dict[int, str]) -> None:
    """Note the functions below a node; an inner one overwrites its lines of the outer one."""
    for child in ast.iter_child_nodes(node):
        inner = name
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{name}.{child.name}".lstrip(".")
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.update(dict.fromkeys(range(child.body[0].lineno, (child.end_lineno or 0) + 1), inner))
        _note(child, inner, functions)


def unreached(report: Mapping[str, Any], root: Path = ROOT) -> list[Place]:
    """Return all places that no test reaches, out of coverage.py's JSON report."""
    return sorted(
        place
        for name, of_file in report["files"].items()
        for place in _unreached_in(str((root / name).relative_to(root)), of_file, root)
    )


def _unreached_in(file: str, report: Mapping[str, Any], root: Path) -> Iterator[Place]:
    missing = set(report["missing_lines"])
    if not missing and not report["missing_branches"]:
        return
    source = Source.of((root / file).read_text(encoding="utf-8"))
    statements = sorted({*report["executed_lines"], *missing})
    for is_missing, run in groupby(statements, missing.__contains__):
        if is_missing:
            for line in _first_lines(source, [*run]):
                yield Place(file, line, f"{source.function(line)}: {source.text(line)}")
    for start, target in report["missing_branches"]:
        # A branch into lines that are missing themselves goes with these.
        if start not in missing and target not in missing:
            way = f"{source.text(start)}{ARROW}{source.text(target)}"
            yield Place(file, start, f"{source.function(start)}: {way}")


def _first_lines(source: Source, run: Sequence[int]) -> Iterator[int]:
    """Yield the first line of each block in a run of missing lines.

    A block ends where a line is less indented than its first one, or belongs to another function.
    """
    first: int | None = None
    for line in run:
        goes_on = (
            first is not None
            and source.function(line) == source.function(first)
            and source.indentation(line) >= source.indentation(first)
        )
        if not goes_on:
            first = line
            yield line


def reasons(path: Path = LIST) -> Reasons:
    """Return the reason for each place that has one, by its file and its name."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return {(file, name): reason for file, places in listed.items() for name, reason in places.items()}


def vanished(listed: Reasons, root: Path = ROOT) -> list[Key]:
    """Return the listed places that do not stand in the code any more."""
    return [
        (file, name)
        for file, name in listed
        if not (root / file).is_file() or not Source.of((root / file).read_text(encoding="utf-8")).has(name)
    ]
