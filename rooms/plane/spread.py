"""Several media workers as one plane: each room is in one of them, and always in the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

from confhub.errors import Unavailable
from confhub.words.durations import Durations
from rooms.media.measurement import RouterStats
from rooms.plane.interface import Conference, MediaPlane


class SpreadPlane:
    """As MediaPlane has it. `planes` is not empty, and in the same order at each start."""

    def __init__(self, planes: Sequence[MediaPlane]) -> None:
        self._planes = planes

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(port for plane in self._planes for port in plane.ports)

    def conference(self, room_id: str) -> Conference:
        # By the room's id alone, so that the next hub finds it where this one put it.
        return self._planes[crc32(room_id.encode()) % len(self._planes)].conference(room_id)

    async def rooms(self) -> list[str]:
        found = await asyncio.gather(*(plane.rooms() for plane in self._planes))
        return [room_id for rooms in found for room_id in rooms]

    async def stats(self) -> RouterStats:
        """Of those that answer; Unavailable where none does."""
        found = await asyncio.gather(
            *(plane.stats() for plane in self._planes), return_exceptions=True
        )
        known = [stats for stats in found if isinstance(stats, RouterStats)]
        if not known:
            raise Unavailable
        return summed(known)


def summed(parts: Sequence[RouterStats]) -> RouterStats:
    """The counters of several routers as of one; `parts` is not empty."""
    drains = Durations(parts[0].drains.bounds_s)
    bad: Counter[str] = Counter()
    for part in parts:
        drains.counts = [a + b for a, b in zip(drains.counts, part.drains.counts, strict=True)]
        drains.total_s += part.drains.total_s
        bad.update(part.bad_datagrams)
    return RouterStats(
        datagrams_in=sum(part.datagrams_in for part in parts),
        datagrams_out=sum(part.datagrams_out for part in parts),
        bytes_in=sum(part.bytes_in for part in parts),
        bytes_out=sum(part.bytes_out for part in parts),
        drains=drains,
        bad_datagrams=dict(bad),
        send_drops=sum(part.send_drops for part in parts),
        srtp_failures=sum(part.srtp_failures for part in parts),
        conferences=sum(part.conferences for part in parts),
        transports=sum(part.transports for part in parts),
        connected=sum(part.connected for part in parts),
        known_addresses=sum(part.known_addresses for part in parts),
        tcp_connections=sum(part.tcp_connections for part in parts),
    )
