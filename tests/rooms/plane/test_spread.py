"""Several workers, of which some do not answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rooms.plane.remote import RemotePlane
from rooms.plane.spread import SpreadPlane
from rooms.plane.worker import running_worker
from tests.rooms.media.hall import until
from tests.rooms.plane.planes import nobody, open_router


async def test_a_worker_that_is_away_hides_the_counters_of_no_other(tmp_path: Path) -> None:
    paths = [tmp_path / "0", tmp_path / "1"]
    planes = [RemotePlane(path, "hub-1", lambda _: None, path.name) for path in paths]
    spread = SpreadPlane(planes)
    async with running_worker(paths[1], "w-1", open_router, nobody):
        await planes[1].open()
        async with asyncio.timeout(1.0):
            found = await spread.stats()
        assert list(found) == ["1"]
        assert (spread.workers, spread.silent) == (("0", "1"), ("0",))
        async with running_worker(paths[0], "w-0", open_router, nobody):
            await planes[0].open()
            assert list(await spread.stats()) == ["0", "1"]
            assert spread.silent == ()
        await until(lambda: spread.silent == ("0",), "one is gone")
        for plane in planes:
            await plane.close()
