"""Which networks an address stands in, and which addresses are this machine's own. Pure."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

# One customer's line has a /64 of IPv6 to itself; counted singly, its addresses never end.
_IPV6_PREFIX = 64
# What providers hand a house, and an organisation (RFC 6177): one machine may send from all of it.
# Of a carrier's telephones it is the other way round: each has a /64, thousands of them a /48.
_IPV6_WIDER = (56, 48)


def network_of(address: str) -> str:
    """What an address is counted by: itself, or the customer's network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed), _IPV6_PREFIX), strict=False))
    return str(parsed)


@lru_cache(maxsize=4096)  # asked several times of each request; an IPv6 address takes 40 us
def networks_of(address: str) -> tuple[str, ...]:
    """`network_of`, and the wider networks around it of an IPv6 address, the narrowest first."""
    own = network_of(address)
    if "/" not in own:
        return (own,)
    wider = (str(ip_network(own).supernet(new_prefix=length)) for length in _IPV6_WIDER)
    return (own, *wider)


def within(address: str) -> tuple[str, ...]:
    """`networks_of`, the widest first: a place in lines within lines (confhub.rounds)."""
    return networks_of(address)[::-1]


def is_loopback(host: str) -> bool:
    """Whether a name or an address, in brackets or not, is this machine's own."""
    text = host.strip().lower().strip("[]")
    if text == "localhost" or text.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
