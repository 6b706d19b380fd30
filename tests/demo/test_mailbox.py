"""The mailbox keeps what comes in, in memory and as files."""

import smtplib
from email.message import EmailMessage
from pathlib import Path
from threading import Timer

import pytest

from deploy.dev.demo.mailbox import Mail, Mailbox
from deploy.dev.lab import SetupError


def send(mailbox: Mailbox, to: str, subject: str = "Grüße") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "keyback@corp.example", to, subject
    message.set_content("Ihr Code: 123456, nur für Sie\n")
    message.add_alternative("<p>Ihr Code</p>", subtype="html")
    with smtplib.SMTP(mailbox.address, mailbox.port, timeout=5) as client:
        client.send_message(message)


def test_a_mail_is_decoded(mailbox: Mailbox) -> None:
    before = mailbox.count
    send(mailbox, "alice@corp.example")
    mail = mailbox.wait_for(to="alice@corp.example", after=before)
    assert (mail.subject, mail.sender, mail.to) == ("Grüße", "keyback@corp.example", ("alice@corp.example",))
    assert mail.text == "Ihr Code: 123456, nur für Sie\n"
    assert "<p>Ihr Code</p>" in mail.html


def test_wait_for_returns_only_new_mail_to_one_address(mailbox: Mailbox) -> None:
    send(mailbox, "bob@corp.example", "old")
    before = mailbox.count
    Timer(0.2, send, (mailbox, "alice@corp.example", "other")).start()
    Timer(0.4, send, (mailbox, "bob@corp.example", "new")).start()
    assert mailbox.wait_for(to="bob@corp.example", after=before).subject == "new"
    with pytest.raises(TimeoutError, match="no mail to carol"):
        mailbox.wait_for(to="carol@corp.example", seconds=0.1)


def test_the_mailbox_writes_files_refuses_mail_and_starts_again(tmp_path: Path) -> None:
    told: list[Mail] = []
    mailbox = Mailbox(outbox=tmp_path / "outbox", arrived=told.append)
    mailbox.start()
    try:
        send(mailbox, "alice@corp.example")
        mailbox.refusal = "451 Try again later"
        with pytest.raises(smtplib.SMTPDataError):
            send(mailbox, "alice@corp.example")
        assert told == mailbox.messages
        assert [path.name for path in (tmp_path / "outbox").iterdir()] == ["0001-alice@corp.example.eml"]
        with pytest.raises(SetupError, match=f"needs port {mailbox.port} "):
            Mailbox(port=mailbox.port).start()
    finally:
        mailbox.stop()
    with pytest.raises(ConnectionRefusedError):
        send(mailbox, "alice@corp.example")
    mailbox.refusal = None
    mailbox.start()
    send(mailbox, "alice@corp.example")
    assert mailbox.count == 2
    mailbox.stop()
