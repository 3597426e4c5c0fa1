"""The chain in both databases: many hubs write, lines get one order, and stay whole."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import event, text

from confhub.config import Settings
from confhub.jobs import sealing
from confhub.jobs.runner import Runner
from confhub.people.actor import Actor
from confhub.store import AuditEntry, Store
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from confhub.store.trail import seals
from confhub.trail.chain import forgotten
from confhub.trail.check import FORGOTTEN
from tests.confhub.store.country import NOW

LATER = NOW + dt.timedelta(hours=1)


async def write(store: Store, count: int, since: int = 0) -> None:
    for number in range(since, since + count):
        at = NOW + dt.timedelta(seconds=number)
        await store.audit.write("act", subject=str(number), at=at)


async def sealed(store: Store, limit: int = 10_000) -> int:
    async with store.work(Actor(LATER)) as work:
        count, _ = await work.seals.seal(LATER, limit)
    return count


async def tamper(store: Store, *statements: str) -> None:
    async with store._database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def faults(store: Store) -> list[str]:
    return [one.kind for one in (await store.seals.check()).faults]


async def test_lines_get_their_place_by_time_and_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "PAGE", 3)
    assert (await store.seals.check()).is_whole
    await write(store, 3, since=4)
    await write(store, 4)
    assert [await sealed(store, 5), await sealed(store, 5), await sealed(store, 5)] == [5, 2, 0]
    await write(store, 1, since=7)
    verdict = await store.seals.check()
    assert (verdict.is_whole, verdict.lines, verdict.waiting, verdict.ends.last) == (True, 7, 1, 7)
    pages = [page async for page in store.seals.pages()]
    assert [one.line.subject for one in pages[0]] == ["0", "1", "2"]
    assert [[one.seq for one in page] for page in pages] == [[1, 2, 3], [4, 5, 6], [7]]
    assert [one.line.subject for one in await store.seals.waiting()] == ["7"]


async def test_lines_of_some_days_are_read_by_pieces_of_the_chain(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page costs the same whatever the days hold: no piece reads beyond its own numbers."""
    monkeypatch.setattr(seals, "PAGE", 2)
    monkeypatch.setattr(seals, "SPAN", 5)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, values: Any, *_rest: object) -> None:
        if "hash" in text and "audit.seq <=" in text:
            asked.append((text, values))

    await write(store, 8, since=2)
    assert await sealed(store) == 8
    await write(store, 2)  # late, and so behind them
    await write(store, 10, since=10)
    assert await sealed(store) == 12
    since, until = (NOW + dt.timedelta(seconds=second) for second in (1, 15))
    engine = store._database._aside_engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    pages = [page async for page in store.seals.pages(since, until)]
    event.remove(engine, "before_cursor_execute", note)
    found = [int(one.line.subject) for page in pages for one in page]
    assert found == [*range(2, 10), 1, *range(10, 15)]
    assert max(map(len, pages)) == 2
    assert [one async for one in store.seals.pages(until + dt.timedelta(days=1))] == []
    if store._database.is_sqlite:
        async with store._database.read() as connection:
            plan = await connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]
            )
            said = " ".join(row[-1] for row in plan)
        assert "USING INDEX ix_audit_seq (seq>? AND seq<?)" in said
        assert "TEMP B-TREE FOR ORDER BY" not in said


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE audit SET detail = 'other' WHERE seq = 4", "altered"),
        ("UPDATE audit SET at = (SELECT at FROM audit a WHERE a.seq = 1) WHERE seq = 4", "altered"),
        ("UPDATE audit SET changes = '{}' WHERE seq = 4", "altered"),
        ("UPDATE audit SET seq = 9 - seq WHERE seq IN (4, 5)", "altered"),
        ("UPDATE audit SET seq = NULL, hash = NULL WHERE seq = 4", "missing"),
        ("DELETE FROM audit WHERE seq = 4", "missing"),
        ("DELETE FROM audit WHERE seq = 1", "missing"),
        ("DELETE FROM audit WHERE seq = 8", "missing"),
        ("DELETE FROM audit", "missing"),
        ("DELETE FROM audit_chain", "head"),
        (
            "INSERT INTO audit (id, at, account_id, action, subject, detail, address, seq, hash)"
            " SELECT 'new', at, '', 'act', '', '', '', 4, hash FROM audit WHERE seq = 4",
            "repeated",
        ),
        (
            "INSERT INTO audit (id, at, account_id, action, subject, detail, address, seq, hash)"
            " SELECT 'new', at, '', 'act', '', '', '', 9, hash FROM audit WHERE seq = 8",
            "altered",
        ),
        ("UPDATE audit_chain SET first = 3", "repeated"),
    ],
)
async def test_what_is_done_to_the_table_by_hand_is_told(
    store: Store, statement: str, kind: str
) -> None:
    await write(store, 8)
    await sealed(store)
    assert await faults(store) == []
    await tamper(store, statement)
    assert kind in await faults(store)


