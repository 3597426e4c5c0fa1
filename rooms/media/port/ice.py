"""An ICE-lite agent (RFC 8445 section 2.5): it answers checks and chooses no path. Pure.

The browser, a full agent, tests paths and nominates one. The agent takes it once the browser has
answered a check of its own from there, and asks again and again whether it still consents to
receive (RFC 7675): what comes in proves neither, for anybody may write any source address.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from confhub.bucket import TokenBucket, each_second
from rooms.media.port import stun
from rooms.media.port.path import Path, Way

# RFC 7675 section 5.1 lets consent live 30 s; browsers check every 2.5 s or faster, so after
# 5 s without one, nor any packet that decrypts, the link is in trouble and people should see it.
DISCONNECTED_AFTER_S = 5.0
FAILED_AFTER_S = 30.0

# A browser with several interfaces probes from each. More than this from one browser is
# a mistake or an attack; the oldest address is forgotten.
MAX_PATHS = 16
# Of these by TCP, each a connection that is kept and read for it: two addresses of the hub from
# three interfaces.
MAX_STREAM_PATHS = 6
# Passwords of the peer that may still be in use: one more for each restart that is under way.
MAX_REMOTES = 4
# Browsers send a check every 20 to 50 ms (RFC 8445 section 14.2), on all their paths together.
MAX_CHECKS_PER_S = 200
# How often to look what is due, at most: hundreds of agents are asked 20 times a second.
LOOK_S = 0.1

IceState = Literal["new", "connected", "disconnected", "failed"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """ufrag of at least 24 bits and a password of at least 128 (RFC 8445 section 5.3)."""

    ufrag: str
    password: str


def make_credentials() -> Credentials:
    # token_urlsafe uses "-" and "_", which are no ice-chars (RFC 8839 section 5.4): use hex.
    return Credentials(secrets.token_hex(6), secrets.token_hex(16))


def make_transaction_id() -> bytes:
    """96 bits (RFC 8489 section 5) that nobody can know who does not receive the request."""
    return secrets.token_bytes(12)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a binding request: `reply` to send, b"" for none, and what it meant.

    `forgotten` is a path that had to leave the table to make room.
    """

    reply: bytes
    authentic: bool = False
    refusal: int = 0
    path_changed: bool = False
    forgotten: Path | None = None


