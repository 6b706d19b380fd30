"""The client's network address, as far as it can be trusted."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def address(request: HttpRequest) -> str:
    """Return the client's address in canonical form, or "unknown"; no header makes this raise an error.

    The last entries of X-Forwarded-For are trusted, one for each of our proxies (KEYBACK_PROXIES). Everything
    before them is the client's own claim.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), peer]
    proxies: int = settings.KEYBACK_PROXIES
    claimed = hops[-1 - proxies] if proxies < len(hops) else peer
    found = _parse(claimed) or _parse(peer)
    return str(found) if found else UNKNOWN


def network(request: HttpRequest) -> str:
    """Return what throttles count as one client: an IPv4 address, or the /64 network of an IPv6 address."""
    found = _parse(address(request))
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found) if found else UNKNOWN


def wide_network(request: HttpRequest) -> str:
    """Return the wider network of a client: the /24 of an IPv4 address, or the /48 of an IPv6 address."""
    found = _parse(address(request))
    if found is None:
        return UNKNOWN
    return str(ip_network((found, 48 if isinstance(found, IPv6Address) else 24), strict=False))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
