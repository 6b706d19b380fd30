"""Every text in every language is whole and in plain words; from outside come only its values."""

import re

import pytest

from writeback.couriers.texts import UnknownKind, group_digits, kinds, languages, render
from writeback.envelope.secret import Secret
from writeback.ports import Channel, Message, Note

PARAMETERS = {
    "code": "12345678",
    "minutes": "5",
    "at": "1790000000",
    "account": "alice",
    "method": "email",
    "hint": "j•••@example.com",
    "reference": "ABCD-EFGH",
    "done": "reset",
    "ended": "2",
    "usable": "1790086400",
    "until": "1790000900",
}
CONTACT = "helpdesk@corp.example"
ALARMS = ("alarm-mails", "alarm-portal-audit", "alarm-resets", "alarm-signins")
INSTEAD = ("notice-unreachable",)
FAULTS = ("alarm-closed", "alarm-unreadable")
KINDS = (
    "code-confirm",
    "code-register",
    "code-reset",
    "code-unlock",
    "notice-change",
    "notice-factor-added",
    "notice-factor-removed",
    "notice-factor-rests",
    "notice-reset",
    "notice-unlock",
)
NOBODY_ASKS = {
    "en": r"Nobody .* will ask you for this code",
    "de": r"Niemand .* fragt Sie nach diesem Code",
}


def text(kind: str, locale: str = "en", **parameters: str) -> Message:
    note = Note(
        kind=kind,
        channel=Channel.MAIL,
        to=Secret("j@example.com"),
        locale=locale,
        parameters=parameters or PARAMETERS,
        life=300,
    )
    return render(note, contact=CONTACT)


def test_the_kinds_of_mail_are_complete() -> None:
    assert kinds() == tuple(sorted((*ALARMS, *FAULTS, *INSTEAD, *KINDS)))


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("kind", ALARMS)
def test_each_alarm_says_when_and_how_to_shut_the_portal_out(kind: str, locale: str) -> None:
    message = text(kind, locale, at="1790000000")

    assert "14:13" in message.body
    assert "    writeback disable\n" in message.body
    assert "$" not in message.subject + message.body
    assert "—" not in message.body
    assert max(map(len, message.body.splitlines())) <= 78


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_says_when_and_which_command_tells_more(kind: str, locale: str) -> None:
    message = text(kind, locale, at="1790000000")

    assert "14:13" in message.body
    assert "    writeback doctor\n" in message.body
    assert "$" not in message.subject + message.body
    assert max(map(len, message.body.splitlines())) <= 78


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize(
    "done", ["reset", "change", "unlock", "factor-added", "factor-removed", "factor-rests"]
)
def test_administrators_read_what_was_done_to_whom_and_how_to_find_out_more(done: str, locale: str) -> None:
    message = text(INSTEAD[0], locale, **{**PARAMETERS, "done": done})

    assert "alice" in message.body
    assert "    writeback audit show --reference ABCD-EFGH\n" in message.body
    assert "14:13" in message.body
    assert "$" not in message.subject + message.body
    assert "—" not in message.body
    assert len(message.subject) < 60
    assert max(map(len, message.body.splitlines())) <= 80


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("kind", KINDS)
def test_each_text_is_whole_in_each_language(kind: str, locale: str) -> None:
    message = text(kind, locale)

    assert "$" not in message.subject + message.body
    assert "—" not in message.body
    assert 10 < len(message.subject) < 60
    assert not message.body.startswith("\n")
    assert CONTACT in message.body
    assert "ABCD-EFGH" in message.body
    assert max(map(len, message.body.splitlines())) <= 78
    assert message.kind == kind
    assert message.to == "j@example.com"


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("kind", KINDS)
def test_no_line_begins_with_the_word_that_mail_programs_quote(kind: str, locale: str) -> None:
    assert not re.search(r"^From ", text(kind, locale).body, re.MULTILINE)


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("code")])
def test_a_code_stands_in_a_line_of_its_own_and_nobody_will_ask_for_it(kind: str, locale: str) -> None:
    message = text(kind, locale)

    assert "1234 5678" in [line.strip() for line in message.body.splitlines()]
    assert re.search(NOBODY_ASKS[locale], message.body)
    assert "1234" not in message.subject


@pytest.mark.parametrize("locale", languages())
def test_each_code_names_the_operation_that_it_is_for(locale: str) -> None:
    firsts = {text(kind, locale).body.splitlines()[0] for kind in KINDS if kind.startswith("code")}

    assert len(firsts) == 4


@pytest.mark.parametrize(
    ("locale", "time"),
    [("en", "21 September 2026 at 14:13 UTC"), ("de", "21. September 2026 um 14:13 Uhr UTC")],
)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("notice")])
def test_a_notice_says_when_and_for_whom(kind: str, locale: str, time: str) -> None:
    body = text(kind, locale).body

    assert time in body
    assert "alice" in body


