"""The shares that a request needs a part of, from the settings."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from portal.env import NamedNetwork
from portal.throttle.browser import browser_of
from portal.throttle.rates import Rate
from portal.throttle.rules import Level, Scope
from portal.web import client

WINDOW = 600  # seconds
START, PASSWORD, ADMIN = "start", "password", "admin"
_FIRST = {START: 10, PASSWORD: 20, ADMIN: 30}
# Limits on wrong passwords at a site, for one browser, address and network, and for this whole portal.
BROWSER_PART, ADDRESS_PART, NETWORK_PART, PORTAL_PART = 1 / 12, 1 / 4, 4 / 5, 9 / 10
ADMIN_SIGN_INS = {Scope.ADDRESS: 12, Scope.NETWORK: 40, Scope.ALL: 200}


def start_levels(request: HttpRequest) -> list[Level]:
    """Return the shares for beginning something: the browser's first, then wider and wider ones."""
    limits = {
        Scope.ADDRESS: settings.KEYBACK_STARTS,
        Scope.NETWORK: settings.KEYBACK_STARTS_PER_NETWORK,
        Scope.ALL: settings.KEYBACK_STARTS_IN_ALL,
    }
    return [
        _make_own(request, START, settings.KEYBACK_STARTS_PER_BROWSER),
        *_make_wide(request, START, limits),
    ]


def password_levels(request: HttpRequest) -> list[Level]:
    """Return the shares for one wrong work password; a site accepts only so many."""
    taken: int = settings.KEYBACK_FAILED_SIGN_INS
    limits = {
        Scope.ADDRESS: max(1, int(taken * ADDRESS_PART)),
        Scope.NETWORK: max(1, int(taken * NETWORK_PART)),
        Scope.ALL: max(1, int(taken * PORTAL_PART)),
    }
    own = max(1, int(taken * BROWSER_PART))
    return [_make_own(request, PASSWORD, own), *_make_wide(request, PASSWORD, limits)]


def admin_levels(request: HttpRequest) -> list[Level]:
    """Return the shares for signing in to the admin."""
    return _make_wide(request, ADMIN, ADMIN_SIGN_INS)


def _make_own(request: HttpRequest, kind: str, limit: int) -> Level:
    # A form can't be sent without cookies: only programs lack an id, and those of one network share one.
    browser = browser_of(request) or f"none at {client.network(request)}"
    rate = Rate(limit, WINDOW)
    return Level(order=_FIRST[kind], kind=kind, scope=Scope.BROWSER, key=browser, rate=rate)


def _make_wide(request: HttpRequest, kind: str, limits: dict[Scope, int]) -> list[Level]:
    first, everybody = _FIRST[kind], Rate(limits[Scope.ALL], WINDOW)
    named = find_named_network(client.address(request))
    if named:
        network = Rate(limits[Scope.NETWORK], WINDOW)
        places = [(Scope.NETWORK, f"named {named.name}", _rate_of(named, kind, most=network))]
    else:
        places = [
            (Scope.ADDRESS, client.network(request), Rate(limits[Scope.ADDRESS], WINDOW)),
            (Scope.NETWORK, client.wide_network(request), Rate(limits[Scope.NETWORK], WINDOW)),
        ]
    places.append((Scope.ALL, "", everybody))
    return [
        Level(order=first + number, kind=kind, scope=scope, key=key, rate=rate)
        for number, (scope, key, rate) in enumerate(places, 1)
    ]


def _rate_of(named: NamedNetwork, kind: str, *, most: Rate) -> Rate:
    """Return the share of a named network.

    Of wrong passwords it has never more than any network, not even in one moment: with more it could use up
    what strangers elsewhere have, too.
    """
    own = Rate(named.limit, named.seconds)
    if kind == START:
        return own
    if kind == ADMIN or own.limit * most.seconds >= most.limit * own.seconds:
        return most
    return Rate(min(own.limit, most.limit), own.seconds)


def find_named_network(address: str) -> NamedNetwork | None:
    """Return the narrowest network of KEYBACK_NETWORKS that contains an address."""
    if address == client.UNKNOWN:
        return None
    found = [each for each in settings.KEYBACK_NETWORKS if ip_address(address) in each.network]
    return max(found, key=lambda each: each.network.prefixlen, default=None)
