"""Where a request comes from."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address in canonical form, or "" when nobody knows it.

    Behind settings.TRUSTED_PROXIES proxies it is what the outermost of them has seen; whatever stands to the left of
    that in X-Forwarded-For is the visitor's own invention.
    """
    text, proxies = request.META.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXIES
    if proxies:
        passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        text = passed[-proxies] if len(passed) >= proxies else ""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def network_of(address: str) -> str:
    """The network that one visitor can be expected to have for themselves: /24, or /56 of IPv6; "" of no address."""
    if not address:
        return ""
    return str(ip_network(f"{address.partition('%')[0]}/{56 if ':' in address else 24}", strict=False))
