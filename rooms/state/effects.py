"""What the room core asks its shell to do, in order. Pure types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from confhub.errors import ConfhubError
from rooms.protocol.messages import CloseReason, HubMessage

# A shared screen goes with its sound.
MutedSource = Literal["microphone", "camera", "screen"]
# How one stay in a meeting ended, as the attendance record keeps it.
StayEnd = Literal["left", "lost", "removed", "ended"]


@dataclass(frozen=True, slots=True)
class Send:
    """To one member, if it has a socket."""

    member: str
    message: HubMessage


@dataclass(frozen=True, slots=True)
class Broadcast:
    """To every member with a socket, but `besides`."""

    message: HubMessage
    besides: str | None = None


@dataclass(frozen=True, slots=True)
class Refuse:
    """To one member, in its language: its message `about` could not be carried out."""

    member: str
    error: ConfhubError
    about: str
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Attach:
    """The socket that is asking to join is the member's socket from here on."""

    member: str


@dataclass(frozen=True, slots=True)
class Close:
    """Tell the member's socket why and close it."""

    member: str
    reason: CloseReason
    error: ConfhubError | None = None  # says more than the usual words of `reason`


@dataclass(frozen=True, slots=True)
class StartMedia:
    """The member's page has no media here yet: be ready to build both connections."""

    member: str


@dataclass(frozen=True, slots=True)
class ResumeMedia:
    """The member's page is back on a new socket with its connections alive."""

    member: str


@dataclass(frozen=True, slots=True)
class RemoveMedia:
    """Close the member's media connections."""

    member: str


@dataclass(frozen=True, slots=True)
class SetMuted:
    """Forward, or stop forwarding, a source; enforced at the hub whatever the page does."""

    member: str
    source: MutedSource
    muted: bool


@dataclass(frozen=True, slots=True)
class RecordJoined:
    """A stay begins; `at` is unix seconds."""

    member: str
    at: float


@dataclass(frozen=True, slots=True)
class RecordLeft:
    """A stay ends; `at` is when it did, which may be earlier than when it was certain."""

    member: str
    at: float
    how: StayEnd


@dataclass(frozen=True, slots=True)
class ReportPresence:
    """The link board hears at once whether a site's socket is up; `since` is unix seconds.

    `left`: the seat was given up or taken away, so the site is absent rather than lost.
    """

    member: str
    site_id: str
    connected: bool
    since: float
    left: bool = False


@dataclass(frozen=True, slots=True)
class Audit:
    """A line of the audit trail: what the member `by` did in this meeting."""

    action: str
    by: str
    detail: str


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the room's log: act number `seq`; `payload` is JSON. `at` is unix seconds."""

    seq: int
    at: float
    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SaveSnapshot:
    """The room changed in a way that a restart must not lose."""


@dataclass(frozen=True, slots=True)
class MeetingLive:
    """The first member came: the schedule shows the meeting as live."""


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    """A member ended the meeting for all."""

    by: str


Effect = (
    Send
    | Broadcast
    | Refuse
    | Attach
    | Close
    | StartMedia
    | ResumeMedia
    | RemoveMedia
    | SetMuted
    | RecordJoined
    | RecordLeft
    | ReportPresence
    | Audit
    | Happened
    | SaveSnapshot
    | MeetingLive
    | MeetingEnded
)
