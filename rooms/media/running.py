"""What goes on in a room, for whoever takes charge of it anew. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from confhub.quality import TransportState
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
