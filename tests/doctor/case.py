"""One broken thing, and the finding that it must cause; the reference page is made of these cases."""

import argparse
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from deploy.dev.lab.accounts import Directory
from tests.contracts.conftest import administrator
from tests.writeback.worker_files import WorkerFiles
from writeback.cli import doctor
from writeback.cli.doctor.examining import Look
from writeback.envelope.findings import Finding, Level

ANYTHING = "…"


class Bench:
    """A worker's correct settings, with real services if a case asks for them."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path, keys: Path) -> None:
        self._request, self.folder = request, folder
        shutil.copytree(keys, folder / "keys", ignore=shutil.ignore_patterns("state.id"))
        self.files = WorkerFiles(folder)
        self.memory = Path(mkdtemp(prefix="keyback-doctor-", dir="/dev/shm"))
        self.files.replace(f'run = "{folder}/run"', f'run = "{self.memory}"')

    def close(self) -> None:
        """Remove what lies outside the test's folder."""
        shutil.rmtree(self.memory)

    @cached_property
    def lab(self) -> Lab:
        """The Active Directory, named in the settings."""
        found: Lab = self._request.getfixturevalue("lab")
        self.files.connect_directory(found)
        return found

    @cached_property
    def redis(self) -> RedisServer:
        """The Redis, named in the settings."""
        found: RedisServer = self._request.getfixturevalue("redis_server")
        self.files.connect_redis(found)
        return found

    @cached_property
    def mailbox(self) -> Mailbox:
        """The mail relay, named in the settings."""
        found: Mailbox = self._request.getfixturevalue("mailbox")
        self.files.connect_mail(found)
        return found

    def look(self, look: Look) -> list[Finding]:
        """Return what some checks find in the settings as they are now."""
        return list(look(self.files.config()))

    def whole(self) -> list[Finding]:
        """Return all that the command finds, even if the settings stop it early."""
        return list(doctor.findings(argparse.Namespace(config=self.files.toml)))


Find = Callable[[Bench], Iterable[Finding]]
F = TypeVar("F", bound=Find)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is broken, and the finding that it must cause.

    Args:
        broken: for people, without a full stop.
        check, level, says, mend: of the finding; `…` stands for anything.
        find: breaks it, lets the doctor look, and mends it again.
        needs: markers of what the case needs; see tests/needs.py.
    """

    broken: str
    check: str
    level: Level
    says: str
    mend: str
    find: Find
    needs: tuple[str, ...] = ()

    def is_told_by(self, finding: Finding) -> bool:
        """Tell whether a finding is the expected one."""
        return (
            (finding.check, finding.level) == (self.check, self.level)
            and _fits(self.says, finding.says)
            and _fits(self.mend, finding.mend)
        )


def _fits(pattern: str, text: str) -> bool:
    parts = (re.escape(part) for part in pattern.split(ANYTHING))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


class Cases(list[Case]):
    """Collects the functions that break something."""

    def __call__(
        self, broken: str, check: str, level: Level, says: str, mend: str, *, needs: Sequence[str] = ()
    ) -> Callable[[F], F]:
        """Return a decorator for a function that breaks something and returns what was found."""

        def added(find: F) -> F:
            made = Case(
                broken=broken, check=check, level=level, says=says, mend=mend, find=find, needs=tuple(needs)
            )
            self.append(made)
            return find

        return added


@contextmanager
def objects(bench: Bench, *made: tuple[str, str, dict[str, str]]) -> Iterator[None]:
    """Put objects into the directory for a while."""
    with administrator(bench.lab) as admin:
        for dn, kind, attributes in made:
            Directory(admin).add(dn, kind, attributes)
        try:
            yield
        finally:
            for dn, _, _ in reversed(made):
                admin.delete(dn)
