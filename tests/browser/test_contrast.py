"""The colours of static/css/tokens.css can be read by people who see little (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TEXT, EDGE = 4.5, 3.0

ON_SURFACE = ["text", "quiet", "accent", "accent-strong", "good", "warn", "bad"]
PAIRS = [
    *((name, "surface", TEXT) for name in ON_SURFACE),
    *((name, "ground", TEXT) for name in ["text", "quiet", "accent", "accent-strong"]),
    *((name, "sunken", TEXT) for name in ["text", "quiet", "accent"]),
    *((text, f"{tone}-soft", TEXT) for tone in ["accent", "good", "warn", "bad"] for text in ["text", tone]),
    ("quiet", "accent-soft", TEXT),
    ("accent-strong", "accent-soft", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("surface", "bad", TEXT),
    ("surface", "text", TEXT),
    ("edge", "surface", EDGE),
    ("edge", "sunken", EDGE),
    ("ink", "paper", TEXT),
]


def _tokens(theme: str) -> dict[str, str]:
    day, night = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    found = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
    return dict(found.findall(day)) | (dict(found.findall(night)) if theme == "dark" else {})


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _ratio(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_used_together_have_enough_contrast(front: str, back: str, least: float, theme: str) -> None:
    tokens = _tokens(theme)
    assert _ratio(tokens[front], tokens[back]) >= least


def test_the_contrast_ratio_is_computed_as_in_wcag() -> None:
    assert _ratio("#000000", "#ffffff") == pytest.approx(21)
    assert _ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_only_the_stylesheet_of_tokens_names_colours() -> None:
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    named = {sheet.name for sheet in CSS.glob("*.css") if colour.search(sheet.read_text())}
    assert named == {"tokens.css"}


def test_both_themes_define_the_same_colours() -> None:
    text = (CSS / "tokens.css").read_text()
    day, night = text.split("@media (prefers-color-scheme: dark)")
    names = [set(re.findall(r"--([\w-]+):\s*#", part)) for part in (day, night)]
    assert names[0] - {"paper", "ink"} == names[1]