@pytest.mark.parametrize("kind", ["notice-factor-added", "notice-factor-removed"])
@pytest.mark.parametrize(
    ("method", "hint", "words"),
    [
        ("email", "j•••@example.com", "a mail address (j•••@example.com)"),
        ("totp", "", "an authenticator app."),
        ("backup_codes", "", "backup codes."),
        ("pigeon", "", "pigeon."),
    ],
)
def test_a_notice_about_a_factor_names_it(kind: str, method: str, hint: str, words: str) -> None:
    assert words in text(kind, "en", **{**PARAMETERS, "method": method, "hint": hint}).body


WRITES = ("notice-change", "notice-reset", "notice-unlock")


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize(
    ("locale", "ended", "words"),
    [
        ("en", "1", "also ended 1 other sign-in or attempt of yours"),
        ("en", "3", "also ended 3 other sign-ins or attempts of yours"),
        ("de", "1", "Eine andere Anmeldung oder ein anderer Versuch wurde damit beendet"),
        ("de", "3", "3 andere Anmeldungen oder Versuche wurden damit beendet"),
    ],
)
def test_a_notice_says_how_many_others_were_ended(kind: str, locale: str, ended: str, words: str) -> None:
    assert words in text(kind, locale, **{**PARAMETERS, "ended": ended}).body


@pytest.mark.parametrize("locale", languages())
@pytest.mark.parametrize("kind", WRITES)
def test_a_notice_without_ended_sessions_leaves_no_gap(kind: str, locale: str) -> None:
    body = text(kind, locale, **{name: value for name, value in PARAMETERS.items() if name != "ended"}).body

    assert "ended" not in body
    assert "beendet" not in body
    assert "\n\n\n" not in body


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "doesn't count for a password reset before\n22 September 2026 at 14:13 UTC."),
        ("de", "zählt er erst ab\n22. September 2026 um 14:13 Uhr UTC."),
    ],
)
def test_a_notice_of_a_new_way_says_from_when_it_counts(locale: str, words: str) -> None:
    assert words in text("notice-factor-added", locale).body


@pytest.mark.parametrize(("locale", "words"), [("en", "from now on"), ("de", "ab jetzt")])
def test_a_new_way_that_need_not_wait_counts_at_once(locale: str, words: str) -> None:
    told = {**PARAMETERS, "usable": PARAMETERS["at"]}

    assert words in text("notice-factor-added", locale, **told).body


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "Ihr"),
        ("de-AT", "Ihr"),
        ("DE_ch", "Ihr"),
        ("en-GB", "Your"),
        ("fr", "Your"),
        ("", "Your"),
        ("../de", "Your"),
        ("de/../en", "Your"),
        ("d", "Your"),
        ("\x00", "Your"),
    ],
)
def test_a_language_that_is_not_there_becomes_english(locale: str, language: str) -> None:
    assert text("code-reset", locale).subject.startswith(language)


def test_one_minute_is_no_plural() -> None:
    assert "within 1 minute." in text("code-reset", "en", **{**PARAMETERS, "minutes": "1"}).body
    assert "1 Minute lang" in text("code-reset", "de", **{**PARAMETERS, "minutes": "1"}).body


@pytest.mark.parametrize(
    ("code", "shown"), [("12345678", "1234 5678"), ("123456", "123 456"), ("1234567", "1234 567")]
)
def test_a_code_is_grouped_as_it_is_read_out(code: str, shown: str) -> None:
    assert group_digits(code) == shown


def test_a_value_is_printed_as_it_is_and_never_read_as_a_template() -> None:
    body = text("notice-reset", "en", **{**PARAMETERS, "account": "$code {0} {{x}} %s"}).body

    assert "$code {0} {{x}} %s" in body


def test_a_value_can_not_add_a_line() -> None:
    body = text(
        "notice-reset", "en", **{**PARAMETERS, "account": "alice\r\nReference: FAKE\u2028x\ud800"}
    ).body

    assert "alice  Reference: FAKE x " in body


@pytest.mark.parametrize("at", ["", "soon", "1e400", "-1e300", "nan"])
def test_a_notice_whose_time_makes_no_sense_is_still_a_notice(at: str) -> None:
    assert "on —" in text("notice-reset", "en", **{**PARAMETERS, "at": at}).body


def test_a_notice_without_any_value_is_still_a_notice() -> None:
    assert "Reference: —" in text("notice-reset", "en", other="x").body


@pytest.mark.parametrize("kind", ["", "code", "../en/code-reset", "words", "notice-x"])
def test_a_kind_that_is_not_there_is_refused(kind: str) -> None:
    with pytest.raises(UnknownKind):
        text(kind)
