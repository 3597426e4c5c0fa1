"""A hub whose disk runs full in the middle of a meeting: nobody is put out, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from tests.e2e.hub_process import HubProcess
from tests.e2e.person import BareBrowser, Person, briefing
from tests.web.pages.people.test_resume import fields_of

TITLE = "Họp khẩn khi ổ đĩa đầy"
# The demo's record takes half a megabyte.
DISK = "size=16m"
BLOCK = bytes(4096)


@dataclass
class House:
    hub: HubProcess
    disk: Path
    secretary: Person
    commune: Person

    @property
    def _filler(self) -> Path:
        return self.disk / "filler"

    def fill(self) -> None:
        """Leave no block free."""
        with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(BLOCK):
                pass

    def free(self) -> None:
        self._filler.unlink()

    def forget_last_seen(self) -> None:
        """The next page of everybody notes anew that they were seen: a write."""
        with contextlib.closing(sqlite3.connect(self.hub.data_dir / "confhub.db")) as file, file:
            file.execute("UPDATE sign_in SET last_seen_at = '2026-01-01 00:00:00.000000'")


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Needs root."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", str(folder)]
    subprocess.run(mount, check=True, timeout=10)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=10)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The demo province on a small disk of its own, with two people signed in."""
    with small_disk(tmp_path / "disk") as disk:
        hub = HubProcess(disk / "data")
        hub.log_path = tmp_path / "hub.log"
        await asyncio.to_thread(hub.load_demo)
        await asyncio.to_thread(hub.start)
        try:
            async with BareBrowser() as one, BareBrowser() as two:
                secretary, commune = Person(hub.origin, one), Person(hub.origin, two)
                assert await secretary.sign_in("thuky.nampo") == 303
                assert await commune.sign_in("diemcau.chanua") == 303
                yield House(hub, disk, secretary, commune)
            assert "Traceback" not in hub.log(), hub.log()
        finally:
            assert await asyncio.to_thread(hub.stop) == 0


async def test_a_full_disk_stops_no_meeting_and_loses_nothing_typed(house: House) -> None:
    secretary, commune = house.secretary, house.commune
    meeting = await briefing(secretary)
    room = await commune.enter(meeting)
    house.forget_last_seen()
    house.fill()

    status, page = await secretary.schedule(TITLE)
    assert status == 503
    assert "Ổ đĩa của máy chủ đã đầy" in page
    kept = fields_of(page, "/meetings/new")
    assert kept["title"] == TITLE
    assert "POST /meetings/new not served: store_full" in house.hub.log()
    # Reading goes on, and so does the meeting, for who comes to it now too.
    for path in ("/", "/meetings", f"/meetings/{meeting}", f"/meetings/{meeting}/room"):
        assert (await secretary.get(path))[0] == 200
    assert "not noted when a sign-in was last seen" in house.hub.log()
    console = await secretary.enter(meeting)
    await room.send("hand", raised=True)
    while (await console.expect("member"))["member"]["hand_at"] is None:
        pass

    house.free()
    status, place = await secretary.post("/meetings/new", kept)
    assert status == 303, place
    assert TITLE in (await secretary.get(place))[1]
