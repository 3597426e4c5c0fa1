"""Which rooms this hub runs: leases on the bus say so soon, the fence in the record for good.

A hub is taken for dead only when it has been silent in both for a lease's time, so neither an
empty Redis nor a database that is away lets another hub into a room that lives. Should a hub have
slept so long (a machine that was paused), the fence keeps its old state out of the record.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping

from confhub.bus.interface import Bus
from confhub.errors import N_, ConfhubError, Unavailable
from confhub.identity import new_id
from confhub.meetings.ownership import Fence, Hub, name_of
from confhub.store import Store

log = logging.getLogger(__name__)

# A hub that dies is missed for at most this long before another may take its rooms; three
# renewals fit in, so one slow answer of the bus costs nothing.
LEASE_TTL_S = 30.0
RENEWALS = 3
HOLDERS_TABLE = "room_hub"  # which hub runs a room, for hubs of an older version
# Renewals of so many rooms at once: as many as the bus has connections.
AT_ONCE = 32
BOOT_LENGTH = 8  # 40 random bits tell the runs of one name apart


class ElsewhereError(Unavailable):
    """Another hub, `holder`, runs this meeting's room."""

    code = "other_hub"
    message = N_("Cuộc họp này đang chạy trên máy chủ %(hub)s. Xin thử lại sau ít phút.")

    def __init__(self, holder: str) -> None:
        super().__init__(values={"hub": name_of(holder)})
        self.holder = holder


def new_hub(name: str, address: str = "", relay: str = "") -> Hub:
    """This run of the hub of that name."""
    return Hub(name, new_id()[:BOOT_LENGTH], address.rstrip("/"), relay.rstrip("/"))


class Ownership:
    """`before` is the id of a hub that this one follows, and that is known to be dead."""

    def __init__(
        self, store: Store, bus: Bus, me: Hub, *, before: str = "", lease_s: float = LEASE_TTL_S
    ) -> None:
        self.me = me
        self._store = store
        self._bus = bus
        self._before = before
        self._lease_s = lease_s
        self.renew_s = lease_s / RENEWALS
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        """Free what the hub before this one left behind, and be known."""
        try:
            if self._before:
                await self._store.ownership.leave(self._before)
            await self._store.ownership.renew(self.me, self._lease_s)
            for other in await self._store.ownership.namesakes(self.me):
                log.warning(
                    "another hub (%s) is named %s too: give each a hub_name of its own, "
                    "or nobody can tell them apart",
                    other,
                    self.me.name,
                )
        except ConfhubError as error:
            log.warning("this hub is not on record yet: %s", error)

    async def take(self, meeting_id: str) -> Fence:
        """The fence of a room that no other hub runs; ElsewhereError, NotFound, Unavailable."""
        if not await self._lease(meeting_id):
            entries = await self._bus.entries(HOLDERS_TABLE)
            raise ElsewhereError(entries.get(meeting_id, b"?").decode())
        taken: Fence | str = ""
        try:
            taken = await self._store.ownership.take(meeting_id, self.me, self._lease_s)
        finally:
            if not isinstance(taken, Fence):
                await self._let_go(meeting_id)
        if isinstance(taken, Fence):
            log.info("room %s is run here, epoch %d", meeting_id, taken.epoch)
            return taken
        raise ElsewhereError(taken)

    async def renew(self, rooms: Mapping[str, int]) -> tuple[set[str], set[str]]:
        """Keep these rooms, each with its epoch: those that another hub has taken for good, and
        those of which the bus or the record was not told."""
        try:
            async with asyncio.timeout(self.renew_s):
                on_record = await self._store.ownership.renew(self.me, self._lease_s)
        except (ConfhubError, TimeoutError, OSError) as error:
            # Losing the record or the bus is no reason to send a meeting home.
            log.warning("this hub's rooms are not renewed on record: %s", error)
            return set(), await self._renew_leases(rooms) | set(rooms)
        lost = {key for key, epoch in rooms.items() if on_record.get(key) != epoch}
        return lost, await self._renew_leases(rooms.keys() - lost)

    async def end_silent(self) -> None:
        """End what hubs that sleep hold in the database; where it fails, the next look does."""
        try:
            async with asyncio.timeout(self.renew_s):
                if silent := await self._store.end_silent():
                    log.warning("%d database sessions of hubs that sleep were ended", silent)
        except (ConfhubError, TimeoutError, OSError) as error:
            log.warning("no look for database sessions of hubs that sleep: %s", error)

    async def _renew_leases(self, rooms: Iterable[str]) -> set[str]:
        """All at once, a few at a time, within a renewal's time; the rooms where it failed."""
        missed = dict.fromkeys(rooms, "no time was left")

        async def renew(meeting_id: str) -> None:
            async with self._turns:
                try:
                    if await self._lease(meeting_id):
                        del missed[meeting_id]
                    else:
                        # Where Redis was emptied another hub may have asked first. It gives the
                        # lease back: the record says that the room is run here.
                        missed[meeting_id] = "held elsewhere for a moment"
                except (ConfhubError, OSError) as error:
                    missed[meeting_id] = str(error)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.renew_s):
                await asyncio.gather(*(renew(meeting_id) for meeting_id in list(missed)))
        if missed:
            causes = ", ".join(sorted(set(missed.values())))
            log.warning("leases of %d rooms not renewed: %s", len(missed), causes)
        return set(missed)

    async def release(self, fence: Fence) -> None:
        """The room has closed and is written: the next hub may take it at once."""
        try:
            async with asyncio.timeout(self.renew_s):
                await self._store.ownership.release(fence)
        except (ConfhubError, TimeoutError, OSError) as error:
            log.warning("room %s not given back on record: %s", fence.meeting_id, error)
        await self._let_go(fence.meeting_id)

    async def close(self) -> None:
        """This hub ends, and holds nothing any more."""
        try:
            async with asyncio.timeout(self.renew_s):
                await self._store.ownership.leave(self.me.id)
        except (ConfhubError, TimeoutError, OSError) as error:
            log.warning("this hub's end is not on record: %s", error)

    async def held(self) -> set[str]:
        """Meetings whose room some living hub runs."""
        held = set(await self._store.ownership.held())
        with contextlib.suppress(Unavailable):
            held |= set(await self._bus.entries(HOLDERS_TABLE))
        return held

    async def _lease(self, meeting_id: str) -> bool:
        lease = _lease_of(meeting_id)
        taken = await self._bus.acquire(lease, self.me.id, self._lease_s)
        if not taken and self._before:
            await self._bus.release(lease, self._before)
            taken = await self._bus.acquire(lease, self.me.id, self._lease_s)
        if taken:
            name = self.me.id.encode()
            await self._bus.put(HOLDERS_TABLE, meeting_id, name, self._lease_s)
        return taken

    async def _let_go(self, meeting_id: str) -> None:
        try:
            async with asyncio.timeout(self.renew_s):
                await self._bus.release(_lease_of(meeting_id), self.me.id)
                await self._bus.drop(HOLDERS_TABLE, meeting_id, self.me.id.encode())
        except (ConfhubError, TimeoutError, OSError) as error:
            log.warning("lease of room %s not given back: %s", meeting_id, error)


def _lease_of(meeting_id: str) -> str:
    return f"room:{meeting_id}"
