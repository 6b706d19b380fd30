"""`writeback grant`: what it prints is exact, whatever the names in it hold, and can be taken back."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.writeback.worker_files import WorkerFiles
from writeback.cli.delegation import SINGLE_QUOTES, ps_literal, sh_literal

BASE = "DC=corp,DC=example"
STAFF = f"OU=Staff,{BASE}"
USER, INET_ORG_PERSON = "bf967aba-0de6-11d0-a285-00aa003049e2", "4828cc14-1437-45bc-9b07-ad6f015e5f28"
RESET, UNEXPIRE = "00299570-246d-11d0-a768-00aa006e0529", "ccc2dc7d-a6ad-4a7a-8846-c04e3cc53501"
TOKEN_GROUPS = "b7c69e6d-2cc7-11d2-854e-00a0c983f608"


@pytest.fixture
def files(tmp_path: Path) -> WorkerFiles:
    return WorkerFiles(tmp_path)


@pytest.fixture
def printed(files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> "Printed":
    return Printed(files, capsys)


class Printed:
    """What `writeback grant` prints."""

    def __init__(self, files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> None:
        self.files, self._capsys = files, capsys

    def __call__(self, *arguments: str) -> str:
        self._capsys.readouterr()
        assert self.files.run("grant", *arguments) == 0
        text = self._capsys.readouterr().out
        assert "hush" not in text
        return text


def powershell_value(source: str) -> tuple[str, str]:
    """Read a literal in single quotes as PowerShell's own scanner does, and return it with what follows."""
    assert source[0] in SINGLE_QUOTES
    value, at = "", 1
    while at < len(source):
        if source[at] in SINGLE_QUOTES:
            if source[at + 1 : at + 2] not in tuple(SINGLE_QUOTES):
                return value, source[at + 1 :]
            at += 1
        value += source[at]
        at += 1
    raise AssertionError(f"the literal has no end: {source}")


@given(st.text(st.sampled_from(["a", "$", "`", '"', ";", "\n", " ", *SINGLE_QUOTES]) | st.characters()))
def test_every_text_is_one_powershell_literal(text: str) -> None:
    assert powershell_value(ps_literal(text) + "; next") == (text, "; next")


@pytest.mark.parametrize("quote", SINGLE_QUOTES)
def test_a_typographic_quote_ends_no_literal(printed: Printed, quote: str) -> None:
    name = f"OU=O{quote}Hara; evil,{BASE}"
    printed.files.replace(f'["{STAFF}"]', f'["{name}"]')
    text = printed()
    lines = [line for line in text.splitlines() if "evil" in line and line.startswith(("Add-", "dsacls"))]
    assert lines
    for line in lines:
        value, rest = powershell_value(line[line.index("'") :])
        assert value == name
        assert "evil" not in rest


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40))
def test_every_text_is_one_shell_literal(text: str) -> None:
    command = f"printf %s {sh_literal(text)}"
    said = subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout
    assert said.decode() == text


def test_each_class_of_people_gets_each_right_by_its_guid(printed: Printed) -> None:
    text = printed()
    for heirs, name in ((USER, "user"), (INET_ORG_PERSON, "inetOrgPerson")):
        assert f"Add-KeybackRight '{STAFF}' ExtendedRight '{RESET}' Descendents '{heirs}'" in text
        assert f"Add-KeybackRight '{STAFF}' ReadProperty '{TOKEN_GROUPS}' Descendents '{heirs}'" in text
        assert f"dsacls '{STAFF}' /I:S /G \"${{name}}:CA;Reset Password;{name}\"" in text
        assert f"dsacls '{STAFF}' /I:S /G \"${{name}}:WP;lockoutTime;{name}\"" in text
        assert f"dsacls '{STAFF}' /I:S /G \"${{name}}:RC;;{name}\"" in text
        assert f"(OA;CIIO;CR;{RESET};{heirs};$SID)" in text
        assert f"(OA;CIIO;RC;;{heirs};$SID)" in text
    assert f"Add-KeybackRight '{BASE}' ExtendedRight '{UNEXPIRE}' None" in text
    assert f"dsacls '{BASE}' /G \"${{name}}:CA;Unexpire Password\"" in text
    assert f"--objectdn='{BASE}' --sddl=\"(OA;;CR;{UNEXPIRE};;$SID)\"" in text


@pytest.mark.parametrize(
    ("account", "windows", "samba"),
    [
        (
            r"CORP\svc-keyback",
            r"NTAccount ('CORP\svc-keyback')",
            f"--basedn='{BASE}' '(sAMAccountName=svc-keyback)'",
        ),
        (
            "svc@corp.example",
            "NTAccount ('svc@corp.example')",
            "'(|(userPrincipalName=svc@corp.example)(sAMAccountName=svc))'",
        ),
        ("svc@other.example", "NTAccount ('svc@other.example')", "'(userPrincipalName=svc@other.example)'"),
        (
            "CN=Svc,OU=A/B,DC=corp,DC=example",
            "'LDAP://' + $domain + '/' + 'CN=Svc,OU=A/B,DC=corp,DC=example'.Replace('/', '\\/')",
            "--scope=base --basedn='CN=Svc,OU=A/B,DC=corp,DC=example'",
        ),
    ],
)
def test_the_service_account_is_taken_by_its_sid_however_it_is_given(
    printed: Printed, account: str, windows: str, samba: str
) -> None:
    text = printed("--account", account)
    assert windows in text
    assert samba in text
    assert "user show" not in text


def test_the_undo_text_names_every_place(printed: Printed) -> None:
    text = printed("--revoke")
    for place in (STAFF, BASE, f"CN=Password Settings Container,CN=System,{BASE}"):
        assert f"Remove-KeybackRights '{place}'" in text
        assert f"dsacls '{place}' /R \"$name\"" in text
        assert f"samba-tool dsacl delete --URL=\"$SAM\" --objectdn='{place}'" in text
    assert "Add-" not in text
    assert "Redis" not in text


def test_one_place_can_be_granted_alone(printed: Printed) -> None:
    place = f"OU=Closed,{STAFF}"
    text = printed("--on", place)
    assert f"Add-KeybackRight '{place}' ExtendedRight" in text
    assert f"'{STAFF}'" not in text
    assert "Unexpire" not in text


def test_a_place_that_lies_in_no_directory_is_refused(
    files: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert files.run("grant", "--on", "OU=Staff,DC=other,DC=example") == 2
    assert "lies in no [[directory]]" in capsys.readouterr().err
