"""The media of one room: who sends, who receives, who is heard."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from confhub.quality import TransportState
from rooms.media.events import (
    Direction,
    LayersWanted,
    Measured,
    MediaEvent,
    OfferNeeded,
    SlotsChanged,
    SourcesChanged,
    SpeakersChanged,
    TransportChanged,
)
from rooms.media.port.ice import Credentials
from rooms.media.port.transport import MakeTransport, Transport
from rooms.media.receiving.publisher import Publisher
from rooms.media.receiving.track import Track
from rooms.media.running import Receiving, RunningRoom, Sending
from rooms.media.sdp.answer import LocalDescription
from rooms.media.sending.player import Player
from rooms.media.sending.subscriber import AUDIO_SLOTS, Subscriber
from rooms.media.source import KIND_OF, Source, SourceKey
from rooms.media.speaker import Speakers

logger = logging.getLogger(__name__)

# An empty room's media state is forgotten after this; members who reload come back sooner.
IDLE_AFTER_S = 60.0
# Looking at the slots of one member takes up to 0.1 ms; packets wait for so many at most.
REFRESHED_AT_ONCE = 16
# Speech changes within a syllable, about 200 ms.
SPEAKER_INTERVAL_S = 0.1

Party = TypeVar("Party")
Figures = TypeVar("Figures")
Describe = Callable[[Transport, int], LocalDescription]


class Conference:
    """Made by MediaRouter.conference. All methods are called from the router's loop.

    `emit` takes events; `own` takes coroutines that the router finishes or cancels.
    """

    def __init__(
        self,
        room_id: str,
        make_transport: MakeTransport,
        describe: Describe,
        emit: Callable[[MediaEvent], None],
        own: Callable[[Coroutine[Any, Any, None]], None],
        now: Callable[[], float],
    ) -> None:
        self.room_id = room_id
        self.publishers: dict[str, Publisher] = {}
        self.subscribers: dict[str, Subscriber] = {}
        self._make_transport = make_transport
        self._describe = describe
        self._emit = emit
        self._own = own
        self._now = now
        self._muted: set[SourceKey] = set()
        self._speakers = Speakers(AUDIO_SLOTS)
        self._spoken: tuple[tuple[str, ...], str | None] = ((), None)
        self._judged_at = 0.0
        self._refresh: asyncio.Handle | None = None
        self._stale: dict[str, None] = {}  # subscribers whose slots wait to be looked at
        self._used_at = now()

    @property
    def is_empty(self) -> bool:
        return not self.publishers and not self.subscribers

    @property
    def dominant(self) -> str | None:
        """The member whose word it is; it stays until another takes over."""
        return self._speakers.dominant

    def is_idle(self, now: float) -> bool:
        """Whether nobody has been here, or is awaited muted, for IDLE_AFTER_S; to be asked
        regularly."""
        if not self.is_empty or self._muted:
            self._used_at = now
        return now - self._used_at >= IDLE_AFTER_S

    def parties(self) -> list[Publisher | Subscriber]:
        """All connections of the room."""
        return [*self.publishers.values(), *self.subscribers.values()]

    def publisher(self, member_id: str) -> Publisher:
        """The member's send connection, made on first use."""
        found = self.publishers.get(member_id)
        if found is None:
            ssrc = secrets.randbelow(0xFFFFFFFE) + 1
            found = Publisher(member_id, self, self._make_transport, self._describe, ssrc)
            self.publishers[member_id] = found
        return found

    def subscriber(self, member_id: str) -> Subscriber:
        """The member's receive connection, made on first use."""
        found = self.subscribers.get(member_id)
        if found is None:
            found = Subscriber(
                member_id, self, self._make_transport, self._describe, secrets.token_hex(8)
            )
            self.subscribers[member_id] = found
        return found

    def player(self, player_id: str, besides: str = "") -> Player:
        """A device's receive connection, new at each call (see Player); `remove` ends it."""
        made = Player(
            player_id, self, self._make_transport, self._describe, secrets.token_hex(8), besides
        )
        self.subscribers[player_id] = made
        return made

    def restart_ice(self, party: Publisher | Subscriber, remote: Credentials) -> LocalDescription:
        """Answer the remote end's new ICE credentials with ours; keys and path stay in use."""
        transport = party.transport
        transport.set_credentials(remote)
        transport.restart_ice()
        return self._describe(transport, 0)

    def remove(self, member_id: str) -> None:
        """The member is gone: close both connections (in the background) and forget it."""
        publisher = self.publishers.pop(member_id, None)
        subscriber = self.subscribers.pop(member_id, None)
        self._muted = {key for key in self._muted if key.member_id != member_id}
        if publisher is not None:
            self._own(publisher.close())
            self._emit(SourcesChanged(self.room_id, member_id, ()))
        if subscriber is not None:
            self._own(subscriber.close())
        self.needs_refresh()

    def set_muted(self, member_id: str, source: Source, muted: bool) -> None:
        """Drop this source's packets at the hub, whatever the member sends.

        Holds for sources not published yet, and until `remove`.
        """
        key = SourceKey(member_id, source)
        if muted:
            self._muted.add(key)
        else:
            self._muted.discard(key)
        publisher = self.publishers.get(member_id)
        if publisher is not None:
            publisher.set_muted(source, muted)

    def measure(self, now: float) -> None:
        """Tell how every connection is doing; one that cannot be measured is left out."""
        publishers = self._measured(self.publishers, lambda party: party.measure(now))
        subscribers = self._measured(self.subscribers, lambda party: party.measure(now))
        self._emit(Measured(self.room_id, publishers, subscribers))

    def _measured(
        self, parties: Mapping[str, Party], measure: Callable[[Party], Figures]
    ) -> dict[str, Figures]:
        found: dict[str, Figures] = {}
        for member_id, party in parties.items():
            try:
                found[member_id] = measure(party)
            except Exception:
                logger.exception("no measurement of %s in %s", member_id, self.room_id)
        return found

    def running(self) -> RunningRoom:
        """What events have told of the room by now."""
        return RunningRoom(
            self.room_id,
            {
                key: Sending(party.transport.state, party.transport.cipher, dict(party.told_layers))
                for key, party in self.publishers.items()
            },
            {
                key: Receiving(
                    party.transport.state, party.transport.cipher, party.slots(), party.wants_offer
                )
                for key, party in self.subscribers.items()
            },
            *self._spoken,
        )

    def levels(self, now: float) -> dict[str, float]:
        """Smoothed microphone levels in dBov by member: -127.0 is silence, 0.0 the loudest.

        Members without an unmuted microphone are left out.
        """
        return self._speakers.levels_dbov(now)

    def close(self) -> None:
        for member_id in [*self.publishers, *self.subscribers]:
            self.remove(member_id)
        if self._refresh is not None:
            self._refresh.cancel()

    def tick(self, now: float, turn: int = 0, turns: int = 1) -> None:
        """Time passes. Each call is for one of `turns` parts of the connections; to be called so
        that each has its turn every 50 ms. One member's failure is logged and hurts no other.
        """
        for party in self.parties()[turn::turns]:
            try:
                party.tick(now)
            except Exception:
                logger.exception("media of %s in %s failed", party.member_id, self.room_id)
        if now - self._judged_at >= SPEAKER_INTERVAL_S:
            self._judged_at = now
            self._judge_speakers(now)

    def _judge_speakers(self, now: float) -> None:
        before = list(self._speakers.ranking)
        self._speakers.update(self._voices(), now)
        if self._speakers.ranking != before:
            self.needs_refresh()
        spoken = (self._speakers.speaking(), self._speakers.dominant)
        if set(spoken[0]) != set(self._spoken[0]) or spoken[1] != self._spoken[1]:
            if spoken[1] != self._spoken[1]:
                self.needs_refresh()
            self._spoken = spoken
            self._emit(SpeakersChanged(self.room_id, *spoken))

    def _voices(self) -> list[SourceKey]:
        """Sources that may be heard: published, not muted, seen at least once."""
        return [
            track.key
            for publisher in self.publishers.values()
            for track in publisher.tracks.values()
            if KIND_OF[track.key.source] == "audio" and not track.muted and track.layers
        ]

    def _run_refresh(self) -> None:
        """Look at the slots of the first who wait; packets pass before the next ones' turn."""
        self._refresh = None
        now = self._now()
        self._speakers.update(self._voices(), now)
        for member_id in list(self._stale)[:REFRESHED_AT_ONCE]:
            del self._stale[member_id]
            subscriber = self.subscribers.get(member_id)
            if subscriber is None:
                continue
            try:
                subscriber.refresh(self._speakers.ranking, now)
            except Exception:
                logger.exception("slots of %s in %s failed", subscriber.member_id, self.room_id)
        if self._stale and self._refresh is None:
            self._refresh = asyncio.get_running_loop().call_soon(self._run_refresh)

    # What publishers and subscribers tell

    def find_track(self, key: SourceKey) -> Track | None:
        publisher = self.publishers.get(key.member_id)
        return publisher.tracks.get(key.source) if publisher is not None else None

    def is_muted(self, key: SourceKey) -> bool:
        return key in self._muted

    def voice_heard(self, key: SourceKey, level: int, now: float) -> None:
        self._speakers.hear(key, level, now)

    def needs_refresh(self) -> None:
        """Look at all slots anew, once, when the present event has been handled.

        Who has waited longest comes first, however often this is called meanwhile.
        """
        self._stale |= dict.fromkeys(self.subscribers)
        if self._refresh is None:
            self._refresh = asyncio.get_running_loop().call_soon(self._run_refresh)

    def sources_changed(self, publisher: Publisher) -> None:
        self._emit(SourcesChanged(self.room_id, publisher.member_id, tuple(publisher.tracks)))
        self.needs_refresh()

    def layers_changed(self, publisher: Publisher) -> None:
        self.needs_refresh()

    def layers_wanted(self, publisher: Publisher, track: Track) -> None:
        source, rids = track.key.source, track.wanted_rids
        self._emit(LayersWanted(self.room_id, publisher.member_id, source, rids))

    def offer_needed(self, subscriber: Subscriber) -> None:
        self._emit(OfferNeeded(self.room_id, subscriber.member_id))

    def slots_changed(self, subscriber: Subscriber) -> None:
        self._emit(SlotsChanged(self.room_id, subscriber.member_id, subscriber.slots()))

    def send_transport_changed(
        self, publisher: Publisher, state: TransportState, cipher: str | None
    ) -> None:
        # One that another has replaced has no say any more: who hears means the other.
        if self.publishers.get(publisher.member_id, publisher) is publisher:
            self._transport_changed(publisher.member_id, "send", state, cipher)

    def receive_transport_changed(
        self, subscriber: Subscriber, state: TransportState, cipher: str | None
    ) -> None:
        if self.subscribers.get(subscriber.member_id, subscriber) is subscriber:
            self._transport_changed(subscriber.member_id, "receive", state, cipher)

    def _transport_changed(
        self, member_id: str, direction: Direction, state: TransportState, cipher: str | None
    ) -> None:
        self._emit(TransportChanged(self.room_id, member_id, direction, state, cipher))
