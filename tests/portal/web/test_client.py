"""The client's address, whatever the headers claim."""

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from portal.web.client import address, network

CLAIMS = [
    "",
    "a",
    "x" * 10_000,
    ",,,",
    "fe80::1%eth0",
    "1.2.3.4, evil",
    "999.1.1.1",
    "1.2.3.4:80",
    "[::1]",
    "'; drop table",
    "127.0.0.1\n",
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_without_a_proxy_only_the_peer_counts(claim: str) -> None:
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=claim, REMOTE_ADDR="192.0.2.7")
    assert address(request) == "192.0.2.7"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("198.51.100.9", "198.51.100.9"),
        ("1.1.1.1, 198.51.100.9", "198.51.100.9"),
        ("198.51.100.9, nonsense", "192.0.2.7"),
        ("::ffff:198.51.100.9", "198.51.100.9"),
        ("", "192.0.2.7"),
    ],
)
def test_behind_one_proxy_the_last_entry_counts(settings: Settings, claim: str, expected: str) -> None:
    settings.KEYBACK_PROXIES = 1
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=claim, REMOTE_ADDR="192.0.2.7")
    assert address(request) == expected


def test_one_ipv6_network_is_one_client() -> None:
    one, other = (RequestFactory().get("/", REMOTE_ADDR=each) for each in ("2001:db8::1", "2001:db8::ffff"))
    assert network(one) == network(other) == "2001:db8::/64"
    assert network(RequestFactory().get("/", REMOTE_ADDR="nowhere")) == "unknown"
