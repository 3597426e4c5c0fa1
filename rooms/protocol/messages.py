"""Signalling messages between a browser (or any client) and the hub: JSON, one per frame.

These are of every meeting; what can be done in a room brings messages of its own
(rooms/state/features). docs/protocol.md describes every message; a test keeps it equal. Pure.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from confhub.quality import Digest
from rooms.protocol.envelope import OLDEST_VERSION as OLDEST_VERSION
from rooms.protocol.envelope import PROTOCOL_VERSION as PROTOCOL_VERSION
from rooms.protocol.envelope import Answering as Answering
from rooms.protocol.envelope import ClientMessage as ClientMessage
from rooms.protocol.envelope import Done as Done
from rooms.protocol.envelope import FeatureNames
from rooms.protocol.envelope import HubMessage as HubMessage
from rooms.protocol.envelope import Problem as Problem
from rooms.protocol.envelope import RoomNews as RoomNews
from rooms.protocol.envelope import done as done
from rooms.protocol.envelope import repeated as repeated

# A browser's offer with three simulcast layers is 8-12 KiB; nothing else comes near.
MAX_MESSAGE_BYTES = 64 * 1024
MAX_TILES = 25  # as many as the hub has video slots for one receiver
MAX_TILE_HEIGHT_PX = 2160  # a 4K wall; more would only ask for what no camera sends
# The client pings this often; a socket silent for three beats is dead. Well under the 60 s
# after which proxies and address translators forget an idle connection.
HEARTBEAT_S = 5.0
DIGEST_S = 5.0  # the interval of the link board

Source = Literal["microphone", "camera", "screen", "screen_audio"]
LayoutMode = Literal["lecture", "speaker", "grid", "single"]
Presence = Literal["absent", "present", "reconnecting", "left"]
SeatRole = Literal["site", "secretary", "technician"]
CloseReason = Literal[
    "left", "replaced", "revoked", "removed", "sent_out", "ended", "stopping", "lost", "protocol"
]

MemberId = Annotated[str, Meta(max_length=32)]  # "s-" or "a-" and an id of 16 letters
# Room for the m-lines of one sending connection, with a spare for each source.
Sources = Annotated[dict[Annotated[str, Meta(max_length=16)], Source], Meta(max_length=8)]


# What clients send ------------------------------------------------------------------------


class Hello(ClientMessage, tag="hello", frozen=True):
    """First message on every socket. `resume` is the last welcome's token, after a lost socket.

    The page speaks the versions `oldest` (by default `version` alone) to `version`.
    """

    version: int
    app_version: Annotated[str, Meta(max_length=64)] = ""
    resume: Annotated[str, Meta(max_length=64)] = ""
    oldest: int | None = None
    features: FeatureNames = ()


class Publish(ClientMessage, tag="publish", frozen=True):
    """Offer of the sending connection; `sources` names what each m-line (by mid) carries."""

    sdp: str
    sources: Sources


class Answer(ClientMessage, tag="answer", frozen=True):
    """Answer to the hub's `offer` with the same `offer_id`."""

    offer_id: int
    sdp: str


class Restart(ClientMessage, tag="restart", frozen=True):
    """Ask for a new offer of the receiving connection with new ICE credentials.

    `fresh` says the client built a new connection and the hub must start one too.
    """

    fresh: bool = False


class Tile(msgspec.Struct, frozen=True):
    member: MemberId
    source: Literal["camera", "screen"]
    height_px: int  # in device pixels; clamped to 0..MAX_TILE_HEIGHT_PX


class View(ClientMessage, tag="view", frozen=True):
    """What is on the client's screen, most important first. Empty: audio only.

    Tiles after the first MAX_TILES are not shown.
    """

    tiles: list[Tile]


class SendDigest(ClientMessage, tag="digest", frozen=True):
    digest: Digest


class Ping(ClientMessage, tag="ping", frozen=True):
    """Heartbeat; `at` is the client's own clock and comes back unchanged."""

    at: float


class Leave(ClientMessage, tag="leave", frozen=True):
    """Give the seat up on purpose; the hub answers with `closed`."""


CLIENT_MESSAGES: tuple[type[ClientMessage], ...] = (
    Hello,
    Publish,
    Answer,
    Restart,
    View,
    SendDigest,
    Ping,
    Leave,
)


# What the hub sends -----------------------------------------------------------------------


