"""Writes docs/reference/writeback-toml.md out of the code: `python -m tests.reference.writeback_toml`."""

from collections.abc import Iterator
from pathlib import Path

from tests.reference.meanings import MEANINGS
from tests.reference.recording import Recorder, Setting
from writeback.config.connections import read_directory, read_mail, read_portal, read_redis, read_site
from writeback.config.policy import read_ceiling

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "writeback-toml.md"
HEAD = """\
# `writeback.toml`: the worker's settings

<!-- Made by `python -m tests.reference.writeback_toml` out of the code; not changed by hand. -->

Every setting of a worker. The file belongs to root (mode 0640) and is read once, at the start; each wrong
setting and each unknown name stops the start, with a sentence of its own. Paths that don't begin with a slash
are relative to the file. `writeback doctor` checks what the file names. A whole file with comments:
[`writeback.toml.example`](../../deploy/writeback.toml.example).

A *duration* is a number with `s`, `m`, `h` or `d`: `"15m"`. A *rate* is a number in a time, `"5/1h"` or
`"60/m"`; in a list of rates, all of them hold. Everything from `[scope]` on is the ceiling: the portal can
tighten it and never loosen it.
"""
TITLES = {
    "[site]": "this worker and its site",
    "[redis]": "the post box",
    "[portal]": "who may ask",
    "[[directory]]": "a directory (domain) that is served; one or several",
    "[mail]": "how mail leaves",
    "[scope]": "whom Keyback serves",
    "[notify]": "who hears of what was done",
    "[operations]": "what the portal may ask for",
    "[gates.reset]": "what must be proven before a reset",
    "[gates.unlock]": "what must be proven before an unlock",
    "[gates.register]": "what must be proven before factors are changed",
    "[limits]": "how much of anything",
    "[limits.sends]": "how many mails with codes",
    "[attempts]": "how attempts, codes and new factors live",
}
"""The sections in the order of the page. `[gates.change]` sets nothing: the old password proves a change."""
COLUMNS = """\
| setting | value | default | meaning |
|---|---|---|---|
"""


def settings() -> Iterator[Setting]:
    """Yield every setting that the worker reads, in the order in which it reads them."""
    found: list[Setting] = []
    read_site(Recorder("[site]", found))
    read_redis(Recorder("[redis]", found))
    read_portal(Recorder("[portal]", found))
    read_directory(Recorder("[[directory]]", found))
    read_mail(Recorder("[mail]", found, username="keyback"))
    read_ceiling(Recorder("", found), own_accounts=())
    yield from (one for one in found if one.section != "[gates.change]")


def page() -> str:
    """Return the whole page."""
    known = {(one.section, one.key): one for one in settings()}
    parts = [HEAD]
    for section, title in TITLES.items():
        parts.append(f"\n## `{section}`: {title}\n\n{COLUMNS}")
        parts += [_row(known[place]) for place in MEANINGS if place[0] == section and place in known]
    return "".join(parts)


def _row(one: Setting) -> str:
    about = MEANINGS[one.section, one.key]
    cells = (f"`{one.key}`", one.kind, about.default or one.default, about.meaning)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
