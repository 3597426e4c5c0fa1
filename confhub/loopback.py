"""Which names and addresses are this machine's own. Pure."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a name or an address, in brackets or not, is this machine's own."""
    text = host.strip().lower().strip("[]")
    if text == "localhost" or text.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