class MemberView(msgspec.Struct, frozen=True):
    """One seat as everybody sees it. Invited sites that have not come are `absent`."""

    id: str
    name: str  # the site's name, or the officer's
    unit: str  # "Huyện Nậm Pồ"
    level: str  # "Huyện"
    rank: int  # 1 central .. 4 commune
    role: SeatRole
    chair: bool
    presence: Presence
    microphone: bool
    camera: bool
    screen: bool
    hand_at: float | None  # unix seconds; the floor queue is ordered by it
    device: bool = False  # a hardware encoder (WHIP): nobody there can press a button
    players: int = 0  # devices that play the meeting at this site (WHEP), seat or not
    sent_out: bool = False  # by the secretary; it may not come in


class Layout(msgspec.Struct, frozen=True):
    mode: LayoutMode = "lecture"
    focus: str | None = None


class RoomView(msgspec.Struct, frozen=True):
    meeting_id: str
    title: str
    chair: str | None  # member id of the presiding site
    starts_at: float  # unix seconds
    ends_at: float
    layout: Layout


class Relay(msgspec.Struct, frozen=True):
    """One entry of the browser's `iceServers`."""

    urls: list[str]
    username: str
    credential: str


class Relays(HubMessage, tag="relays", frozen=True):
    """Before `welcome`, and again while the socket lives: relays for connections made from now on.

    Not sent by a hub without any.
    """

    relays: list[Relay]

    def key(self) -> Hashable:
        return "relays"


class Welcome(RoomNews, tag="welcome", frozen=True):
    """Answer to `hello`: the seat, and everything there is to know of the room."""

    member: str
    resume: str
    resumed: bool  # this page's media connections are still here; if not, build both anew
    may_drive: bool  # secretary's controls
    may_end: bool
    heartbeat_s: float
    digest_s: float
    room: RoomView
    members: list[MemberView]
    version: int = PROTOCOL_VERSION  # of those that both speak
    features: tuple[str, ...] = ()  # those that both know
    # Where the page is relayed: which hub runs the meeting, and which relays. Else empty.
    hub: str = ""
    via: str = ""


class RoomChanged(RoomNews, tag="room", frozen=True):
    room: RoomView

    def key(self) -> Hashable:
        return "room"


class MemberChanged(RoomNews, tag="member", frozen=True):
    """A seat is new or changed: replace what is known of it."""

    member: MemberView

    def key(self) -> Hashable:
        return ("member", self.member.id)


class MemberGone(RoomNews, tag="member_gone", frozen=True):
    """A seat is no more (its invitation was withdrawn, or an officer left)."""

    member: str

    def key(self) -> Hashable:
        return ("member", self.member)


class Published(Answering, tag="published", frozen=True):
    """The hub's answer to `publish`."""

    sdp: str


class Offer(HubMessage, tag="offer", frozen=True):
    """The hub's offer of the receiving connection; answer with `answer`."""

    offer_id: int
    sdp: str


class Slot(msgspec.Struct, frozen=True):
    """What the m-line `mid` of the receiving connection carries now; None: nothing."""

    mid: str
    kind: Literal["audio", "video"]
    member: str | None
    source: Source | None


class Slots(HubMessage, tag="slots", frozen=True):
    slots: list[Slot]

    def key(self) -> Hashable:
        return "slots"


class Layers(HubMessage, tag="layers", frozen=True):
    """Which layers of the member's own source anybody watches: it need not send the others.

    `rids` are those to send; [""] is the whole of a source without simulcast, [] is nothing.
    """

    source: Source
    rids: list[str]

    def key(self) -> Hashable:
        return ("layers", self.source)


class Speaking(HubMessage, tag="speaking", frozen=True):
    members: list[str]
    dominant: str | None

    def key(self) -> Hashable:
        return "speaking"


class Phone(msgspec.Struct, frozen=True):
    name: str  # whose; "" is the room's own
    number: str


class Contact(msgspec.Struct, frozen=True):
    member: str
    phones: list[Phone]


class Contacts(HubMessage, tag="contacts", frozen=True):
    """To those who drive the meeting: whom to call at each site."""

    contacts: list[Contact]

    def key(self) -> Hashable:
        return "contacts"


class Pong(Answering, tag="pong", frozen=True):
    at: float

    def key(self) -> Hashable:
        return "pong"


class Closed(HubMessage, tag="closed", frozen=True):
    """Last message before the hub closes the socket. `retry` says whether to come back."""

    reason: CloseReason
    message: str
    retry: bool


HUB_MESSAGES: tuple[type[HubMessage], ...] = (
    Relays,
    Welcome,
    RoomChanged,
    MemberChanged,
    MemberGone,
    Published,
    Offer,
    Slots,
    Layers,
    Speaking,
    Contacts,
    Pong,
    Done,
    Problem,
    Closed,
)
