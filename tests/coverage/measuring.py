"""Runs tests and measures which lines and branches of the product they reach, in every process they start.

Many tests give a program an environment of its own, so no variable could tell it to measure itself. The
interpreter does that: a second one, beside `.venv`, has the same packages and measures whatever it runs.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage

from tests.architecture.sources import ROOT

PARTS = ("portal", "writeback")
SETTINGS = """\
[run]
branch = true
parallel = true
sigterm = true
patch = _exit
disable_warnings = no-data-collected
data_file = {data}
source =
    {sources}
omit =
    */migrations/*

[report]
exclude_lines =
    ^\\s*(def .*|\\).*: )?\\.\\.\\.$
    ^if TYPE_CHECKING:
"""
"""Migrations, the bodies of protocols and what only mypy reads are not measured.

There is no comment that leaves a line out: all reasons stand in `uncovered.toml`.
"""


@dataclass(frozen=True)
class Measurement:
    """What is measured of the packages below `source`; all files lie below `home`."""

    home: Path
    source: Path = ROOT
    parts: Sequence[str] = PARTS

    @property
    def python(self) -> Path:
        """The interpreter that measures whatever it runs."""
        return self.home / "python" / "bin" / "python"

    def begin(self) -> None:
        """Make the interpreter, and forget what was measured before."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        data = self.home / "data"
        data.mkdir()
        data.chmod(0o1777)  # some programs give up root, and save what they reached nevertheless
        sources = "\n    ".join(str(self.source / part) for part in self.parts)
        self._settings.write_text(SETTINGS.format(data=data / "reached", sources=sources), encoding="utf-8")
        venv.create(self.home / "python", symlinks=True)
        _let_it_measure(self.home / "python", self._settings)

    def run_tests(self, arguments: Sequence[str]) -> int:
        """Run pytest with these arguments, add to what was measured before, and return its exit status."""
        bound = ("setpriv", "--pdeathsig", "TERM")
        return subprocess.run(
            [*bound, self.python, "-m", "pytest", *arguments], cwd=ROOT, check=False
        ).returncode

    def report(self) -> Mapping[str, Any]:
        """Return what was measured until now, as coverage.py's JSON report has it."""
        measured = coverage.Coverage(config_file=str(self._settings))
        measured.load()
        measured.combine()
        measured.save()
        path = self.home / "report.json"
        measured.json_report(outfile=str(path))
        report: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report

    @property
    def _settings(self) -> Path:
        return self.home / "settings.ini"


def _let_it_measure(environment: Path, settings: Path) -> None:
    """Give an empty virtual environment the packages and programs of this one, and let it measure."""
    paths = {"base": str(environment), "platbase": str(environment)}
    packages = Path(sysconfig.get_path("purelib", scheme="venv", vars=paths))
    here = Path(coverage.__file__).parents[1]
    (packages / "measured.pth").write_text(
        f"import site; site.addsitedir({str(here)!r})\n"
        f"import os; os.environ['COVERAGE_PROCESS_START'] = {str(settings)!r}\n"
        "import coverage; coverage.process_startup()\n"
        # A program of another interpreter, such as mypy, is not to be measured.
        "import os; del os.environ['COVERAGE_PROCESS_START']\n",
        encoding="utf-8",
    )
    for program in Path(sys.executable).parent.iterdir():
        link = environment / "bin" / program.name
        if not link.exists():
            link.symlink_to(program)
