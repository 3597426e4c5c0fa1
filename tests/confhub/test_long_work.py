"""Work that takes long, in the lines of who asks."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from confhub.errors import BadInput, Unavailable
from confhub.long_work import MOST_OF_ONE, MOST_WAITING, beside, in_turn
from confhub.turns import ASKER, asking
from tests.waiting import until


async def test_it_is_done_elsewhere_and_its_error_is_told_here() -> None:
    def fails() -> None:
        raise BadInput

    assert await in_turn(threading.get_ident) != threading.get_ident()
    with pytest.raises(BadInput):
        await in_turn(fails)


async def test_few_wait_for_their_turn_and_the_rest_is_refused() -> None:
    gate, begun = threading.Event(), threading.Event()
    order: list[int] = []

    def work(number: int) -> None:
        begun.set()
        gate.wait(30)
        order.append(number)

    waiting = [asyncio.create_task(in_turn(work, number)) for number in range(MOST_WAITING)]
    await asyncio.to_thread(begun.wait, 30)
    with pytest.raises(Unavailable):
        await in_turn(work, 99)
    gate.set()
    await asyncio.gather(*waiting)
    assert order == list(range(MOST_WAITING))


async def test_one_account_leaves_others_a_place() -> None:
    gate, begun = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        gate.wait(30)

    with asking("account", "a"):
        waiting = [asyncio.create_task(in_turn(work)) for _ in range(MOST_OF_ONE)]
    await asyncio.to_thread(begun.wait, 30)
    with asking("account", "a"), pytest.raises(Unavailable):
        await in_turn(work)
    with asking("account", "b"):
        waiting.append(asyncio.create_task(in_turn(work)))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*waiting)
    with asking("account", "a"):
        await in_turn(work)


async def test_who_leaves_keeps_the_place_until_the_thread_has_passed_the_work() -> None:
    gate, begun = threading.Event(), threading.Event()
    done: list[int] = []

    def work(number: int) -> None:
        begun.set()
        gate.wait(30)
        done.append(number)
        raise BadInput  # which nobody hears

    waiting = [asyncio.create_task(in_turn(work, number)) for number in range(MOST_WAITING)]
    await asyncio.to_thread(begun.wait, 30)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert all(task.cancelled() for task in waiting)
    with pytest.raises(Unavailable):
        await in_turn(threading.get_ident)
    gate.set()
    await until(_is_let_in)
    assert done == [0]


async def _is_let_in() -> bool:
    with contextlib.suppress(Unavailable):
        await in_turn(threading.get_ident)
        return True
    return False


async def test_what_a_page_needs_is_done_elsewhere_for_who_asks() -> None:
    def fails() -> None:
        raise BadInput

    assert await beside(threading.get_ident) != threading.get_ident()
    assert await beside("{}-{b}".format, 1, b=2) == "1-2"
    with asking("account", "a"):
        assert await beside(ASKER.get) == ("account", "a")
    with pytest.raises(BadInput):
        await beside(fails)


async def test_a_crowd_of_one_delays_its_own() -> None:
    gate, order = threading.Event(), list[str]()

    def work(who: str) -> None:
        gate.wait(30)
        order.append(who)

    def ask(who: str) -> asyncio.Task[None]:
        with asking("account", who):
            return asyncio.create_task(beside(work, who))

    crowd = [ask("a") for _ in range(20)]
    await asyncio.sleep(0)  # each stands in its line
    other = ask("b")
    await asyncio.sleep(0)
    # The program's own threads are free meanwhile.
    assert await asyncio.to_thread(gate.is_set) is False
    gate.set()
    await asyncio.gather(*crowd, other)
    assert order.index("b") <= 4  # behind two that were begun, and two turns
