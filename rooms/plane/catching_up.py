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
        for event in room.events():
            if isinstance(event, events.TransportChanged):
                key = (event.room_id, event.member_id, event.direction)
                if gone.pop(key, "closed") == event.state:
                    continue
            yield event
    for room_id, party_id, direction in gone:
        yield events.TransportChanged(room_id, party_id, direction, "closed", None)
