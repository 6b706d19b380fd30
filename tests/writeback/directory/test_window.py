"""For how long wrong passwords count: one number for everybody, of the domain and all its PSOs."""

import pytest

from tests.fakes.ldap_server import BIND, DOMAIN_RULES, SEARCH, Answer, Attributes, LdapServer
from writeback.directory import active_directory
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.lockouts import PSO_CONTAINER

MINUTE = 600_000_000  # intervals of 100 ns


def policies(server: LdapServer, domain: tuple[int, int], *psos: tuple[int, int] | None) -> None:
    """Set threshold and minutes of the domain, and of its PSOs; None for one that may not be read."""
    threshold, minutes = domain
    server.rules = DOMAIN_RULES | {
        "lockoutThreshold": [str(threshold).encode()],
        "lockOutObservationWindow": [str(-minutes * MINUTE).encode()],
    }
    read: list[Attributes] = [
        {
            "msDS-LockoutThreshold": [str(one[0]).encode()],
            "msDS-LockoutObservationWindow": [str(-one[1] * MINUTE).encode()],
        }
        if one
        else {}
        for one in psos
    ]
    entries = [(f"CN=P{number},{PSO_CONTAINER}", rules) for number, rules in enumerate(read)]
    server.answers[SEARCH] = lambda body: (
        Answer(entries=entries) if PSO_CONTAINER.encode() in body else server.search(body)
    )


@pytest.mark.parametrize(
    ("domain", "psos", "minutes"),
    [
        ((5, 30), (), 30),
        ((5, 15), (), 15),
        ((5, 30), ((10, 60),), 60),
        ((5, 30), ((10, 5),), 30),
        ((5, 30), (None,), 30),
        ((0, 30), (), 0),
        ((0, 30), ((3, 10),), 10),
        ((5, 10), ((0, 1440),), 10),
    ],
)
def test_the_longest_window_that_locks_somebody_is_reported(
    directory: ActiveDirectory,
    server: LdapServer,
    domain: tuple[int, int],
    psos: tuple[tuple[int, int] | None, ...],
    minutes: int,
) -> None:
    policies(server, domain, *psos)
    assert directory.longest_window() == 60 * minutes


def test_an_unreachable_directory_gives_the_last_known_window_or_none(
    directory: ActiveDirectory, server: LdapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(active_directory, "WINDOW_LIVE", 0)
    policies(server, (5, 20))
    assert directory.longest_window() == 1200
    server.stop()
    assert directory.longest_window() == 1200


def test_a_directory_that_is_away_is_not_asked_for_each_change(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    def busy(body: bytes) -> Answer:
        server.note_bind(body)
        return Answer(code=51)

    server.answers[BIND] = busy
    assert [directory.longest_window() for _ in range(3)] == [0, 0, 0]
    assert len(server.received.binds) == 1


def test_the_window_is_not_read_each_time(directory: ActiveDirectory, server: LdapServer) -> None:
    policies(server, (5, 20))
    directory.longest_window()
    before = len(server.received.searches)
    assert directory.longest_window() == 1200
    assert len(server.received.searches) == before
