"""What the media plane tells the room hub.

`on_event` is called from the event loop and must not block; an exception in it is counted
and logged, and never reaches the datagram path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from confhub.quality import TransportState
from rooms.media.measurement import PublisherMeasurement, SubscriberMeasurement
from rooms.media.source import Kind, Source

# "send": the member sends, the hub receives. "receive": the member receives.
Direction = Literal["send", "receive"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One m-line of a member's receive connection and what it carries now."""

    mid: str
    kind: Kind
    member_id: str | None
    source: Source | None


@dataclass(frozen=True, slots=True)
class TransportChanged:
    """`cipher` is the SRTP profile once DTLS is done, such as "SRTP_AEAD_AES_256_GCM"."""

    room_id: str
    member_id: str
    direction: Direction
    state: TransportState
    cipher: str | None


@dataclass(frozen=True, slots=True)
class OfferNeeded:
    """The view needs more slots: send the member a new offer."""

    room_id: str
    member_id: str


@dataclass(frozen=True, slots=True)
class SlotsChanged:
    """What each m-line of the member's receive connection carries from now on."""

    room_id: str
    member_id: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class SpeakersChanged:
    """Who is speaking, loudest first; `dominant` stays until another takes over."""

    room_id: str
    speakers: tuple[str, ...]
    dominant: str | None


@dataclass(frozen=True, slots=True)
class SourcesChanged:
    """The sources a member's send connection has agreed; it is empty when the member left."""

    room_id: str
    member_id: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class LayersWanted:
    """Which layers of a video source anybody watches; the member need not send the others.

    `rids` are those to send, lowest first; ("",) is the whole of a source without simulcast.
    """

    room_id: str
    member_id: str
    source: Source
    rids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything of a room, as it was asked for; losses are since it was asked before."""

    room_id: str
    publishers: Mapping[str, PublisherMeasurement]  # by member
    subscribers: Mapping[str, SubscriberMeasurement]  # by member or player


@dataclass(frozen=True, slots=True)
class MediaLost:
    """All connections of a room are gone with the process that had them. What the room wanted
    muted is forgotten too."""

    room_id: str


MediaEvent = (
    TransportChanged
    | OfferNeeded
    | SlotsChanged
    | SpeakersChanged
    | SourcesChanged
    | LayersWanted
    | Measured
    | MediaLost
)
