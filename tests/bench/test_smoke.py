"""What the smoke test says if no demo runs, and how it reads alice's mail."""

import fcntl
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.dev.lab import SetupError
from deploy.dev.smoke import code_in, need_demo


def test_without_a_demo_the_smoke_test_says_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="run `make demo` in another terminal first"):
        need_demo(tmp_path)


def test_leftovers_of_a_demo_are_not_taken_for_a_running_one(tmp_path: Path) -> None:
    (tmp_path / "demo.lock").touch()
    (tmp_path / "alice.seed").write_text("AAAA")
    with pytest.raises(SetupError, match="No demo is ready"):
        need_demo(tmp_path)


def test_a_demo_counts_as_ready_once_alice_is_registered(tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SetupError):
            need_demo(tmp_path)
        seed = tmp_path / "alice.seed"
        seed.write_text("AAAA")
        assert need_demo(tmp_path) == seed


@pytest.mark.parametrize(
    ("text", "code"), [("Your code is 1234 5678.", "12345678"), ("Your password was changed.", "")]
)
def test_a_code_is_found_in_a_mail_that_has_one(tmp_path: Path, text: str, code: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Keyback"
    mail.set_content(text)
    path = tmp_path / "0001-alice@corp.example.eml"
    path.write_bytes(mail.as_bytes())
    assert code_in(path) == code
