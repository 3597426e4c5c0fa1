"""Relays for sites whose networks let no media through: TURN (RFC 8656) with credentials that end.

The hub and the relay share a secret; what a page is given holds for a while and names its seat, so
that the relay's log tells who used it (draft-uberti-behave-turn-rest, coturn's `use-auth-secret`).
Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence

from rooms.protocol import messages as p

# A relay asks for credentials when a path is made and lets it live on; a page that is left open
# for longer gets new ones long before. What leaks is of no use after this.
LIFE_S = 2 * 3600.0
RENEW_S = 1800.0


class RelayAccess:
    """`urls` as in RTCIceServer: turn:host:3478?transport=udp, turns:host:443?transport=tcp."""

    def __init__(self, urls: Sequence[str], secret: str) -> None:
        self._urls = list(urls)
        self._secret = secret.encode()

    def message(self, member: str, now: float) -> p.Relays:
        """What to tell a page in unix second `now`."""
        username = f"{int(now + LIFE_S)}:{member}"
        mac = hmac.new(self._secret, username.encode(), hashlib.sha1)
        return p.Relays([p.Relay(self._urls, username, b64encode(mac.digest()).decode())])

    def links(self, member: str, now: float) -> list[str]:
        """The same for a device, a `Link` header each (RFC 9725 section 4.6)."""
        return [
            f'<{url}>; rel="ice-server"; username="{relay.username}";'
            f' credential="{relay.credential}"; credential-type="password"'
            for relay in self.message(member, now).relays
            for url in relay.urls
        ]
