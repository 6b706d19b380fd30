"""The styleguide has every template that people see, and every outcome; it asks no database."""

import ast
from html import unescape
from pathlib import Path

import pytest
from django.template import Template
from django.test import Client, override_settings
from django.test.signals import template_rendered

from portal.dispatch.outcomes import SENTENCES
from portal.styleguide.results import ANSWERS, ENDINGS, answer_with
from portal.styleguide.views import NAMES, TROUBLES
from tests.portal.styleguide.words import guide_page
from writeback.envelope.answers import Outcome

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "templates"
NOT_FOR_PEOPLE = {"admin", "styleguide"}
"""Folders of what administrators and developers see."""


def test_every_template_that_people_see_is_in_the_styleguide() -> None:
    seen: set[str] = set()

    def note(template: Template, **_: object) -> None:
        seen.add(str(template.name))

    template_rendered.connect(note)
    for name in NAMES:
        guide_page(name)
    template_rendered.disconnect(note)
    all_of_them = {path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html")}
    theirs = {str(path) for path in all_of_them if path.parts[0] not in NOT_FOR_PEOPLE}
    assert theirs - seen == set()


def test_every_outcome_is_an_ending_in_the_styleguide() -> None:
    assert list(ENDINGS) == [f"ending-{outcome}" for outcome in Outcome]


def test_every_page_of_the_styleguide_is_compared_with_a_real_view() -> None:
    written = {
        node.value
        for path in Path(__file__).parent.glob("test_same_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    by_answer, by_the_view_itself = set(ANSWERS), set(TROUBLES)
    assert set(NAMES) - written - by_answer - by_the_view_itself == set()


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.DONE])
def test_an_ending_says_the_sentence_of_its_outcome(outcome: Outcome) -> None:
    said = " ".join(unescape(guide_page(f"ending-{outcome}")).split())
    facts = answer_with(outcome).facts
    broken = "Use at least 14 characters. This one has 11."
    assert (broken if outcome is Outcome.REFUSED_BY_POLICY else str(SENTENCES[outcome])) in said, facts


def test_the_list_names_every_page_and_ending() -> None:
    with override_settings(ROOT_URLCONF="deploy.dev.urls"):
        page = Client().get("/styleguide/").content.decode()
    assert [name for name in [*NAMES, *ENDINGS] if f'href="/styleguide/{name}/"' not in page] == []


def test_the_product_serves_no_styleguide(db: None) -> None:
    assert Client().get("/styleguide/").status_code == 404
