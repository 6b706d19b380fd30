"""People of a directory, who never have a password here."""

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError

from portal.people.flows import remember
from portal.people.models import Account

pytestmark = pytest.mark.django_db
PASSWORD = "A-long-pass-phrase-77"


def test_a_directory_person_never_signs_in_with_a_local_password() -> None:
    account = remember(directory="corp", guid=bytes(16), name="alice", display_name="Alice")
    assert not account.has_usable_password()
    account.set_password(PASSWORD)
    account.is_staff = account.is_superuser = True
    account.save()
    assert authenticate(username=account.username, password=PASSWORD) is None


def test_a_person_is_known_by_directory_and_guid_not_by_name() -> None:
    first = remember(directory="corp", guid=b"\x01" * 16, name="alice", display_name="Alice")
    renamed = remember(directory="corp", guid=b"\x01" * 16, name="alice.smith", display_name="Alice Smith")
    other = remember(directory="corp", guid=b"\x02" * 16, name="alice", display_name="Another Alice")
    assert (first.pk, renamed.name) == (renamed.pk, "alice.smith")
    assert other.pk != first.pk
    with pytest.raises(IntegrityError):
        Account.objects.create(username="half", directory="corp", guid="")
