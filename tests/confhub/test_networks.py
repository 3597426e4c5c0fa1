"""Which names and addresses are this machine's own."""

from __future__ import annotations

import pytest

from confhub.networks import is_loopback, networks_of


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("", False),
        ("localhost.evil", False),
        ("10.0.0.8", False),
        ("0.0.0.0", False),
        ("::", False),
        ("\udcff", False),
    ],
)
def test_loopback_is_this_machine(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("10.0.0.1", ("10.0.0.1",)),
        ("::ffff:10.0.0.1", ("10.0.0.1",)),
        (
            "2001:db8:1:2345::6",
            ("2001:db8:1:2345::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"),
        ),
        ("unknown", ("unknown",)),
    ],
)
def test_an_ipv6_address_is_counted_by_the_networks_around_it_too(
    address: str, networks: tuple[str, ...]
) -> None:
    assert networks_of(address) == networks