async def test_lines_are_forgotten_from_the_front_and_the_rest_stays_whole(store: Store) -> None:
    await write(store, 8)
    await sealed(store)
    before = NOW + dt.timedelta(seconds=5)
    async with store.work(Actor(LATER)) as work:
        assert (await work.seals.forget(before, 3))[0] == 3
        count, ends = await work.seals.forget(before, 3)
        assert count == 2
        assert (await work.seals.forget(before, 3))[0] == 0
        await work.audit(FORGOTTEN, detail=forgotten(ends))
    verdict = await store.seals.check()
    assert (verdict.is_whole, verdict.ends.first, verdict.lines) == (True, 6, 3)
    await sealed(store)
    assert await faults(store) == []
    # The same by hand: nothing on record says that they were to go.
    await tamper(
        store,
        "UPDATE audit_chain SET first = 8, anchor = (SELECT hash FROM audit WHERE seq = 7)",
        "DELETE FROM audit WHERE seq < 8",
    )
    assert await faults(store) == ["anchor"]


async def test_what_waits_is_never_forgotten(store: Store) -> None:
    await write(store, 3)
    async with store.work(Actor(LATER)) as work:
        assert (await work.seals.forget(LATER, 9))[0] == 0
    assert len(await store.audit.recent(9)) == 3


async def test_a_line_that_counts_counts_no_more_once_it_is_sealed(store: Store) -> None:
    for count in (1, 2):
        await store.audit.keep("one", AuditEntry(NOW, "", "signin.failed", "", str(count), ""))
    await sealed(store)
    await store.audit.keep("one", AuditEntry(NOW, "", "signin.failed", "", "3", ""))
    assert [one.detail for one in await store.audit.recent(9)] == ["2"]
    assert await faults(store) == []


async def test_hubs_that_write_and_seal_at_once_make_one_chain(
    settings: Settings, store: Store
) -> None:
    """Nobody who writes waits for who seals, and every line has one place."""
    others = [Store(Database(database_url(settings))) for _ in range(2)]

    async def writing(hub: Store, name: str) -> None:
        for number in range(15):
            async with hub.work(Actor(NOW + dt.timedelta(seconds=number))) as work:
                await work.audit("act", subject=name, detail=str(number))

    async def sealing_lines(hub: Store) -> None:
        for _ in range(10):
            await sealed(hub, 4)

    try:
        async with asyncio.TaskGroup() as group:
            for number, hub in enumerate((store, *others)):
                group.create_task(writing(hub, str(number)))
                group.create_task(sealing_lines(hub))
    finally:
        for hub in others:
            await hub.close()
    await sealed(store)
    verdict = await store.seals.check()
    assert (verdict.is_whole, verdict.lines, verdict.waiting) == (True, 45, 0)


async def test_the_job_seals_what_is_settled_and_old_lines_piece_by_piece(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "PIECE", 3)
    await write(store, 7)
    now = NOW + dt.timedelta(seconds=6) + sealing.SETTLED
    runner = Runner(store, [sealing.SEALING], lambda: now, "hub-1")
    await runner._plan()
    while await runner.do_next():
        pass
    verdict = await store.seals.check()
    assert (verdict.is_whole, verdict.lines, verdict.waiting) == (True, 6, 1)


async def test_changed_values_are_read_as_they_were_written(store: Store) -> None:
    changes = {"title": ("Họp “giao ban”", "x\0\ud800"), "sites": (None, ["a", "b"])}
    async with store.work(Actor(NOW)) as work:
        await work.audit("act", changes=changes)
    assert (await store.audit.recent(1))[0].changes == changes
    await sealed(store)
    assert await faults(store) == []
