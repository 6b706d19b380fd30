"""Templates hold no inline script or style, so that the content security policy can forbid both."""

import re

from tests.architecture.sources import ROOT, percentile

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)


def test_there_is_no_inline_script_style_or_handler() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if INLINE.search(line)
    ]
    assert TEMPLATES
    assert found == []


def test_templates_are_short() -> None:
    lengths = [path.read_text(encoding="utf-8").count("\n") for path in TEMPLATES]
    assert percentile(lengths, 0.5) <= 40
    assert percentile(lengths, 0.95) <= 120
