"""Which requests a browser sends for a web page; they are refused. Pure: reads headers, knows no AWS.

Everybody on this machine may use local AWS, and a browser on this machine runs everybody's pages. A page
cannot choose the headers that are read here: the browser sets them.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection
    from email.message import Message

_OWN_SITES: Final = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site (W3C Fetch Metadata) of our own page, and of an address that was typed in."""

SANDBOX: Final = (("Content-Security-Policy", "sandbox"), ("X-Content-Type-Options", "nosniff"))
"""Headers of every answer: a stored object that is HTML runs no script, and has no origin of its own."""


def refusal(headers: Message, *, own_addresses: Collection[str]) -> str | None:
    """Return why a request is refused, in one sentence; None if no page of another origin can have sent it.

    A page may send some requests without asking (GET, and POST of forms and text), and may let a name of its
    own become a loopback address (DNS rebinding). Host, origin and site tell them apart.

    Args:
        headers: The request's.
        own_addresses: IP addresses that the caller may name beside loopback's: those that are listened on.
    """
    hosts = headers.get_all("Host", [])
    if len(hosts) != 1 or not _is_this_machine(str(hosts[0]), own_addresses):
        return "Host: expected localhost, a name below it (bucket.localhost), or a loopback address"
    origins = headers.get_all("Origin", [])
    if any(str(origin).lower() != f"http://{hosts[0]}".lower() for origin in origins):
        return "the request comes from a web page (Origin), and web pages are not served"
    if any(str(site) not in _OWN_SITES for site in headers.get_all("Sec-Fetch-Site", [])):
        return "the request comes from a web page (Sec-Fetch-Site), and web pages are not served"
    return None


def _is_this_machine(host: str, own_addresses: Collection[str]) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.netloc != host or parts.username is not None:
        return False
    # No resolver but the machine's own answers for localhost and the names below it (RFC 6761, section 6.3).
    if f".{name.removesuffix('.')}".endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback or name in own_addresses
    except ValueError:
        return False
