"""Files of thousands of units or sites: written in pieces, with others writing between them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from confhub.config import Settings
from confhub.desks.country_load import PIECE, ensure_root
from confhub.desks.registry import imports
from confhub.desks.registry.imports import import_sites, import_units
from confhub.desks.registry.writing import CUT
from confhub.errors import Conflict
from confhub.people.actor import Actor
from confhub.store import Store, open_store
from confhub.units.country import Entry, cut_province, read_2022
from confhub.units.unit import GSO_SCHEME, NewUnit
from tests.waiting import until

TODAY = dt.date(2026, 11, 24)
HOUSE = Actor(dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC))
TITLES = {"province": "Tỉnh", "district": "Huyện", "commune": "Xã"}
HEADER = "Mã,Tên,Cấp,Mã cấp trên,Hiệu lực từ,Hết hiệu lực,Mã đơn vị kế tục\n"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(Settings(data_dir=str(tmp_path)))
    await ensure_root(opened, HOUSE, TODAY)
    yield opened
    await opened.close()


@pytest.fixture
async def other(store: Store, tmp_path: Path) -> AsyncIterator[Store]:
    """Another process on the same file, as far as its locks go."""
    opened = await open_store(Settings(data_dir=str(tmp_path)))
    yield opened
    await opened.close()


def part() -> list[Entry]:
    """Three provinces, which are four pieces and a half."""
    known = read_2022()
    entries = [entry for code in ("01", "38", "40") for entry in cut_province(known, code)]
    assert len(entries) > 3 * PIECE
    return entries


def units_of(entries: Sequence[Entry]) -> bytes:
    rows = [f"{e.code},{e.name},{TITLES[e.level_id]},{e.parent_code or ''},,," for e in entries]
    return (HEADER + "\n".join(rows)).encode()


async def acts(store: Store) -> Counter[str]:
    return Counter(entry.action for entry in await store.audit.recent(20_000))


async def test_others_write_between_the_pieces_of_a_file(store: Store, other: Store) -> None:
    written = 0

    async def write() -> None:
        nonlocal written
        while True:
            await other.audit.write("signed_in", at=HOUSE.now)
            written += 1

    entries = part()
    pieces = len(entries) // PIECE
    rows = [f"S{e.code},Điểm cầu {e.name},{e.code}" for e in entries]
    sites = ("Mã điểm cầu,Tên điểm cầu,Mã đơn vị\n" + "\n".join(rows)).encode()
    writer = asyncio.create_task(write())
    try:
        assert (await import_units(store, HOUSE, units_of(entries))).new == len(entries)
        assert written >= pieces
        written = 0
        assert (await import_sites(store, HOUSE, sites)).new == len(entries)
        assert written >= pieces
        assert not writer.done(), writer
    finally:
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
    counts = await acts(store)
    assert (counts["unit.imported"], counts["site.imported"]) == (1, 1)
    assert (counts["unit.added"], counts["site.added"]) == (len(entries) + 1, len(entries))


async def test_a_file_that_is_cut_says_so_and_goes_on_from_there(
    store: Store, other: Store
) -> None:
    entries = part()
    last = entries[-1]
    data = units_of(entries)

    async def begun() -> bool:
        return await other.units.by_code(GSO_SCHEME, "01", TODAY) is not None

    async def take_its_code() -> None:
        """Somebody adds the file's last unit by hand while it comes in."""
        await until(begun)
        (top,) = await other.units.tree(None, TODAY, 0)
        codes = ((GSO_SCHEME, last.code),)
        await other.units.add_many([NewUnit("commune", "Xã thêm tay", top.id, codes)])

    taking = asyncio.create_task(take_its_code())
    with pytest.raises(Conflict, match=f"trong {len(entries)} mục") as cut:
        await import_units(store, HOUSE, data)
    await taking
    done = int(str(cut.value.values["done"]))
    assert cut.value.code == CUT
    assert done in range(PIECE, len(entries), PIECE)
    assert len(await store.units.tree(None, TODAY)) == done + 2
    assert (await acts(store))["unit.imported"] == 0

    report = await import_units(store, HOUSE, data)
    assert (report.unchanged, report.changed, report.new) == (done, 1, len(entries) - done - 1)
    tree = await store.units.tree(None, TODAY)
    assert {unit.name for unit in tree} == {"Trung ương", *(entry.name for entry in entries)}
    assert len(tree) == len(entries) + 1
    assert (await import_units(store, HOUSE, data)).unchanged == len(entries)


# A reform in one file: codes used again, new ones above old ones, ends with their successors.
BEFORE = (
    "11,Tỉnh Điện Biên,Tỉnh,,,,\n103,Huyện Nậm Pồ,Huyện,11,,,\n"
    "03187,Xã Chà Nưa,Xã,103,,,\n03166,Xã Chà Cang,Xã,103,,,\n03199,Xã Si Pa Phìn,Xã,103,,,\n"
)
REFORM = (
    "03166,Xã Mường Chà,Xã,103N,2025-07-01,,\n"
    "03199,Xã Si Pa Phìn,Xã,103N,2025-07-01,,\n"
    "103N,Huyện Mới,Huyện,11N,2025-07-01,,\n"
    "11N,Tỉnh Mới,Tỉnh,,2025-07-01,,\n"
    "03166,Xã Chà Cang,Xã,103,,2025-07-01,03166 03199\n"
    "03187,Xã Chà Nưa,Xã,103,,2025-07-01,03199\n"
    "103,Huyện Nậm Pồ,Huyện,11,,2025-07-01,103N\n"
    "11,Tỉnh Tên Khác,Tỉnh,,,,\n"
)


async def story(store: Store) -> object:
    """All units with all they were, by names where the store has ids."""
    records = await store.imports.unit_records()
    names = {record.id: record.names[0].value for record in records}
    return sorted(
        [
            (
                [(span.value, str(span.valid_from), str(span.valid_to)) for span in one.names],
                [(names[span.value], str(span.valid_from)) for span in one.parents],
                [(span.value, str(span.valid_from), str(span.valid_to)) for span in one.codes],
                (str(one.valid_from), str(one.valid_to)),
                sorted(names[successor] for successor in one.successors),
            )
            for one in records
        ]
    )


@pytest.mark.parametrize("size", [1, 2])
async def test_pieces_come_to_what_the_whole_does(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    (tmp_path / "whole").mkdir()
    whole = await open_store(Settings(data_dir=str(tmp_path / "whole")))
    try:
        await ensure_root(whole, HOUSE, TODAY)
        for data in (BEFORE, REFORM):
            assert (await import_units(whole, HOUSE, (HEADER + data).encode())).done
        wanted = await story(whole)
    finally:
        await whole.close()
    monkeypatch.setattr(imports, "PIECE", size)
    for data in (BEFORE, REFORM):
        assert (await import_units(store, HOUSE, (HEADER + data).encode())).done
    assert await story(store) == wanted
    assert (await import_units(store, HOUSE, (HEADER + REFORM).encode())).unchanged == 8
