"""Several media workers as one plane: each room is in one of them, and always in the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any
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
    # All others are numbers, whatever there will be.
    named: dict[str, Any] = {"drains": drains, "bad_datagrams": dict(bad)}
    names = [one.name for one in fields(RouterStats) if one.name not in named]
    totals = {name: sum(getattr(part, name) for part in parts) for name in names}
    return RouterStats(**named, **totals)