@dataclass(slots=True)
class IceAgent:
    """One component of one connection. `handle_request` and `handle_answer` feed it, `questions`
    gives what it wants to know, `state` reads it.

    The owner sets `heard_at` when media from the peer has decrypted; `patience_s` is after how
    long a silence the link is in trouble.
    """

    local: Credentials
    previous: Credentials | None = None
    selected: Path | None = None  # proved when it was selected; all is sent there
    nominated: Path | None = None  # to be selected as soon as it is proved
    checked_at: float | None = None  # by a check on the selected path, without one on any
    consented_at: float | None = None  # on the selected path
    has_answered: bool = False  # a check of ours, ever
    heard_at: float = float("-inf")
    patience_s: float = DISCONNECTED_AFTER_S
    generation: int = 0  # counts restarts
    paths: dict[Path, Way] = field(default_factory=dict)
    make_id: Callable[[], bytes] = make_transaction_id
    _remotes: dict[str, str] = field(default_factory=dict)  # password by ufrag, newest last
    _first_checked_at: float | None = None
    _look_at: float = float("-inf")
    _checks: TokenBucket = field(default_factory=lambda: TokenBucket(each_second(MAX_CHECKS_PER_S)))

    def restart(self, local: Credentials) -> None:
        """Begin an ICE restart: the old credentials serve until the new ones are used.

        Media keeps flowing on the old path meanwhile (RFC 8445 section 2.4).
        """
        self.previous = self.local
        self.local = local
        self.generation += 1

    def set_remote(self, remote: Credentials) -> None:
        """The peer's half, for checks of ours; those of before serve until a check has come
        under the new one."""
        self._remotes.pop(remote.ufrag, None)
        self._remotes[remote.ufrag] = remote.password
        if len(self._remotes) > MAX_REMOTES:
            del self._remotes[next(iter(self._remotes))]
        self._look_at = float("-inf")

    def ufrags(self) -> list[str]:
        return [self.local.ufrag] + ([self.previous.ufrag] if self.previous else [])

    def handle_request(self, request: stun.StunMessage, path: Path, now: float) -> Verdict:
        """Answer a binding request that named one of our ufrags."""
        credentials = self._credentials(request.local_ufrag)
        if credentials is None or not request.is_authentic(credentials.password):
            return Verdict(stun.build_error(request, 401, None), refusal=401)
        if not self._checks.take(now):
            return Verdict(b"")
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

    def handle_answer(self, answer: stun.StunMessage, path: Path, now: float) -> bool:
        """Take a success response. True: it answers a check of ours, from where it was sent to."""
        way = self.paths.get(path)
        if way is None or not way.take_answer(answer, now):
            return False
        self.has_answered = True
        self._proved(path, now)
        return True

    def prove(self, path: Path, now: float) -> None:
        """The peer has shown otherwise that it receives on this path."""
        way = self.paths.get(path)
        if way is not None:
            way.prove(now)
            self._proved(path, now)

    def questions(self, now: float) -> Iterator[tuple[Path, bytes]]:
        """Checks of ours that are due, each to be sent by its path now."""
        if now < self._look_at:
            return
        self._look_at = now + LOOK_S
        for path, way in self.paths.items():
            if self.selected is not None and path not in (self.selected, self.nominated):
                continue
            password = self._remotes.get(way.remote_ufrag)
            if password is not None and way.is_due(now):
                question = way.ask(self.make_id(), password, now)
                if question is not None:
                    yield path, question

    def note_received(self, path: Path, size: int) -> None:
        """`size` bytes have come by a known path, which may be answered by a multiple of them."""
        way = self.paths.get(path)
        if way is not None:
            way.received += size

    def may_send(self, path: Path, size: int, now: float) -> bool:
        """Whether so many bytes may go there now, be it a path that is not proved."""
        way = self.paths.get(path)
        return way is not None and way.spend(size, now)

    def uses(self, path: Path, now: float) -> bool:
        """Whether the peer is there, or was a moment ago, as far as is known."""
        way = self.paths.get(path)
        if way is None:
            return False
        return way.is_proved(now) or now - way.seen_at < DISCONNECTED_AFTER_S

    def forget(self, path: Path) -> None:
        """The path is no more: its connection has ended. The next check by another one serves."""
        self.paths.pop(path, None)
        if self.selected == path:
            self.selected = None
        if self.nominated == path:
            self.nominated = None

    def state(self, now: float) -> IceState:
        if self.checked_at is None:
            return "new"
        consented_at = self.consented_at
        if consented_at is None:
            consented_at = self._first_checked_at or self.checked_at
        if now - consented_at >= FAILED_AFTER_S:
            return "failed"
        if self.selected is None:
            return "disconnected"
        silent_s = now - max(self.checked_at, self.heard_at, consented_at)
        return "disconnected" if silent_s >= self.patience_s else "connected"

    def _credentials(self, ufrag: str | None) -> Credentials | None:
        if ufrag == self.local.ufrag:
            return self.local
        if self.previous is not None and ufrag == self.previous.ufrag:
            return self.previous
        return None

    def _accept(self, request: stun.StunMessage, path: Path, now: float, password: str) -> Verdict:
        forgotten = self.remember(path, now)
        way = self.paths[path]
        way.received += len(request.data)
        if not way.remote_ufrag or request.remote_ufrag in self._remotes:
            way.local_ufrag, way.remote_ufrag = request.local_ufrag or "", request.remote_ufrag
        if way.is_stream:
            way.prove(now)
        self._first_checked_at = self._first_checked_at or now
        self._look_at = float("-inf")
        before = self.selected
        self._choose(path, way, now, nominates=stun.USE_CANDIDATE in request.attributes)
        host, port = path.address[0], path.address[1]
        mapped = stun.pack_xor_address(host, port, request.transaction_id)
        reply = stun.build_message(
            stun.BINDING_SUCCESS,
            request.transaction_id,
            [(stun.XOR_MAPPED_ADDRESS, mapped)],
            password,
        )
        way.spend(len(reply), now)
        return Verdict(
            reply, authentic=True, path_changed=self.selected != before, forgotten=forgotten
        )

    def _choose(self, path: Path, way: Way, now: float, *, nominates: bool) -> None:
        """The latest nomination wins, so that a browser that roams takes its media along; before
        any nomination the first working path serves (RFC 8445 section 8.1.1)."""
        if path != self.selected and (nominates or self.nominated is None):
            if nominates or self.selected is None:
                self.nominated = path
            if self.nominated == path and way.is_proved(now):
                self._select(path, way)
        elif path == self.selected and nominates:
            self.nominated = None
        if self.selected is None or path == self.selected:
            self.checked_at = now
        if path == self.selected and not self.has_answered:
            # One that answers no check of ours consents by those of its own, from where it has
            # shown to be; any other has to answer.
            way.prove(now)
            self.consented_at = now

    def _proved(self, path: Path, now: float) -> None:
        way = self.paths[path]
        if path == self.selected:
            self.consented_at = now
        elif path == self.nominated or self.selected is None:
            self._select(path, way)

    def _select(self, path: Path, way: Way) -> None:
        self.selected, self.nominated = path, None
        self.consented_at = way.proved_at

    def remember(self, path: Path, now: float) -> Path | None:
        """The peer has shown itself at this path. Returns one that had to make room for it."""
        way = self.paths.get(path)
        if way is not None:
            way.seen_at = now
            return None
        forgotten = self._in_the_way(path)
        if forgotten is not None:
            del self.paths[forgotten]
        self.paths[path] = Way(path.is_stream, now)
        return forgotten

    def _in_the_way(self, newcomer: Path) -> Path | None:
        """The path seen longest ago where there are too many, of streams or of all."""
        paths: list[Path] = [path for path in self.paths if path.is_stream]
        if not newcomer.is_stream or len(paths) < MAX_STREAM_PATHS:
            if len(self.paths) < MAX_PATHS:
                return None
            paths = list(self.paths)
        kept = (self.selected, self.nominated)
        return min((p for p in paths if p not in kept), key=lambda p: self.paths[p].seen_at)
