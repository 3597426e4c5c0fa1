from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from rooms.protocol import messages as p
from rooms.sockets.relays import LIFE_S, RENEW_S, RelayAccess

URLS = ("turn:turn.example.gov.vn:3478?transport=udp", "turns:turn.example.gov.vn:443")


def test_credentials_end_name_the_seat_and_are_what_coturn_computes() -> None:
    (relay,) = RelayAccess(URLS, "north").message("s-xa", 1_763_942_400.9).relays
    assert relay.urls == list(URLS)
    assert relay.username == f"{1_763_942_400 + int(LIFE_S)}:s-xa"
    mac = hmac.new(b"north", relay.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(relay.credential) == mac


def test_they_are_renewed_long_before_they_end() -> None:
    assert 2 * RENEW_S < LIFE_S


def test_the_message_is_one_of_the_protocol() -> None:
    message = RelayAccess(URLS, "x").message("a-1", 0.0)
    assert msgspec.json.decode(msgspec.json.encode(message), type=p.Relays) == message
