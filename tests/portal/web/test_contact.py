"""Where people are sent for help."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.web.context import make_links
from tests.fakes.worker import FakeWorker

MAIL = '<a class="link link--text" href="mailto:helpdesk@corp.example">helpdesk@corp.example</a>'


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("", ""),
        ("the helpdesk, room 12", "the helpdesk, room 12"),
        ("helpdesk@corp.example", MAIL),
        (
            "helpdesk@corp.example, 030 1234-0",
            f'{MAIL}, <a class="link link--text" href="tel:03012340">030 1234-0</a>',
        ),
        ("+49 (30) 1234-567", '<a class="link link--text" href="tel:+49301234567">+49 (30) 1234-567</a>'),
        ("call 030/1234567.", 'call <a class="link link--text" href="tel:0301234567">030/1234567</a>.'),
        ("<b>Ann</b> & Co", "&lt;b&gt;Ann&lt;/b&gt; &amp; Co"),
    ],
)
def test_mail_addresses_and_phone_numbers_are_links_and_the_rest_is_text(contact: str, shown: str) -> None:
    assert make_links(contact) == shown


def test_the_contact_can_be_clicked_on_in_a_page(worker: FakeWorker, settings: Settings) -> None:
    settings.KEYBACK_CONTACT = "helpdesk@corp.example"
    assert f"Stuck? Ask {MAIL}." in Client().get("/").content.decode()
