"""This hub's rooms: opened when somebody comes, closed when they are over or empty."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable
from zoneinfo import ZoneInfo

from aiohttp.web import WebSocketResponse

from confhub.bus import news
from confhub.bus.interface import GAP, Bus
from confhub.errors import ConfhubError, Unavailable
from confhub.meetings.ownership import Fence, Hub
from confhub.store import Store
from confhub.supervision import Supervised, supervise
from rooms.devices.devices import Devices
from rooms.devices.session import DeviceLimits, Host
from rooms.hub.adoption import Adoption, still_running
from rooms.hub.media_news import pass_on
from rooms.hub.ownership import LEASE_TTL_S, ElsewhereError, Ownership
from rooms.hub.session import Check, Limits, Session
from rooms.hub.stays import end_left_open
from rooms.media import events
from rooms.plane.interface import MediaPlane
from rooms.protocol.farewell import Translate, no_translation
from rooms.running.clock import steady_clock
from rooms.running.loop import IDLE_S, RoomLoop
from rooms.running.plan import NotHeld, read_plan
from rooms.running.reports import Reports
from rooms.running.summary import RoomSummary, summarise
from rooms.sockets.counts import Arrivals, HubCounts, Tally
from rooms.sockets.relays import RelayAccess
from rooms.state.seat import Seat, site_member

__all__ = ["ElsewhereError", "Limits", "RoomHub", "RoomSummary", "Seat"]

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 15.0
CLOSE_TIMEOUT_S = 10.0


class RoomHub:
    """`start` before the first `serve`, `close` at the end; `close` may be called twice.

    `hub` is this run of a hub, `before` the id of one that it follows, as Ownership has it.
    `media_stay`: the media plane outlives the hub, and its next run goes on with what is there.
    """

    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        media: MediaPlane,
        hub: Hub,
        before: str = "",
        lease_s: float = LEASE_TTL_S,
        clock: Callable[[], float] | None = None,
        translate: Translate = no_translation,
        limits: Limits | None = None,
        timezone: str = "Asia/Ho_Chi_Minh",
        idle_s: float = IDLE_S,
        device_limits: DeviceLimits | None = None,
        relays: RelayAccess | None = None,
        media_stay: bool = False,
    ) -> None:
        self._store = store
        self._bus = bus
        self._media = media
        self._ownership = Ownership(store, bus, hub, before=before, lease_s=lease_s)
        self._clock = clock or steady_clock()
        self._translate = translate
        self._limits = limits or Limits()
        self.relays = relays
        self._zone = ZoneInfo(timezone)
        self._idle_s = idle_s
        self._media_stay = media_stay
        self._rooms: dict[str, RoomLoop] = {}
        self._opening: dict[str, asyncio.Task[RoomLoop]] = {}
        self._sessions: set[Session] = set()
        self._tally = Tally()
        self._arrivals = Arrivals()
        host = Host(self._find_room, self._replan, media.conference, translate, self._tally)
        self.devices = Devices(dataclasses.replace(host, limits=device_limits or host.limits))
        self._ended = asyncio.Event()  # no session is left
        self._ended.set()
        self._supervised: list[Supervised] = []
        self._releases: dict[str, asyncio.Task[None]] = {}
        self._reports: Reports | None = None
        self._closing = False
        self._has_listened = False

    async def start(self) -> None:
        """Be known, listen to the schedule and keep the leases."""
        await self._ownership.start()
        self._reports = Reports(self._bus)
        self._supervised = [
            supervise(self._follow_news, "meeting news"),
            supervise(self._keep_leases, "room leases"),
            supervise(lambda: end_left_open(self._store), "stays left open"),
        ]
        if self._media_stay:
            adoption = Adoption(self._media, self._find_room)
            self._supervised.append(supervise(adoption.run, "media adopted", ends=True))

    async def serve(self, socket: WebSocketResponse, seat: Seat, check: Check) -> None:
        """Run one accepted socket until it ends.

        The socket must be made with `autoping=False`: pongs count as signs of life here.
        `check` raises Gone, Forbidden or NotSignedIn once the seat's link or session is no
        longer valid; it is called at hello, every minute, and when news of a link come.
        """
        session = Session(
            socket,
            seat,
            check,
            find_room=self._find_room,
            refresh_room=self._replan,
            translate=self._translate,
            limits=self._limits,
            tally=self._tally,
            relays=self.relays,
        )
        self._sessions.add(session)
        member = (seat.meeting_id, seat.member_id)
        began = _monotonic()
        self._arrivals.begin(member, began)
        self._ended.clear()
        if self._closing:
            session.close("stopping")
        try:
            await session.run()
        finally:
            self._sessions.discard(session)
            self._arrivals.forget(member, began)
            if not self._sessions:
                self._ended.set()

    def recheck_account(self, account_id: str) -> None:
        """Have every socket of the account asked at once whether it may still be here."""
        for session in self._sessions:
            if session.account_id == account_id:
                session.recheck()

    async def elsewhere(self, meeting_id: str) -> Hub | None:
        """The other hub that runs a meeting's room, if one does; Unavailable."""
        if meeting_id in self._rooms or meeting_id in self._opening:
            return None
        holder = await self._store.ownership.holder(meeting_id)
        return None if holder is None or holder.id == self._ownership.me.id else holder

    def recheck_accounts(self) -> None:
        """Have every signed-in socket asked: what became of accounts was not heard."""
        for session in self._sessions:
            if session.account_id:
                session.recheck()

    def live(self) -> list[RoomSummary]:
        """The rooms that are open on this hub."""
        return [summarise(loop) for loop in self._rooms.values() if loop.is_open]

    def counts(self) -> HubCounts:
        """Who is here now, and what was said since the hub began."""
        members: Counter[str] = Counter()
        for loop in self._rooms.values():
            if loop.is_open:
                members.update(m.role for m in loop.room.members.values() if m.here)
        return HubCounts(
            members=members,
            sockets=len(self._sessions),
            messages=Counter(self._tally.messages),
            rejected=Counter(self._tally.rejected),
            joins=self._arrivals.durations.copy(),
        )

    def on_media(self, event: events.MediaEvent) -> None:
        """Take an event of the media plane; never waits."""
        if isinstance(event, events.TransportChanged) and event.state == "connected":
            member = (event.room_id, event.member_id)
            self._arrivals.connect(member, event.direction, _monotonic())
        self.devices.on_media(event)
        loop = self._rooms.get(event.room_id)
        if loop is not None:
            pass_on(event, loop)

    async def close(self) -> None:
        """Tell everybody to come back, write every room, end every task; bounded in time."""
        self._closing = True
        for loop in list(self._rooms.values()):
            loop.stop()
        for session in list(self._sessions):
            if session.is_outside:
                session.close("stopping")
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await asyncio.gather(*self._opening.values(), return_exceptions=True)
                for loop in list(self._rooms.values()):
                    loop.stop()
                    await loop.wait_closed()
                await self._ended.wait()
                await self.devices.close()
                while self._releases:
                    await asyncio.wait(self._releases.values())
        except TimeoutError:
            log.error("%d rooms and %d sockets hang", len(self._rooms), len(self._sessions))
        while self._supervised:
            await self._supervised.pop().close()
        tasks = [*self._releases.values(), *self._opening.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reports is not None:
            await self._reports.close()
            self._reports = None
            await self._ownership.close()

    # Rooms --------------------------------------------------------------------------------

    async def _find_room(self, meeting_id: str) -> RoomLoop:
        """The meeting's open room; many who come at once open it once."""
        loop = self._rooms.get(meeting_id)
        if loop is not None and loop.is_open:
            return loop
        if self._closing:
            raise Unavailable
        task = self._opening.get(meeting_id)
        if task is None:
            task = asyncio.get_running_loop().create_task(
                self._open(meeting_id), name=f"open {meeting_id}"
            )
            self._opening[meeting_id] = task
            task.add_done_callback(lambda done: self._opened(meeting_id, done))
        # Whoever gave up waiting must not stop it for the others.
        return await asyncio.shield(task)

    def _opened(self, meeting_id: str, task: asyncio.Task[RoomLoop]) -> None:
        self._opening.pop(meeting_id, None)
        if not task.cancelled():
            task.exception()  # every waiter got it; nobody may have waited

    async def _open(self, meeting_id: str) -> RoomLoop:
        before = self._rooms.get(meeting_id)
        if before is not None:
            await before.wait_closed()
        if self._reports is None:
            raise Unavailable
        fence: Fence | None = None
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                if meeting_id in self._releases:  # or it would take the new lease along
                    await asyncio.wait([self._releases[meeting_id]])
                fence = await self._ownership.take(meeting_id)
                plan = await read_plan(self._store, meeting_id, self._now())
                snapshot = await self._store.rooms.snapshot(meeting_id)
                staying = await self._store.rooms.staying(meeting_id)
                last_seq = await self._store.rooms.last_seq(meeting_id)
                running = await still_running(self._media, meeting_id)
            loop = RoomLoop(
                plan,
                fence,
                snapshot,
                last_seq,
                staying,
                store=self._store,
                reports=self._reports,
                conference=self._media.conference(meeting_id),
                clock=self._clock,
                on_closed=self._forget,
                idle_s=self._idle_s,
                running=running,
                media_stay=self._media_stay,
            )
        except TimeoutError:
            self._give_back(fence)
            raise Unavailable from None
        except BaseException:
            self._give_back(fence)
            raise
        self._rooms[meeting_id] = loop
        return loop

    def _forget(self, loop: RoomLoop) -> None:
        if self._rooms.get(loop.meeting_id) is loop:
            del self._rooms[loop.meeting_id]
            self._give_back(loop.fence)

    def _give_back(self, fence: Fence | None) -> None:
        if fence is not None:
            job = self._ownership.release(fence)
            task = asyncio.get_running_loop().create_task(job, name=f"release {fence.meeting_id}")
            self._releases[fence.meeting_id] = task
            task.add_done_callback(lambda _: self._releases.pop(fence.meeting_id, None))

    async def _keep_leases(self) -> None:
        missed: set[str] = set()  # rooms that may not have heard what changed
        while True:
            await asyncio.sleep(self._ownership.renew_s)
            epochs = {key: loop.fence.epoch for key, loop in self._rooms.items()}
            lost, missed_now = await self._ownership.renew(epochs)
            for meeting_id in lost:
                loop = self._rooms.get(meeting_id)
                if loop is not None and loop.fence.epoch == epochs[meeting_id]:
                    log.error("room %s was taken by another hub", meeting_id)
                    loop.abandon()
            for meeting_id, loop in list(self._rooms.items()):
                if meeting_id in missed - missed_now or loop.is_outdated(self._clock()):
                    await self._replan(loop)
            missed = missed_now
            await self._ownership.end_silent()

    # The schedule's news ------------------------------------------------------------------

    async def _follow_news(self) -> None:
        async with self._bus.subscribe(news.MEETINGS_TOPIC) as payloads:
            if self._has_listened:  # it failed, and is made anew
                await self._read_anew()
            self._has_listened = True
            async for payload in payloads:
                if payload == GAP:
                    await self._read_anew()
                else:
                    await self._take_news(payload)

    async def _read_anew(self) -> None:
        """News were lost: ask the record about every room, and every page whether it may stay."""
        log.info("news of meetings were lost: %d rooms are read anew", len(self._rooms))
        for loop in list(self._rooms.values()):
            await self._replan(loop)
            loop.recheck(None)

    async def _take_news(self, payload: bytes) -> None:
        try:
            item = news.decode_meeting(payload)
        except ValueError as error:
            log.warning("unreadable meeting news: %s", error)
            return
        loop = self._rooms.get(item.meeting_id)
        if loop is None:
            return
        if item.what == "link_revoked":
            loop.recheck(site_member(item.site_id) if item.site_id else None)
        elif item.what == "changed":
            await self._replan(loop)
        else:
            loop.end()

    async def _replan(self, loop: RoomLoop) -> None:
        """Have the room take over what the store says now; keep its old plan if it is away."""
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                plan = await read_plan(self._store, loop.meeting_id, self._now())
        except NotHeld:
            loop.end()
        except (ConfhubError, TimeoutError) as error:
            log.warning("room %s keeps its old plan: %s", loop.meeting_id, error)
        else:
            loop.replan(plan)

    # Small things -------------------------------------------------------------------------

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._clock(), self._zone)

    async def held(self) -> set[str]:
        """Ids of the meetings whose room some hub runs, or is about to."""
        return {*self._rooms, *self._opening, *await self._ownership.held()}


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
