"""Turns: one line after the other, whoever crowds."""

from __future__ import annotations

import asyncio

import pytest

from confhub.errors import Unavailable
from confhub.turns import Turns


class Desk:
    """Whoever is inside stays until called out."""

    def __init__(self, width: int, most: int) -> None:
        self.turns = Turns(width, most)
        self.inside: list[str] = []
        self.leave = asyncio.Event()

    async def come(self, key: str) -> None:
        async with self.turns.turn(key):
            self.inside.append(key)
            await self.leave.wait()

    async def send(self, *keys: str) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self.come(key)) for key in keys]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return tasks


async def test_lines_are_served_in_rotation() -> None:
    desk = Desk(width=1, most=100)
    tasks = await desk.send("x", *["crowd"] * 5, "one", "other")
    assert desk.inside == ["x"]
    desk.leave.set()
    await asyncio.gather(*tasks)
    assert desk.inside == ["x", "crowd", "one", "other", "crowd", "crowd", "crowd", "crowd"]


async def test_no_more_are_inside_than_there_is_room_for() -> None:
    desk = Desk(width=2, most=100)
    tasks = await desk.send(*"abcdef")
    assert desk.inside == ["a", "b"]
    assert desk.turns.waiting == 4
    desk.leave.set()
    await asyncio.gather(*tasks)
    assert desk.turns.waiting == 0


async def test_when_all_places_are_taken_the_longest_line_gives_one_up() -> None:
    desk = Desk(width=1, most=10)
    crowd = await desk.send(*["crowd"] * 12)
    with pytest.raises(Unavailable):
        await crowd[11]
    honest = await desk.send("one", "other")
    for late in crowd[9:11]:
        with pytest.raises(Unavailable):
            await late
    desk.leave.set()
    await asyncio.gather(*crowd[:9], *honest)
    assert desk.inside[:4] == ["crowd", "crowd", "one", "other"]


async def test_who_goes_away_leaves_line_and_turn_to_the_others() -> None:
    desk = Desk(width=1, most=10)
    first, gone, last = await desk.send("a", "a", "b")
    gone.cancel()
    await asyncio.wait([gone])
    first.cancel()
    last.cancel()  # just when it is called
    await asyncio.wait([first, last])
    assert desk.turns.waiting == 0
    (again,) = await desk.send("c")
    assert desk.inside == ["a", "c"]
    desk.leave.set()
    await again


async def test_a_failure_inside_gives_the_turn_back() -> None:
    turns = Turns(1, 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with turns.turn("a"):
                raise ZeroDivisionError
