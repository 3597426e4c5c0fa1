"""Turns: one line after the other, whoever crowds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


async def test_rows_of_a_line_are_served_in_rotation_and_the_longest_gives_up() -> None:
    turns, order = Turns(1, 6), list[str]()
    leave = asyncio.Event()

    async def come(key: str, row: str) -> None:
        async with turns.turn(key, row):
            order.append(f"{key}{row}")
            await leave.wait()

    async def send(*places: str) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(come(place[0], place[1:])) for place in places]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return tasks

    tasks = await send("x", "a1", "a1", "a1", "a1", "a2", "b1")
    (late,) = await send("a3")
    with pytest.raises(Unavailable):
        await tasks[4]
    leave.set()
    await asyncio.gather(*tasks[:4], *tasks[5:], late)
    assert order == ["x", "a1", "b1", "a2", "a3", "a1", "a1"]


async def test_a_network_that_takes_many_lines_is_one_line_where_it_begins() -> None:
    turns, order = Turns(1, 6), list[str]()
    leave = asyncio.Event()

    async def come(*place: str) -> None:
        async with turns.turn(*place):
            order.append(place[-1])
            await leave.wait()

    async def send(*places: tuple[str, ...]) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(come(*place)) for place in places]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return tasks

    crowd = [("wide", f"house{n}", f"c{n}") for n in range(7)]
    tasks = await send(*crowd)  # one is inside, six wait
    one, other = await send(("else", "one"), ("else", "other"))
    (deeper,) = await send(("else", "one", "deeper"))
    gone = [task for task in tasks if task.done()]
    assert len(gone) == 3
    for task in gone:
        with pytest.raises(Unavailable):
            await task
    leave.set()
    await asyncio.gather(*(set(tasks) - set(gone)), one, other, deeper)
    assert order[0] == "c0"
    assert order.index("one") <= 2
    assert turns.waiting == 0


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


async def test_when_every_line_has_one_the_newcomer_is_refused() -> None:
    desk = Desk(width=1, most=3)
    first, *waiting = await desk.send(*"xabc")
    (late,) = await desk.send("d")
    with pytest.raises(Unavailable):
        await late
    assert desk.turns.waiting == 3
    (gone,) = await desk.send("a")
    with pytest.raises(Unavailable):
        await gone
    desk.leave.set()
    await asyncio.gather(first, *waiting)
    assert desk.inside == list("xabc")
    await asyncio.gather(*await desk.send("e"))


async def test_who_gave_up_a_place_may_be_cancelled_too() -> None:
    desk = Desk(width=1, most=2)
    first, kept, given_up = await desk.send("x", "a", "a")
    newcomer = asyncio.create_task(desk.come("b"))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    assert desk.turns.waiting == 2
    desk.leave.set()
    await asyncio.gather(first, kept, newcomer)
    assert desk.inside == ["x", "a", "b"]


@given(
    width=st.integers(1, 3),
    most=st.integers(0, 4),
    acts=st.lists(
        st.tuples(
            st.sampled_from(["join", "cancel", "release"]),
            st.integers(0, 7),
            st.integers(0, 2),  # how far the loop goes on before the next act
        ),
        max_size=40,
    ),
)
def test_nobody_waits_while_a_place_is_free(
    width: int, most: int, acts: Sequence[tuple[str, int, int]]
) -> None:
    asyncio.run(_play(width, most, acts))


# Lines within lines, and some that end where others go on.
PLACES = ("a", "b"), ("a", "b", "c"), ("a", "b", "d"), ("a",), ("e",), ("e", "f"), (), ("g",)


async def _play(width: int, most: int, acts: Sequence[tuple[str, int, int]]) -> None:
    turns = Turns(width, most)
    here: dict[asyncio.Task[None], asyncio.Event] = {}
    inside: set[asyncio.Event] = set()

    async def come(place: tuple[str, ...], leave: asyncio.Event) -> None:
        async with turns.turn(*place):
            inside.add(leave)
            try:
                await leave.wait()
            finally:
                inside.remove(leave)

    async def settle(rounds: int) -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)

    for act, which, rounds in acts:
        if act == "join":
            leave = asyncio.Event()
            here[asyncio.create_task(come(PLACES[which], leave))] = leave
        elif here:
            task = list(here)[which % len(here)]
            if act == "cancel":
                task.cancel()
            else:
                here[task].set()
        await settle(rounds)
        assert len(inside) <= width
        assert turns.waiting <= most
    await settle(10)
    assert len(inside) == width or not turns.waiting
    for _ in here:
        for leave in here.values():
            leave.set()
        await settle(4)
    assert all(task.done() for task in here)
    told = await asyncio.gather(*here, return_exceptions=True)
    assert {type(one) for one in told} <= {type(None), Unavailable, asyncio.CancelledError}
    assert turns.waiting == 0
    async with asyncio.timeout(5), turns.turn("next"):
        pass
