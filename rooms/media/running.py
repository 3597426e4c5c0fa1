"""What goes on in a room, for whoever takes charge of it anew. Plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from confhub.quality import TransportState
from rooms.media import events
from rooms.media.events import Slot
from rooms.media.source import Source


@dataclass(frozen=True, slots=True)
class Sending:
    """A member's send connection, and which layers of its sources anybody watches."""

    state: TransportState
    cipher: str | None
    layers: Mapping[Source, tuple[str, ...]]  # of those that were told, as LayersWanted has it


@dataclass(frozen=True, slots=True)
class Receiving:
    """The receive connection of a member or player, and what its m-lines carry."""

    state: TransportState
    cipher: str | None
    slots: tuple[Slot, ...]
    wants_offer: bool  # OfferNeeded was told, and no offer made since


@dataclass(frozen=True, slots=True)
class RunningRoom:
    room_id: str
    publishers: Mapping[str, Sending]
    subscribers: Mapping[str, Receiving]
    speakers: tuple[str, ...]
    dominant: str | None

    def parties(self) -> list[str]:
        """Who has any connection."""
        return list(dict.fromkeys((*self.publishers, *self.subscribers)))

    def events(self) -> Iterator[events.MediaEvent]:
        """The events that would tell all this to who has heard none."""
        key = self.room_id
        for member, sending in self.publishers.items():
            yield events.TransportChanged(key, member, "send", sending.state, sending.cipher)
            for source, rids in sending.layers.items():
                yield events.LayersWanted(key, member, source, rids)
        for party, receiving in self.subscribers.items():
            yield events.TransportChanged(key, party, "receive", receiving.state, receiving.cipher)
            yield events.SlotsChanged(key, party, receiving.slots)
            if receiving.wants_offer:
                yield events.OfferNeeded(key, party)
        yield events.SpeakersChanged(key, self.speakers, self.dominant)
