"""One room's loop: takes typed actions one by one, asks the core, has the effects carried out.

The room's state is changed from here only. Nothing in the loop waits for a socket, the store,
the bus or a handshake: those have tasks of their own (Outbox, Journal, Reports, MediaDesk).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from confhub.errors import ConfhubError, TooMany, Unavailable
from confhub.meetings.ownership import Fence
from confhub.quality import Digest
from confhub.store import Store
from confhub.supervision import supervise
from rooms.media.events import Measured, Slot
from rooms.media.running import RunningRoom
from rooms.media.source import Source
from rooms.plane.interface import Conference
from rooms.protocol import messages as p
from rooms.protocol.digest import clamp_digest
from rooms.running import actions
from rooms.running.actions import Action
from rooms.running.audience import Audience, Listener
from rooms.running.media_desk import MediaMessage
from rooms.running.reports import Reports
from rooms.running.stage import Stage
from rooms.sockets.connection import Connection
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.room import Room
from rooms.state.seat import Plan
from rooms.state.snapshot import encode_room, open_room

log = logging.getLogger(__name__)

# Actions that members cause; at 30 a second each (rate.py) this is a second of 130 sites.
MAX_ACTIONS = 4096
# People who all drop out at once come back within minutes, and then find the room open.
IDLE_S = 120.0
HUB_SIDE_EVERY_S = 5.0  # the interval of the link board
# A fault that stays is met again at once; the room's members then find it opened anew.
MOST_FAILURES = 3


class RoomLoop:
    """Runs from its making until `wait_closed` returns; `on_closed` is called once then.

    `last_seq` is the number of the last act in the room's log, which may be newer than the
    snapshot; `running` what went on of its media before this hub began. `media_stay`: they go on
    when the hub stops, for the next one. NewerSnapshot if a later version of confhub wrote that.
    """

    def __init__(
        self,
        plan: Plan,
        fence: Fence,
        snapshot: bytes | None,
        last_seq: int = 0,
        staying: Collection[str] | None = None,
        *,
        store: Store,
        reports: Reports,
        conference: Conference,
        clock: Callable[[], float],
        on_closed: Callable[[RoomLoop], None],
        idle_s: float = IDLE_S,
        running: RunningRoom | None = None,
        media_stay: bool = False,
    ) -> None:
        now = clock()
        connected = () if running is None else running.parties()
        self.meeting_id = plan.meeting_id
        self.fence = fence
        self.opened_at = now
        self._room, opening = _open(plan, snapshot, last_seq, staying, connected, now)
        self._stage = Stage(
            fence,
            store=store,
            reports=reports,
            conference=conference,
            clock=clock,
            snapshot=lambda: encode_room(self._room),
            on_taken=self.abandon,
            seq=lambda: self._room.seq,
        )
        self._audience = Audience()
        self._clock = clock
        self._on_closed = on_closed
        self._idle_s = idle_s
        self._idle_since: float | None = now
        self._report_at = now
        self._actions: deque[Action] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._keeps_media = False
        self._media_stay = media_stay
        self._opening = opening
        self._running = running
        self._task = supervise(
            self._run,
            "room",
            plan.meeting_id,
            ends=True,
            most_failures=MOST_FAILURES,
            at_end=self._close,
        )

    # For sessions and the hub -------------------------------------------------------------

    @property
    def room(self) -> Room:
        """To look at, never to change."""
        return self._room

    @property
    def is_open(self) -> bool:
        return not self._stopping and not self._task.done()

    async def join(self, connection: Connection, presented: str) -> None:
        """Give the connection its seat; NotFound, or Unavailable while the room closes.

        Whatever happens here, the caller says `lose` when its socket ends.
        """
        if not self.is_open:
            raise Unavailable
        joined = asyncio.get_running_loop().create_future()
        self._post(actions.Join(connection, presented, joined))
        await joined

    def say(self, connection: Connection, message: p.ClientMessage) -> None:
        """Post what a member said; TooMany when the room does not keep up."""
        if len(self._actions) >= MAX_ACTIONS:
            raise TooMany(retry_after_s=1)
        self._post(actions.Said(connection, message))

    def say_media(self, connection: Connection, message: MediaMessage) -> None:
        """Hand a member's media message to its desk; TooMany when that does not keep up."""
        desk = self._stage.desks.get(connection.seat.member_id)
        if desk is not None and self._stage.is_present(connection):
            desk.post(message)

    def take_digest(self, connection: Connection, digest: Digest) -> None:
        """Pass a site's account of its link to the board; officers' consoles are no sites."""
        site_id = connection.seat.site_id
        if site_id is not None and self._stage.is_present(connection):
            self._stage.report(site_id, digest=clamp_digest(digest))

    def lose(self, connection: Connection) -> None:
        """The socket is gone."""
        self._post(actions.Lost(connection))

    def revoke(self, connection: Connection) -> None:
        """The socket's link or session is no longer valid."""
        self._post(actions.Revoke(connection))

    def is_outdated(self, now: float) -> bool:
        """Whether the next sitting of its meeting has begun since it was planned."""
        return self._room.plan.next_at <= now

    def replan(self, plan: Plan) -> None:
        self._post(actions.Replan(plan))

    def end(self) -> None:
        self._post(actions.End())

    def recheck(self, member: str | None) -> None:
        """Ask the sockets (of one member) whether they may still be here."""
        for connection in list(self._stage.connections.values()):
            if member in (None, connection.seat.member_id):
                connection.recheck()
        for listener in self._audience.listeners(member):
            listener.recheck()

    def play(self, listener: Listener) -> None:
        """A device plays the meeting from now on; Unavailable while the room closes."""
        if not self.is_open:
            raise Unavailable
        self._audience.add(listener, self._room)
        self._count_players(listener.wish.at)

    def stop_playing(self, listener: Listener) -> None:
        self._audience.remove(listener)
        self._count_players(listener.wish.at)

    def players(self, at: str) -> int:
        """How many devices play the meeting at this member's site."""
        return len(self._audience.listeners(at))

    def _count_players(self, member: str) -> None:
        self._post(actions.PlayersAre(member, self.players(member)))

    def stop(self) -> None:
        """Tell everybody to come back later, and close."""
        self._post(actions.Stop())

    def abandon(self) -> None:
        """Another hub runs the room by now: send everybody there, and write nothing."""
        self._post(actions.Abandon())

    async def wait_closed(self) -> None:
        """Until everything of this room has ended and is written."""
        await self._task.wait()

    # From the media plane; called from its loop, never waiting ------------------------------

    def ask_offer(self, member: str) -> None:
        desk = self._stage.desks.get(member)
        if desk is not None:
            desk.ask_offer()

    def set_slots(self, member: str, slots: tuple[Slot, ...]) -> None:
        desk = self._stage.desks.get(member)
        if desk is not None:
            desk.set_slots(slots)

    def set_layers(self, member: str, source: Source, rids: tuple[str, ...]) -> None:
        desk = self._stage.desks.get(member)
        if desk is not None:
            desk.set_layers(source, rids)

    def set_speaking(self, speakers: tuple[str, ...], dominant: str | None) -> None:
        self._stage.set_speaking(p.Speaking(list(speakers), dominant))
        self._audience.dominant = dominant
        self._audience.direct(self._room)

    def take_measurement(self, measured: Measured) -> None:
        self._stage.report_hub_side(measured, self._room.members)

    def lose_media(self) -> None:
        """All media of the room are gone."""
        self._post(actions.MediaGone())

    def report_soon(self) -> None:
        """A connection came up or broke: the board hears of it before the next interval."""
        self._report_at = min(self._report_at, self._clock())
        self._wake.set()

    # The loop -----------------------------------------------------------------------------

    def _post(self, action: Action) -> None:
        self._actions.append(action)
        self._wake.set()

    async def _run(self) -> None:
        opening, self._opening = self._opening, []
        self._stage.carry_out(opening)
        running, self._running = self._running, None
        if running is not None:
            self._stage.adopt(running, self._room.members)
        while not self._stopping:
            while self._actions and not self._stopping:
                self._act(self._actions.popleft())
                self._stopping = self._stopping or self._room.ended
            self._keep_time()
            if not self._stopping and not self._actions:
                await self._sleep()

    async def _sleep(self) -> None:
        """Until there is something to do."""
        deadlines = [self._report_at]
        if (due := self._room.next_deadline(self._clock())) is not None:
            deadlines.append(due)
        if self._idle_since is not None:
            deadlines.append(self._idle_since + self._idle_s)
        self._wake.clear()
        try:
            async with asyncio.timeout(max(0.0, min(deadlines) - self._clock())):
                await self._wake.wait()
        except TimeoutError:
            return

    def _act(self, action: Action) -> None:
        try:
            _ACTIONS[type(action)](self, action, self._clock())
        except Exception:
            # A fault in one action must not send the whole meeting home.
            log.exception("room %s: %s failed", self.meeting_id, type(action).__name__)
            if isinstance(action, actions.Join) and not action.joined.done():
                action.joined.set_exception(Unavailable())

    def _keep_time(self) -> None:
        now = self._clock()
        self._stage.carry_out(self._room.expire(now))
        self._audience.direct(self._room)
        if now >= self._report_at:
            self._report_at = now + HUB_SIDE_EVERY_S
            self._stage.ask_hub_side(self._room.members)
        if len(self._audience) or any(m.here for m in self._room.members.values()):
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        elif now >= self._idle_since + self._idle_s:
            self._stopping = True

    async def _close(self) -> None:
        self._stopping = True
        if not self._room.ended:
            self._stage.carry_out(self._room.stop(self._clock()))
        for action in self._actions:
            if isinstance(action, actions.Join) and not action.joined.done():
                action.joined.set_exception(Unavailable())
        self._actions.clear()
        self._audience.close()
        await self._stage.close(keeps_media=self._keeps_media)
        self._on_closed(self)

    # Actions ------------------------------------------------------------------------------

    def _join(self, action: actions.Join, now: float) -> None:
        if action.joined.cancelled():
            return
        self._stage.joining = action.connection
        try:
            fresh = secrets.token_urlsafe(16)  # 128 bits: nobody guesses a page's token
            seat = action.connection.seat
            effects = self._room.join(seat, action.presented, fresh, now, action.connection.spoken)
        except ConfhubError as error:
            action.joined.set_exception(error)
            return
        self._stage.carry_out(effects)
        action.joined.set_result(None)

    def _said(self, action: actions.Said, now: float) -> None:
        if self._stage.is_present(action.connection):
            member = action.connection.seat.member_id
            self._stage.carry_out(self._room.handle(member, action.message, now))

    def _lost(self, action: actions.Lost, now: float) -> None:
        if self._stage.is_present(action.connection):
            self._stage.forget(action.connection)
            self._stage.carry_out(self._room.lose(action.connection.seat.member_id, now))

    def _revoke(self, action: actions.Revoke, now: float) -> None:
        if self._stage.is_present(action.connection):
            self._stage.carry_out(self._room.revoke(action.connection.seat.member_id, now))

    def _players_are(self, action: actions.PlayersAre, now: float) -> None:
        self._stage.carry_out(self._room.set_players(action.member, action.count))

    def _replan(self, action: actions.Replan, now: float) -> None:
        self._stage.carry_out(self._room.replan(action.plan, now))

    def _end(self, action: actions.End, now: float) -> None:
        self._stage.carry_out(self._room.end(now))

    def _stop(self, action: actions.Stop, now: float) -> None:
        self._stopping = True
        self._keeps_media = self._media_stay

    def _media_gone(self, action: actions.MediaGone, now: float) -> None:
        log.error("room %s: all media are gone and are built anew", self.meeting_id)
        self.set_speaking((), None)
        self._stage.carry_out(self._room.lose_media(now))

    def _abandon(self, action: actions.Abandon, now: float) -> None:
        self._stage.abandon()
        self._stopping = True


