"""What a hub has missed of a worker that went on without it, as the events it would have heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from confhub.quality import TransportState
from rooms.media import events
from rooms.media.events import MediaEvent
from rooms.media.running import RunningRoom
from rooms.plane.commands import PartyKey


def missed(
    running: Sequence[RunningRoom], known: Mapping[PartyKey, TransportState]
) -> Iterator[MediaEvent]:
    """From what was `known` to what is `running`; what holds still may be told again."""
    gone = dict(known)
    for room in running:
        for event in _of_room(room):
            if isinstance(event, events.TransportChanged):
                key = (event.room_id, event.member_id, event.direction)
                if gone.pop(key, "closed") == event.state:
                    continue
            yield event
    for room_id, party_id, direction in gone:
        yield events.TransportChanged(room_id, party_id, direction, "closed", None)


def _of_room(room: RunningRoom) -> Iterator[MediaEvent]:
    key = room.room_id
    for member, sending in room.publishers.items():
        yield events.TransportChanged(key, member, "send", sending.state, sending.cipher)
        for source, rids in sending.layers.items():
            yield events.LayersWanted(key, member, source, rids)
    for party, receiving in room.subscribers.items():
        yield events.TransportChanged(key, party, "receive", receiving.state, receiving.cipher)
        yield events.SlotsChanged(key, party, receiving.slots)
        if receiving.wants_offer:
            yield events.OfferNeeded(key, party)
    yield events.SpeakersChanged(key, room.speakers, room.dominant)
