"""Sites in processes of their own: what comes back when no hub answers, and how they end."""

from __future__ import annotations

import pytest

from rooms.load.generator import Broken, Generator
from rooms.load.plan import Seat
from tests.e2e.hub_process import free_port
from tests.rooms.load.clips import SMALL


def seats(count: int) -> list[Seat]:
    address = f"http://127.0.0.1:{free_port()}/join/nobody/socket"
    return [Seat(address) for _ in range(count)]


async def test_sites_that_cannot_join_say_why_in_the_report() -> None:
    async with Generator(seats(3), together=2, clip=SMALL) as generator:
        await generator.join(2)
        assert len((await generator.measure(0.05)).sites) == 2
        await generator.join()
        report = await generator.measure(0.05)
        await generator.leave()
    assert len(report.sites) == 3
    assert all("Cannot connect" in site.failed for site in report.sites)
    assert report.late_ms


async def test_a_process_that_ends_early_is_told_from_one_that_is_slow() -> None:
    async with Generator(seats(1), together=1, clip=SMALL) as generator:
        await generator.leave()
        with pytest.raises(Broken):
            await generator.join()
