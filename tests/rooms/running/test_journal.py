"""The journal writes in order, waits for a store that is away, and ends in bounded time."""

from __future__ import annotations

import asyncio

from confhub.errors import Conflict, Unavailable
from confhub.meetings.ownership import RoomTaken
from rooms.running.journal import Journal
from tests.faults import throw_into
from tests.rooms.house import until


async def test_a_store_that_is_away_delays_records_and_loses_none() -> None:
    written: list[str] = []
    failures = [Unavailable(), Unavailable()]
    saved: list[bytes] = []

    async def save(state: bytes) -> None:
        saved.append(state)

    async def first() -> None:
        if failures:
            raise failures.pop()
        written.append("first")

    async def refused() -> None:
        raise Conflict

    async def broken() -> None:
        raise RuntimeError("a defect of ours")

    async def last() -> None:
        written.append("last")

    journal = Journal("m1", lambda: b"state", save)
    for job in (first, refused, broken, last):
        journal.write(job.__name__, job)
    await until(lambda: written == ["first", "last"])
    await journal.close()


async def test_many_changes_make_few_snapshots_and_the_last_is_kept() -> None:
    saved: list[bytes] = []
    state = [0]

    async def save(data: bytes) -> None:
        saved.append(data)

    journal = Journal("m1", lambda: str(state[0]).encode(), save)
    for number in range(1, 51):
        state[0] = number
        journal.mark_changed()
        await asyncio.sleep(0)
    await journal.close()
    assert len(saved) <= 2
    assert saved[-1] == b"50"


async def test_a_fault_while_a_snapshot_waits_for_its_turn_loses_it_not() -> None:
    saved: list[bytes] = []
    state = b"first"

    async def save(data: bytes) -> None:
        saved.append(data)

    journal = Journal("m1", lambda: state, save)
    journal.mark_changed()
    await until(lambda: saved)
    state = b"second"
    journal.mark_changed()
    await throw_into(journal._task)
    await until(lambda: saved[-1] == b"second")
    await journal.close()


async def test_a_room_that_was_taken_is_not_written_any_more() -> None:
    written: list[str] = []
    taken: list[bool] = []

    async def save(state: bytes) -> None:
        written.append("snapshot")

    async def refused() -> None:
        raise RoomTaken

    async def late() -> None:
        written.append("late")

    journal = Journal("m1", lambda: b"state", save, lambda: taken.append(True))
    journal.write("refused", refused)
    journal.write("late", late)
    journal.mark_changed()
    await until(lambda: taken)
    journal.write("late", late)
    journal.mark_changed()
    await journal.close()
    assert (written, taken) == ([], [True])
