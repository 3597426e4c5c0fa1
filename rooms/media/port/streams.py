"""Whose stream a packet may be of that came from an address where its peer was not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from rooms.media.port.ice import IceAgent

# The list of all streams is made anew no more often: a stranger's packets cost a look into it.
LISTED_FOR_S = 0.1
# Numbers of streams are chosen at random: two that are equal are an accident, more an attack. Who
# was heard longest ago is tried first.
MAX_NAMESAKES = 8


class Sender(Protocol):
    agent: IceAgent

    @property
    def streams(self) -> Collection[bytes]:
        """The SSRCs of packets that have decrypted, of late; empty before there are keys."""


S = TypeVar("S", bound=Sender)


class Streams(Generic[S]):
    """The streams of `senders`, whoever they are when it is asked. Times are monotonic seconds."""

    def __init__(self, senders: Iterable[S]) -> None:
        self._senders = senders
        self._by_ssrc: dict[bytes, list[S]] = {}
        self._listed_at = -LISTED_FOR_S

    def find(self, ssrc: bytes, now: float) -> Sequence[S]:
        """Who may have sent a packet of this stream, the likeliest first."""
        if now - self._listed_at >= LISTED_FOR_S:
            self._listed_at = now
            self._by_ssrc = {}
            for sender in self._senders:
                for stream in sender.streams:
                    self._by_ssrc.setdefault(stream, []).append(sender)
        named = self._by_ssrc.get(ssrc, ())
        if len(named) > 1:
            named = sorted(named, key=lambda one: one.agent.heard_at)
        return named[:MAX_NAMESAKES]
