"""ICE fragments over HTTP (RFC 8840, RFC 9725)."""

from __future__ import annotations

import pytest

from rooms.media.errors import BadDescription
from rooms.media.sdp.description import parse_description
from rooms.media.sdp.fragment import MAX_BYTES, IceFragment, build_fragment, parse_fragment
from tests.rooms.media.samples import LOCAL

PASSWORD = "vw5LmwG4y/e6dPP/zAP9Gp5k"
CANDIDATES = (
    "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n"
    "a=end-of-candidates\r\n"
)


def test_credentials_are_read_wherever_they_stand() -> None:
    credentials = f"a=ice-ufrag:ysXw\r\na=ice-pwd:{PASSWORD}\r\n"
    for text in (
        credentials,
        credentials + CANDIDATES,
        "a=group:BUNDLE 0\n" + CANDIDATES + credentials,
    ):
        fragment = parse_fragment(text)
        assert (fragment.ufrag, fragment.password) == ("ysXw", PASSWORD)


def test_candidates_alone_name_no_credentials() -> None:
    assert parse_fragment(CANDIDATES) == IceFragment("", "", 2)
    assert parse_fragment("m=audio 9 RTP/AVP 0\r\n") == IceFragment("", "", 0)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "a=ice-ufrag:ysXw\r\n",
        f"a=ice-pwd:{PASSWORD}\r\n",
        f"a=ice-ufrag:x\r\na=ice-pwd:{PASSWORD}\r\n",
        "a=ice-ufrag:ysXw\r\na=ice-pwd:short\r\n",
        "a=" + "x" * MAX_BYTES,
    ],
)
def test_what_is_no_fragment_is_refused(text: str) -> None:
    with pytest.raises(BadDescription):
        parse_fragment(text)


def test_the_hub_s_fragment_has_what_a_device_needs() -> None:
    text = build_fragment(LOCAL, "video0")
    credentials = LOCAL.credentials
    assert parse_fragment(text) == IceFragment(credentials.ufrag, credentials.password, 3)
    assert "a=candidate:1 1 udp" in text
    assert "192.0.2.1 7000 typ host" in text
    assert "a=mid:video0" in text
    # A whole description is a fragment as well, as far as ICE goes.
    with pytest.raises(BadDescription):
        parse_description(text)
