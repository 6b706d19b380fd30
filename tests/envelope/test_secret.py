"""A secret gets into no text and no file by mistake."""

import copy
import pickle

import pytest

from writeback.envelope.secret import Secret

CANARY = Secret("Canary-password-7")


def test_no_way_to_write_it_shows_it() -> None:
    assert {repr(CANARY), str(CANARY), f"{CANARY}", f"{CANARY:>40}", "%s" % CANARY} == {"Secret(…)"}  # noqa: UP031


def test_it_is_neither_pickled_nor_copied() -> None:
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled or copied"):
            way(CANARY)


def test_it_equals_only_a_secret_with_the_same_text() -> None:
    assert Secret("Canary-password-7") == CANARY
    assert Secret("canary-password-7") != CANARY
    assert CANARY != "Canary-password-7"
    with pytest.raises(TypeError):
        hash(CANARY)
