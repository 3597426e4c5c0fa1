"""Carries out a room's effects: sockets, media desks, journal, reports. Never waits."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from confhub.bus.news import QualityReport
from confhub.desks import meetings as schedule
from confhub.desks import rooms as desk
from confhub.identity import new_id
from confhub.meetings.meeting import Attendance
from confhub.meetings.ownership import Fence
from confhub.meetings.room_event import RoomEvent
from confhub.people.actor import Actor
from confhub.quality import SitePresence
from confhub.store import Store
from rooms.media.events import Measured
from rooms.media.running import RunningRoom
from rooms.plane.interface import Conference
from rooms.protocol import messages as p
from rooms.protocol.codec import encode_message
from rooms.running.journal import Journal
from rooms.running.media_desk import MediaDesk
from rooms.running.reports import Reports
from rooms.sockets.connection import Connection
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.member import Member

log = logging.getLogger(__name__)


class Stage:
    """Owned by one room loop; holds what the pure room must not: sockets and tasks."""

    def __init__(
        self,
        fence: Fence,
        *,
        store: Store,
        reports: Reports,
        conference: Conference,
        clock: Callable[[], float],
        snapshot: Callable[[], bytes],
        on_taken: Callable[[], None],
        seq: Callable[[], int],
    ) -> None:
        self.connections: dict[str, Connection] = {}
        self.desks: dict[str, MediaDesk] = {}
        self.joining: Connection | None = None  # whose Attach comes
        self._meeting_id = fence.meeting_id
        self._fence = fence
        self._store = store
        self._reports = reports
        self._conference = conference
        self._clock = clock
        self._is_abandoned = False
        self._seq = seq
        self._speaking: p.Speaking | None = None
        self._is_measuring = False  # asked, and not told yet
        self._retired: set[asyncio.Task[None]] = set()
        self._journal = Journal(
            fence.meeting_id,
            snapshot,
            lambda state: store.rooms.save_snapshot(fence, state, _utc(clock())),
            on_taken,
        )

    def is_present(self, connection: Connection) -> bool:
        """Whether this is the seat's present socket: a replaced one has no say."""
        return self.connections.get(connection.seat.member_id) is connection

    def forget(self, connection: Connection) -> None:
        """The member's socket is gone; its media may live on."""
        member = connection.seat.member_id
        del self.connections[member]
        if member in self.desks:
            self.desks[member].detach()

    def set_speaking(self, speaking: p.Speaking) -> None:
        self._speaking = speaking
        self.broadcast(speaking)

    def carry_out(self, effects: list[Effect]) -> None:
        """All of them, in order."""
        for effect in effects:
            _EFFECTS[type(effect)](self, effect)

    def abandon(self) -> None:
        """The room is another hub's: nothing is written or reported of it any more."""
        self._is_abandoned = True
        self._journal.abandon()

    def adopt(self, running: RunningRoom, members: Mapping[str, Member]) -> None:
        """Take charge of media that went on without a hub: of members whose pages may go on with
        them. All others' are removed."""
        for member_id in running.parties():
            member = members.get(member_id)
            if member is None or member.resume_hash is None:
                self._conference.remove(member_id)
                continue
            self.desks[member_id] = MediaDesk(
                self._conference,
                member_id,
                self._clock,
                publishes=member_id in running.publishers,
                receives=member_id in running.subscribers,
            )
        self._conference.tell_again()

    async def close(self, *, keeps_media: bool = False) -> None:
        """Send everybody away, end all tasks, and write what is left; bounded in time.
        `keeps_media`: connections go on, for the next hub to take charge of."""
        for connection in list(self.connections.values()):
            connection.close("stopping")
        self.connections.clear()
        for member in list(self.desks):
            self._close_desk(member)
            if not keeps_media:
                self._conference.remove(member)
        await asyncio.gather(*self._retired, return_exceptions=True)
        await self._journal.close()

    def _send(self, effect: fx.Send) -> None:
        connection = self.connections.get(effect.member)
        if connection is not None:
            connection.send(self._numbered(effect.message))

    def _broadcast(self, effect: fx.Broadcast) -> None:
        self.broadcast(effect.message, effect.besides)

    def broadcast(self, message: p.HubMessage, besides: str | None = None) -> None:
        text, key = encode_message(self._numbered(message)), message.key()
        for member, connection in self.connections.items():
            if member != besides:
                connection.send_text(text, key)

    def _numbered(self, message: p.HubMessage) -> p.HubMessage:
        """News of the room carry the number of the last act: whatever waits and is replaced,
        a page reads them in order."""
        if isinstance(message, p.RoomNews):
            return msgspec.structs.replace(message, seq=self._seq())
        return message

    def _refuse(self, effect: fx.Refuse) -> None:
        connection = self.connections.get(effect.member)
        if connection is not None:
            connection.refuse(effect.error, effect.about, effect.request)

    def _attach(self, effect: fx.Attach) -> None:
        if self.joining is not None:
            self.connections[effect.member] = self.joining
            self.joining = None

    def _close_connection(self, effect: fx.Close) -> None:
        connection = self.connections.pop(effect.member, None)
        if connection is not None:
            connection.close(effect.reason, effect.error)
        if effect.member in self.desks:
            self.desks[effect.member].detach()

    def _start_media(self, effect: fx.StartMedia) -> None:
        desk = MediaDesk(self._conference, effect.member, self._clock)
        self.desks[effect.member] = desk
        self._attach_desk(desk, effect.member)

    def _resume_media(self, effect: fx.ResumeMedia) -> None:
        self._attach_desk(self.desks[effect.member], effect.member)

    def _attach_desk(self, desk: MediaDesk, member: str) -> None:
        connection = self.connections[member]
        desk.attach(connection)
        if self._speaking is not None:
            connection.send(self._speaking)

    def _remove_media(self, effect: fx.RemoveMedia) -> None:
        # First, or a message that waits there would bring the member's media back for nobody.
        self._close_desk(effect.member)
        self._conference.remove(effect.member)

    def _close_desk(self, member: str) -> None:
        desk = self.desks.pop(member, None)
        if desk is not None:
            desk.detach()
            task = asyncio.get_running_loop().create_task(desk.close(), name="desk that closes")
            self._retired.add(task)
            task.add_done_callback(self._retired.discard)

    def _set_muted(self, effect: fx.SetMuted) -> None:
        conference = self._conference
        conference.set_muted(effect.member, effect.source, effect.muted)
        if effect.source == "screen":
            conference.set_muted(effect.member, "screen_audio", effect.muted)

    def _record_joined(self, effect: fx.RecordJoined) -> None:
        actor = Actor(_utc(effect.at))
        stay = Attendance(self._meeting_id, effect.member, actor.now, id=new_id())
        self._journal.write("joined", lambda: desk.come(self._store, actor, self._fence, stay))

    def _record_left(self, effect: fx.RecordLeft) -> None:
        actor = Actor(_utc(effect.at))
        self._journal.write(
            "left", lambda: desk.go(self._store, actor, self._fence, effect.member, effect.how)
        )

    def _report_presence(self, effect: fx.ReportPresence) -> None:
        presence = SitePresence(
            effect.site_id,
            self._meeting_id,
            effect.member,
            effect.connected,
            effect.since,
            effect.left,
        )
        self.report(effect.site_id, presence=presence)

    def _audit(self, effect: fx.Audit) -> None:
        actor, key = Actor(_utc(self._clock()), account_id=_account(effect.by)), new_id()
        self._journal.write(
            effect.action,
            lambda: desk.note(self._store, actor, self._fence, key, effect.action, effect.detail),
        )

    def _happened(self, effect: fx.Happened) -> None:
        at, epoch = _utc(effect.at), self._fence.epoch
        event = RoomEvent(self._meeting_id, epoch, effect.seq, at, effect.kind, effect.payload)
        self._journal.write(effect.kind, lambda: self._store.rooms.log(event))

    def _save_snapshot(self, effect: fx.SaveSnapshot) -> None:
        self._journal.mark_changed()

    def _meeting_live(self, effect: fx.MeetingLive) -> None:
        actor, key = Actor(_utc(self._clock())), new_id()
        self._journal.write("live", lambda: schedule.start(self._store, actor, self._fence, key))

    def _meeting_ended(self, effect: fx.MeetingEnded) -> None:
        actor, key = Actor(_utc(self._clock()), account_id=_account(effect.by)), new_id()
        self._journal.write("ended", lambda: schedule.end(self._store, actor, self._fence, key))

    # Reports -----------------------------------------------------------------------------

    def ask_hub_side(self, members: Mapping[str, Member]) -> None:
        """Have the media of all sites here measured; `report_hub_side` takes what comes.

        Where the one before was never answered, the board hears at least who is here.
        """
        if self._is_measuring:
            for site_id, presence in self._sites_here(members):
                self.report(site_id, presence=presence)
        self._is_measuring = bool(self.desks)
        if self.desks:
            self._conference.ask_measurement()

    def report_hub_side(self, measured: Measured, members: Mapping[str, Member]) -> None:
        """Every site with media here; presence goes along, for a board that missed it."""
        self._is_measuring = False
        for site_id, presence in self._sites_here(members):
            member = presence.member_id
            up, down = measured.publishers.get(member), measured.subscribers.get(member)
            side = self.desks[member].hub_side(up, down)
            self.report(site_id, presence=presence, hub_side=side)

    def _sites_here(self, members: Mapping[str, Member]) -> list[tuple[str, SitePresence]]:
        here: list[tuple[str, SitePresence]] = []
        for member_id in self.desks:
            member = members.get(member_id)
            if member is not None and member.site_id is not None and member.here:
                is_present = member.presence == "present"
                presence = SitePresence(
                    member.site_id, self._meeting_id, member.id, is_present, member.since
                )
                here.append((member.site_id, presence))
        return here

    def report(self, site_id: str, **parts: Any) -> None:
        if not self._is_abandoned:
            report = QualityReport(site_id, self._meeting_id, self._clock(), **parts)
            self._reports.publish(report)


_EFFECTS: dict[type, Callable[[Stage, Any], None]] = {
    fx.Send: Stage._send,
    fx.Broadcast: Stage._broadcast,
    fx.Refuse: Stage._refuse,
    fx.Attach: Stage._attach,
    fx.Close: Stage._close_connection,
    fx.StartMedia: Stage._start_media,
    fx.ResumeMedia: Stage._resume_media,
    fx.RemoveMedia: Stage._remove_media,
    fx.SetMuted: Stage._set_muted,
    fx.RecordJoined: Stage._record_joined,
    fx.RecordLeft: Stage._record_left,
    fx.ReportPresence: Stage._report_presence,
    fx.Audit: Stage._audit,
    fx.Happened: Stage._happened,
    fx.SaveSnapshot: Stage._save_snapshot,
    fx.MeetingLive: Stage._meeting_live,
    fx.MeetingEnded: Stage._meeting_ended,
}


def _account(member: str) -> str:
    """The account behind an officer's console; a site came by a link or for its unit."""
    return member.removeprefix("a-") if member.startswith("a-") else ""


def _utc(unix_s: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(unix_s, dt.UTC)
