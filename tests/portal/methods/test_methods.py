"""The methods: same files in each folder, one line in the registry."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.methods import registry
from portal.methods.page import BadCodeError
from portal.methods.registry import METHODS
from writeback.envelope.methods import MethodKind
from writeback.envelope.typed_codes import read_code

HOME = Path(registry.__file__).parent


def test_every_kind_has_a_folder_with_the_same_files_and_one_line() -> None:
    assert set(METHODS) == set(MethodKind)
    for kind in MethodKind:
        assert {"page.py", "forms.py", "views.py", "urls.py"} <= {
            path.name for path in (HOME / kind).iterdir()
        }
        lines = Path(registry.__file__).read_text(encoding="utf-8").splitlines()
        assert len([line for line in lines if f"portal.methods.{kind.value}.page" in line]) == 1


def test_methods_know_nothing_of_each_other() -> None:
    for kind in MethodKind:
        for path in (HOME / kind).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not [other for other in MethodKind if other != kind and f"methods.{other.value}" in text]


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (MethodKind.TOTP, " 123 456 ", "123456"),
        (MethodKind.TOTP, "123-456", "123456"),
        (MethodKind.EMAIL, "1234\N{NO-BREAK SPACE}5678", "12345678"),
        (MethodKind.EMAIL, "1234\N{EN DASH}5678", "12345678"),
        (MethodKind.BACKUP_CODES, "abcd-efgh ijklm", "ABCDEFGHIJKLM"),
        (MethodKind.BACKUP_CODES, "0BCD1FGH8JKLM", "OBCDIFGHBJKLM"),
    ],
)
def test_blanks_and_lower_case_are_accepted_in_codes(kind: MethodKind, typed: str, code: str) -> None:
    assert METHODS[kind].read(typed).reveal() == code


TYPED = st.text(max_size=20) | st.lists(
    st.sampled_from("AZabz018234567")
    | st.sampled_from(" -\t\u00a0\u2003\u2010\u2014\u2028\u0131\u00df\u0663"),
    min_size=5,
    max_size=24,
).map("".join)


@settings(deadline=None)
@given(TYPED)
@pytest.mark.parametrize("kind", MethodKind)
def test_the_worker_reads_the_same_code_as_the_portal(kind: MethodKind, typed: str) -> None:
    try:
        code = METHODS[kind].read(typed).reveal()
    except BadCodeError:
        code = ""
    assert code == read_code(kind, typed)
    assert code == read_code(kind, code)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (MethodKind.TOTP, "-1"),
        (MethodKind.TOTP, "٣٣٣٣٣٣"),
        (MethodKind.BACKUP_CODES, "ABC"),
        (MethodKind.BACKUP_CODES, "ABCD!EFGHIJKL"),
    ],
)
def test_a_text_that_cannot_be_a_code_gets_a_sentence(kind: MethodKind, typed: str) -> None:
    with pytest.raises(BadCodeError, match=r"\.$"):
        METHODS[kind].read(typed)
