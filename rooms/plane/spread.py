"""Several media workers as one plane: each room is in one of them, and always in the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from zlib import crc32

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

    async def stats(self) -> dict[str, RouterStats]:
        found = await asyncio.gather(*(plane.stats() for plane in self._planes))
        return {name: stats for each in found for name, stats in each.items()}

    @property
    def silent(self) -> tuple[str, ...]:
        return tuple(name for plane in self._planes for name in plane.silent)

    @property
    def workers(self) -> tuple[str, ...]:
        return tuple(name for plane in self._planes for name in plane.workers)
