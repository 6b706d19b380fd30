"""Finds in the code which events are recorded, and which facts stand beside them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.architecture.sources import python_files

EVENT = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*|signin")
RECORDERS = {"record", "record_answer", "record_opening", "_record", "_tell"}
"""Functions and methods that take the name of an event."""
OUTCOME = {"record_answer", "_record"}
"""Those of them that record an answer's outcome too."""


@dataclass
class Event:
    """One kind of event.

    Args:
        facts: names that stand beside it somewhere.
        has_more: some stand in a mapping, whose names the call does not show.
    """

    facts: set[str] = field(default_factory=set)
    has_more: bool = False


@cache
def events_of(part: str) -> dict[str, Event]:
    """Return the events that the portal or the worker records, by name."""
    found: dict[str, Event] = {}
    for path in python_files(part):
        for name, call in _calls(path):
            event = found.setdefault(name, Event())
            names = {each.arg for each in call.keywords}
            event.has_more |= None in names
            event.facts |= {each for each in names if each} - {"reference"}
            event.facts |= {"outcome"} if _called(call) in OUTCOME else set()
    return found


def _calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        named = _named_in(function)
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if _called(call) in RECORDERS:
                for argument in call.args[:2]:
                    yield from ((name, call) for name in sorted(_names(argument, named)))


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _named_in(function: ast.FunctionDef) -> dict[str, set[str]]:
    """Return the variables of a function that hold names of events."""
    return {
        ast.unparse(node.targets[0]): _texts(node.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _texts(node.value)
    }


def _names(argument: ast.expr, named: dict[str, set[str]]) -> set[str]:
    if isinstance(argument, ast.Name):
        return named.get(argument.id, set())
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return {argument.value} if argument.value else set()
    return _texts(argument) if isinstance(argument, ast.IfExp) else set()


def _texts(node: ast.expr) -> set[str]:
    return {
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and EVENT.fullmatch(one.value)
    }
