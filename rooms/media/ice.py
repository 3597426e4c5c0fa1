"""An ICE-lite agent (RFC 8445 section 2.5): it answers checks and never sends one. Pure.

The browser, a full agent, tests paths and nominates one; the agent answers, remembers the
nominated path and judges from the checks that keep coming whether the browser still consents
to receive (RFC 7675).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from rooms.media import stun

# RFC 7675 section 5.1 lets consent live 30 s; browsers check every 2.5 s or faster, so after
# 5 s without one, nor any packet that decrypts, the link is in trouble and people should see it.
DISCONNECTED_AFTER_S = 5.0
FAILED_AFTER_S = 30.0
# libnice, and GStreamer with it, checks no more once a path is nominated: of such a peer only
# media tells that it lives. One that still checks this long after its first check goes on.
KEEPS_CHECKING_S = 5.0

# A browser with several interfaces probes from each. More than this from one browser is
# a mistake or an attack; the oldest address is forgotten.
MAX_PATHS = 16

IceState = Literal["new", "connected", "disconnected", "failed"]


class Path(NamedTuple):
    """A way to a peer: the index of the local UDP socket, and the peer's socket address.

    A negative `socket` is the number of a TCP connection.
    """

    socket: int
    address: tuple[Any, ...]

    @property
    def is_stream(self) -> bool:
        return self.socket < 0


@dataclass(frozen=True, slots=True)
class Credentials:
    """ufrag of at least 24 bits and a password of at least 128 (RFC 8445 section 5.3)."""

    ufrag: str
    password: str


def make_credentials() -> Credentials:
    # token_urlsafe uses "-" and "_", which are no ice-chars (RFC 8839 section 5.4): use hex.
    return Credentials(secrets.token_hex(6), secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a binding request: `reply` to send, and what it meant.

    `forgotten` is a path that had to leave the table to make room.
    """

    reply: bytes
    authentic: bool = False
    refusal: int = 0
    path_changed: bool = False
    forgotten: Path | None = None


@dataclass(slots=True)
class IceAgent:
    """One component of one connection. `handle_request` feeds it, `state` reads it.

    The owner sets `heard_at` when media from the peer has decrypted; `patience_s` is after how
    long a silence the link is in trouble.
    """

    local: Credentials
    previous: Credentials | None = None
    selected: Path | None = None
    checked_at: float | None = None
    first_checked_at: float | None = None  # of the present path and credentials
    heard_at: float = float("-inf")
    patience_s: float = DISCONNECTED_AFTER_S
    generation: int = 0  # counts restarts
    paths: dict[Path, float] = field(default_factory=dict)

    def restart(self, local: Credentials) -> None:
        """Begin an ICE restart: the old credentials serve until the new ones are used.

        Media keeps flowing on the old path meanwhile (RFC 8445 section 2.4).
        """
        self.previous = self.local
        self.local = local
        self.first_checked_at = None
        self.generation += 1

    def ufrags(self) -> list[str]:
        return [self.local.ufrag] + ([self.previous.ufrag] if self.previous else [])

    def handle_request(self, request: stun.StunMessage, path: Path, now: float) -> Verdict:
        """Answer a binding request that named one of our ufrags."""
        credentials = self._credentials(request.local_ufrag)
        if credentials is None or not request.is_authentic(credentials.password):
            return Verdict(stun.build_error(request, 401, None), refusal=401)
        password = credentials.password
        unknown = request.unknown_required()
        if unknown:
            value = b"".join(kind.to_bytes(2, "big") for kind in unknown)
            extra = [(stun.UNKNOWN_ATTRIBUTES, value)]
            return Verdict(stun.build_error(request, 420, password, extra), refusal=420)
        if stun.ICE_CONTROLLED in request.attributes:
            # A lite agent is always controlled; 487 makes the peer take the other role.
            return Verdict(stun.build_error(request, 487, password), refusal=487)
        if credentials is self.local:
            self.previous = None
        return self._accept(request, path, now, password)

    def forget(self, path: Path) -> None:
        """The path is no more: its connection has ended. The next check by another one serves."""
        self.paths.pop(path, None)
        if self.selected == path:
            self.selected = None

    def state(self, now: float) -> IceState:
        if self.checked_at is None:
            return "new"
        silent_s = now - max(self.checked_at, self.heard_at)
        if (now - self.checked_at if self._keeps_checking() else silent_s) >= FAILED_AFTER_S:
            return "failed"
        if self.selected is None:
            return "disconnected"
        return "disconnected" if silent_s >= self.patience_s else "connected"

    def _keeps_checking(self) -> bool:
        """Then checks that stop say that the peer consents no more, whatever media comes."""
        first, last = self.first_checked_at, self.checked_at
        return first is not None and last is not None and last - first >= KEEPS_CHECKING_S

    def _credentials(self, ufrag: str | None) -> Credentials | None:
        if ufrag == self.local.ufrag:
            return self.local
        if self.previous is not None and ufrag == self.previous.ufrag:
            return self.previous
        return None

    def _accept(self, request: stun.StunMessage, path: Path, now: float, password: str) -> Verdict:
        forgotten = self.remember(path, now)
        changed = False
        if stun.USE_CANDIDATE in request.attributes or self.selected is None:
            # The latest nomination wins, so that a browser that roams takes its media along.
            # Before any nomination the first working path serves (RFC 8445 section 8.1.1).
            changed = path != self.selected
            self.selected = path
        if changed or self.first_checked_at is None:
            self.first_checked_at = now
        if path == self.selected:
            self.checked_at = now
        host, port = path.address[0], path.address[1]
        mapped = stun.pack_xor_address(host, port, request.transaction_id)
        reply = stun.build_message(
            stun.BINDING_SUCCESS,
            request.transaction_id,
            [(stun.XOR_MAPPED_ADDRESS, mapped)],
            password,
        )
        return Verdict(reply, authentic=True, path_changed=changed, forgotten=forgotten)

    def remember(self, path: Path, now: float) -> Path | None:
        """The peer has shown itself at this path. Returns one that had to make room for it."""
        forgotten = None
        if path not in self.paths and len(self.paths) >= MAX_PATHS:
            forgotten = min(
                (p for p in self.paths if p != self.selected), key=self.paths.__getitem__
            )
            del self.paths[forgotten]
        self.paths[path] = now
        return forgotten
