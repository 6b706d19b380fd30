"""docs/reference/writeback-toml.md is what the code makes, and tells the same as the shipped example."""

import tomllib

from tests.architecture.sources import ROOT
from tests.reference.meanings import MEANINGS
from tests.reference.writeback_toml import PAGE, TITLES, page, settings


def test_the_page_is_what_the_code_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.reference.writeback_toml"


def test_each_setting_that_is_read_has_a_meaning_and_a_section() -> None:
    known = [(one.section, one.key) for one in settings()]
    assert len(known) > 60
    assert sorted(known) == sorted(MEANINGS)
    assert {section for section, _ in known} == set(TITLES)


def test_the_shipped_example_names_no_other_setting() -> None:
    example = tomllib.loads((ROOT / "deploy" / "writeback.toml.example").read_text(encoding="utf-8"))
    example["limits.sends"] = example["limits"].pop("sends")
    for operation, gate in example.pop("gates").items():
        example[f"gates.{operation}"] = gate
    (example["directory"],) = example["directory"]
    named = {(name, key) for name, table in example.items() for key in table}
    assert named <= {(one.section.strip("[]"), one.key) for one in settings()}
