"""Shared by the commands: reading the configuration, and opening audit, register and directories."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from writeback.assembly import open_context, open_vault
from writeback.audit import AuditFile
from writeback.clock import SystemClock
from writeback.config import Config, load
from writeback.config.files import name_of
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.settings import directory_settings
from writeback.ports import Directory
from writeback.proof import RegisterContext

DEFAULT = Path("/etc/keyback/writeback.toml")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # has no other name


class CommandError(Exception):
    """A command can't do its work; the text is one sentence for the admin."""


def add_command(commands: Commands, name: str, help_: str) -> argparse.ArgumentParser:
    """Add a command that reads writeback.toml."""
    parser = commands.add_parser(name, help=help_, description=help_)
    parser.add_argument("--config", type=Path, default=DEFAULT, help=f"writeback.toml (default: {DEFAULT})")
    return parser


def read_config(args: argparse.Namespace) -> Config:
    """Return the configuration, or raise ConfigError with all problems."""
    path: Path = args.config
    return load(path)


def read_config_as_worker(args: argparse.Namespace) -> Config:
    """Return the configuration for a command that opens the worker's files, and so must run as its user.

    Otherwise the audit, the state and the locks beside it would belong to the user who opens them first.

    Raises:
        CommandError: another user runs it.
    """
    config = read_config(args)
    folder = next(path for path in (config.site.keys, *config.site.keys.parents) if path.exists())
    owner = folder.stat().st_uid
    if folder == config.site.keys and owner != os.geteuid():
        name = name_of(owner)
        name = f"'{name}'" if name.startswith("#") else name  # as sudo takes a number
        raise CommandError(f"{folder} belongs to {name}; run this as {name}: sudo -u {name} writeback …")
    return config


def moment(text: str) -> float:
    """Return the Unix time of a typed moment, which is UTC if no zone is given.

    Raises:
        CommandError: the text is not a time.
    """
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f'"{text}" is not a time; write it in UTC, such as 2026-11-20T08:00.') from None
    return (typed if typed.tzinfo else typed.replace(tzinfo=UTC)).timestamp()


def can_ask() -> bool:
    """Tell whether standard input is a terminal; it may be a file, a pipe, or closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> str:
    """Return the typed answer; empty if nobody can answer or the terminal was closed."""
    if not can_ask():
        return ""
    try:
        return input(question).strip()
    except EOFError:
        print()
        return ""


def open_audit(config: Config) -> AuditFile:
    """Return the worker's audit; commands append to the same chain as the running worker."""
    return AuditFile(config.site.audit)


@contextmanager
def open_register_context(config: Config) -> Iterator[RegisterContext]:
    """Lend the context of the register."""
    context = open_context(config, open_vault(config), SystemClock())
    with closing(context.state):
        yield context


@contextmanager
def open_directories(config: Config) -> Iterator[Mapping[str, Directory]]:
    """Lend the directories by id."""
    with ExitStack() as undo:
        yield {
            one.id: undo.enter_context(closing(ActiveDirectory(directory_settings(one), SystemClock())))
            for one in config.directories
        }
