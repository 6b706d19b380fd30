"""The methods: same files in each folder, one line in the registry."""

from pathlib import Path

import pytest

from portal.methods import registry
from portal.methods.method import BadCodeError
from portal.methods.registry import METHODS
from writeback.ceiling.verdict import GROUP_OF
from writeback.envelope.jobs import Method as Kind

HOME = Path(registry.__file__).parent


def test_every_kind_has_a_folder_with_the_same_files_and_one_line() -> None:
    assert set(METHODS) == set(Kind)
    for kind in Kind:
        assert {"method.py", "forms.py", "views.py", "urls.py"} <= {
            path.name for path in (HOME / kind).iterdir()
        }
        lines = Path(registry.__file__).read_text(encoding="utf-8").splitlines()
        assert len([line for line in lines if f"portal.methods.{kind.value}.method" in line]) == 1


def test_methods_know_nothing_of_each_other() -> None:
    for kind in Kind:
        for path in (HOME / kind).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not [other for other in Kind if other != kind and f"methods.{other.value}" in text]


def test_groups_are_those_of_the_worker() -> None:
    assert {kind: method.group for kind, method in METHODS.items()} == GROUP_OF


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (Kind.TOTP, " 123 456 ", "123456"),
        (Kind.TOTP, "123-456", "123456"),
        (Kind.EMAIL, "1234\N{NO-BREAK SPACE}5678", "12345678"),
        (Kind.EMAIL, "1234\N{EN DASH}5678", "12345678"),
        (Kind.BACKUP_CODES, "abcd-efgh ijklm", "ABCDEFGHIJKLM"),
        (Kind.BACKUP_CODES, "0BCD1FGH8JKLM", "OBCDIFGHBJKLM"),
    ],
)
def test_gaps_and_small_letters_are_forgiven(kind: Kind, typed: str, code: str) -> None:
    assert METHODS[kind].read(typed).reveal() == code


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.TOTP, "-1"),
        (Kind.TOTP, "٣٣٣٣٣٣"),
        (Kind.BACKUP_CODES, "ABC"),
        (Kind.BACKUP_CODES, "ABCD!EFGHIJKL"),
    ],
)
def test_what_can_be_no_code_gets_a_sentence(kind: Kind, typed: str) -> None:
    with pytest.raises(BadCodeError, match=r"\.$"):
        METHODS[kind].read(typed)