_ACTIONS: dict[type, Callable[[RoomLoop, Any, float], None]] = {
    actions.Join: RoomLoop._join,
    actions.Said: RoomLoop._said,
    actions.Lost: RoomLoop._lost,
    actions.Revoke: RoomLoop._revoke,
    actions.PlayersAre: RoomLoop._players_are,
    actions.Replan: RoomLoop._replan,
    actions.End: RoomLoop._end,
    actions.Stop: RoomLoop._stop,
    actions.Abandon: RoomLoop._abandon,
    actions.MediaGone: RoomLoop._media_gone,
}


def _open(
    plan: Plan,
    snapshot: bytes | None,
    last_seq: int,
    staying: Collection[str] | None,
    connected: Collection[str],
    now: float,
) -> tuple[Room, list[Effect]]:
    try:
        return open_room(plan, snapshot, now, last_seq, staying, connected)
    except ValueError:
        log.exception("room %s starts without its snapshot", plan.meeting_id)
        room, effects = open_room(plan, None, now, last_seq)
        return room, [*effects, *_keep(room, snapshot or b"", now)]


def _keep(room: Room, snapshot: bytes, now: float) -> list[Effect]:
    """What could not be read will be written over: whoever mends it finds it in the log."""
    room.seq += 1
    state = {"state": snapshot.decode("utf-8", "replace")}
    return [fx.Happened(room.seq, now, "unreadable_snapshot", state)]
