"""How controllers are named, and what the settings refuse."""

import pytest

from tests.writeback.directory.conftest import settings
from writeback.directory.settings import Host
from writeback.envelope.secret import Secret

GOOD: dict[str, object] = {
    "id": "corp",
    "hosts": ("dc1.corp.example",),
    "base": "DC=corp,DC=example",
    "bind_dn": "svc@corp.example",
    "bind_password": Secret("s"),
}


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("DC1.corp.example", Host(name="dc1.corp.example")),
        ("dc1.corp.example:3269", Host(name="dc1.corp.example", port=3269)),
        ("dc1.corp.example@127.0.20.10", Host(name="dc1.corp.example", address="127.0.20.10")),
        ("dc1.corp.example@[::1]:6360", Host(name="dc1.corp.example", address="::1", port=6360)),
    ],
)
def test_a_host_is_a_name_with_perhaps_an_address_and_a_port(text: str, host: Host) -> None:
    assert Host.parse(text, 636) == host


@pytest.mark.parametrize(
    "text", ["", "dc1 dc2", "ldaps://dc1", "dc1:0", "dc1:65536", "dc1@", "dc1@::1", "dc1:x", "dc1\n"]
)
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        Host.parse(text, 636)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"hosts": ()}, "hosts"),
        ({"hosts": ("ldap://dc1",)}, "ldap://dc1"),
        ({"base": "OU=Staff,DC=corp,DC=example"}, "base"),
        ({"base": ""}, "base"),
        ({"bind_dn": ""}, "bind_dn"),
        ({"bind_password": Secret("")}, "bind_password"),
    ],
)
def test_wrong_settings_are_refused_by_name(changed: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        settings(GOOD | changed)


def test_the_dns_name_follows_from_the_base() -> None:
    assert settings(GOOD | {"base": "DC=Corp, DC=example"}).dns_domain == "corp.example"


def test_the_settings_do_not_show_the_password() -> None:
    assert "hunter2" not in repr(settings(GOOD | {"bind_password": Secret("hunter2")}))
