"""What of the media plane's events is news to a room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rooms.media import events
from rooms.running.loop import RoomLoop


def pass_on(event: events.MediaEvent, loop: RoomLoop) -> None:
    """Tell the room, if it wants to know; never waits."""
    take = _EVENTS.get(type(event))
    if take is not None:
        take(loop, event)


def _transport_changed(loop: RoomLoop, event: events.TransportChanged) -> None:
    if event.state in ("connected", "disconnected", "failed"):
        loop.report_soon()


def _offer_needed(loop: RoomLoop, event: events.OfferNeeded) -> None:
    loop.ask_offer(event.member_id)


def _slots_changed(loop: RoomLoop, event: events.SlotsChanged) -> None:
    loop.set_slots(event.member_id, event.slots)


def _speakers_changed(loop: RoomLoop, event: events.SpeakersChanged) -> None:
    loop.set_speaking(event.speakers, event.dominant)


def _layers_wanted(loop: RoomLoop, event: events.LayersWanted) -> None:
    loop.set_layers(event.member_id, event.source, event.rids)


def _measured(loop: RoomLoop, event: events.Measured) -> None:
    loop.take_measurement(event)


def _media_lost(loop: RoomLoop, event: events.MediaLost) -> None:
    loop.lose_media()


_EVENTS: dict[type, Callable[[RoomLoop, Any], None]] = {
    events.TransportChanged: _transport_changed,
    events.OfferNeeded: _offer_needed,
    events.SlotsChanged: _slots_changed,
    events.SpeakersChanged: _speakers_changed,
    events.LayersWanted: _layers_wanted,
    events.Measured: _measured,
    events.MediaLost: _media_lost,
}
