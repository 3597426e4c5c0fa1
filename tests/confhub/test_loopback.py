"""Which names and addresses are this machine's own."""

from __future__ import annotations

import pytest

from confhub.loopback import is_loopback


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
