"""Where load may go: nowhere but to this machine."""

from __future__ import annotations

import pytest

from confhub.errors import BadInput
from rooms.load.links import links_by_sign_in, seat_address
from rooms.load.synthetic.link import NotLocal, read_remote

FINGERPRINT = ":".join(["AA"] * 32)
DESCRIPTION = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-lite
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {fingerprint}
a=setup:passive
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=candidate:1 1 udp 2130706431 {host} 7000 typ host
"""


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_a_link_of_this_machine_leads_to_its_socket(host: str) -> None:
    assert seat_address(f" http://{host}/join/token/ ") == f"http://{host}/join/token/socket"


@pytest.mark.parametrize(
    "link",
    [
        "https://hop.example.gov.vn/join/token",
        "http://203.0.113.7/join/token",
        "http://localhost/meetings/token",
        "file:///join/token",
        "",
    ],
)
def test_what_leads_elsewhere_is_refused(link: str) -> None:
    with pytest.raises(BadInput):
        seat_address(link)


async def test_nobody_signs_in_elsewhere() -> None:
    with pytest.raises(BadInput):
        await links_by_sign_in("https://hop.example.gov.vn", "a", "b", "")


def test_media_goes_to_candidates_of_this_machine_only() -> None:
    remote = read_remote(DESCRIPTION.format(host="127.0.0.1", fingerprint=FINGERPRINT))
    assert (remote.host, remote.port, remote.ufrag) == ("127.0.0.1", 7000, "abcd")
    with pytest.raises(NotLocal):
        read_remote(DESCRIPTION.format(host="203.0.113.7", fingerprint=FINGERPRINT))
