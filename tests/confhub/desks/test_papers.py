"""Papers come, are shown, opened, replaced and removed; both databases, and what is swept."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from confhub.config import Settings
from confhub.desks.papers import keeping, uploading
from confhub.desks.papers.uploading import Looked
from confhub.errors import NotFound, TooLarge
from confhub.jobs import sweeps
from confhub.jobs.runner import Runner
from confhub.meetings.meeting import JoinLink
from confhub.papers.choice import vault_of
from confhub.papers.paper import Limits, Opening, Shown, TakenIn, Upload
from confhub.people.actor import Actor, of_account
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, account, meeting, site

DAY = dt.timedelta(days=1)
LIMITS = Limits(1000, 2500, 4000, ("pdf",))
DATA = b"%PDF-1.7 noi dung"
LOOKED = Looked(hashlib.sha256(DATA).hexdigest(), "pdf", is_scanned=False)


@pytest.fixture
async def clerk(store: Store, country: Country) -> Actor:
    clerk = account(country.province)
    await store.accounts.add(clerk, "hash")
    rooms = [site(country.province, "a"), site(country.muong_cha, "b")]
    await store.sites.add_many(rooms)
    await store.meetings.add(meeting(country.province, tuple(room.id for room in rooms)))
    return of_account(clerk, NOW)


async def begun(store: Store, clerk: Actor, upload_id: str = "upload-1", **more: object) -> Upload:
    upload = Upload(upload_id, "meeting-1", "", "báo cáo.pdf", 1000, Shown(), NOW)
    upload = dataclasses.replace(upload, **more)  # type: ignore[arg-type]
    return (await uploading.begin(store, clerk, upload, LIMITS)).upload


async def link_of(store: Store, site_id: str) -> JoinLink:
    planned = await store.meetings.get("meeting-1")
    links = await store.links.ensure(planned, planned.ends_at)
    return next(one for one in links if one.site_id == site_id)


async def test_a_file_that_is_announced_anew_counts_once(store: Store, clerk: Actor) -> None:
    done = await begun(store, clerk, "upload-0")
    await uploading.finish(store, clerk, done.id, LOOKED)
    for one in range(1, 5):  # the answers are lost
        await begun(store, clerk, f"upload-{one}")
    assert await store.papers.used("meeting-1") == (2, 2000)

    with pytest.raises(NotFound):
        await store.papers.upload("upload-1")
    assert (await store.papers.upload("upload-0")).version_id
    with pytest.raises(TooLarge):  # another one
        await begun(store, clerk, "upload-9", name="khac.pdf")


async def test_two_hubs_that_finish_at_once_make_one_version(store: Store, clerk: Actor) -> None:
    upload = await begun(store, clerk)
    finishing = [uploading.finish(store, clerk, upload.id, LOOKED) for _ in range(3)]
    assert len(set(await asyncio.gather(*finishing))) == 1
    assert len(await store.papers.of_meeting("meeting-1")) == 1


async def test_what_an_account_sends_in_a_day_is_bounded_whatever_becomes_of_it(
    store: Store, clerk: Actor
) -> None:
    for one in range(4):
        done = await begun(store, clerk, f"upload-{one}", name=f"{one}.pdf")
        version = await uploading.finish(store, clerk, done.id, LOOKED)
        (paper,) = await store.papers.of_meeting("meeting-1")
        assert paper.latest.id == version
        await keeping.remove(store, clerk, "meeting-1", paper.id)
    with pytest.raises(TooLarge, match="24 giờ"):
        await begun(store, clerk, "upload-5")
    later = dataclasses.replace(clerk, now=NOW + DAY + dt.timedelta(seconds=1))
    await begun(store, later, "upload-6")


async def test_an_upload_becomes_a_paper_once(store: Store, clerk: Actor) -> None:
    upload = await begun(store, clerk)
    first = await uploading.finish(store, clerk, upload.id, LOOKED)
    assert await uploading.finish(store, clerk, upload.id, LOOKED) == first
    (paper,) = await store.papers.of_meeting("meeting-1")
    assert [one.id for one in paper.versions] == [first]
    acts = [one.action for one in await store.audit.recent(9)]
    assert acts.count("paper.added") == 1
    with pytest.raises(TakenIn):
        await uploading.give_up(store, clerk, upload.id)
    assert await uploading.finish(store, clerk, upload.id, LOOKED) == first


async def test_what_is_on_its_way_counts(store: Store, clerk: Actor) -> None:
    await begun(store, clerk, "upload-1")
    await uploading.finish(store, clerk, "upload-1", LOOKED)
    await begun(store, clerk, "upload-2")
    with pytest.raises(TooLarge):
        await begun(store, clerk, "upload-3", name="khac.pdf")
    await uploading.give_up(store, clerk, "upload-2")
    await begun(store, clerk, "upload-3", name="khac.pdf")


async def test_a_version_of_a_paper_that_went_meanwhile_is_a_new_one(
    store: Store, clerk: Actor
) -> None:
    await begun(store, clerk)
    await uploading.finish(store, clerk, "upload-1", LOOKED)
    (paper,) = await store.papers.of_meeting("meeting-1")
    await begun(store, clerk, "upload-2", paper_id=paper.id)
    await keeping.remove(store, clerk, "meeting-1", paper.id)
    await uploading.finish(store, clerk, "upload-2", LOOKED)
    (other,) = await store.papers.of_meeting("meeting-1")
    assert other.id != paper.id
    assert other.latest.number == 1


async def test_a_site_opens_what_is_shown_to_its_level(
    store: Store, clerk: Actor, country: Country
) -> None:
    await begun(store, clerk, shown=Shown("levels", ("commune",)))
    await uploading.finish(store, clerk, "upload-1", LOOKED)
    (paper,) = await store.papers.of_meeting("meeting-1")
    guest, province = await link_of(store, "site-b"), await link_of(store, "site-a")
    levels = {one.id for one in await store.units.levels()}
    unit = await store.units.get(country.muong_cha, NOW.date())
    nobody = Actor(NOW, address="10.0.0.7")
    assert unit.level_id in levels
    await keeping.show(store, clerk, "meeting-1", paper.id, Shown("levels", (unit.level_id,)))
    for _ in range(2):
        await keeping.open_version_by_link(store, nobody, guest.id, paper.id, 1)
    with pytest.raises(NotFound):
        await keeping.open_version_by_link(store, nobody, province.id, paper.id, 1)
    (opening,) = await store.papers.openings([paper.latest.id], 10)
    assert (opening.site_id, opening.times, opening.address) == ("site-b", 2, "10.0.0.7")
    assert await store.papers.opened_counts("meeting-1") == {paper.latest.id: 1}


async def test_a_paper_is_removed_while_it_is_opened(store: Store, clerk: Actor) -> None:
    await begun(store, clerk)
    await uploading.finish(store, clerk, "upload-1", LOOKED)
    (paper,) = await store.papers.of_meeting("meeting-1")
    guest = await link_of(store, "site-a")
    nobody = Actor(NOW, address="10.0.0.7")
    opening = Opening(paper.latest.id, "", "site-b", "10.0.0.8", NOW, NOW, 1)
    async with asyncio.TaskGroup() as doing, store.work(nobody) as work:
        await work.papers.note_opening(opening)
        removed = doing.create_task(keeping.remove(store, clerk, "meeting-1", paper.id))
        await asyncio.wait([removed], timeout=0.2)
    assert await store.papers.of_meeting("meeting-1") == []
    with pytest.raises(NotFound):
        await keeping.open_version_by_link(store, nobody, guest.id, paper.id, 1)
    with pytest.raises(NotFound):  # it was there when its list was read
        await store.papers.note_opening(opening)


async def test_what_is_nobodys_is_swept_and_what_is_somebodys_stays(
    store: Store, clerk: Actor, settings: Settings, tmp_path: Path
) -> None:
    chosen = msgspec.structs.replace(settings, papers_dir=str(tmp_path / "p"), paper_days=30)
    vault = vault_of(chosen)
    vault.begin("upload-1")
    writing = vault.write("upload-1")
    writing.write(DATA)
    writing.close()
    await begun(store, clerk)
    vault.keep("upload-1", LOOKED.digest)
    await uploading.finish(store, clerk, "upload-1", LOOKED)  # killed before it was dropped
    later = dt.datetime.now(dt.UTC) + 2 * DAY
    await swept(store, chosen, later)
    assert files(tmp_path) == [LOOKED.digest]
    over = dataclasses.replace(await store.meetings.get("meeting-1"), status="ended")
    await store.meetings.update(over)
    await swept(store, chosen, over.ends_at + 31 * DAY)
    assert await store.papers.of_meeting("meeting-1") == []
    await swept(store, chosen, max(later, over.ends_at) + 40 * DAY)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "stays"), [("scheduled", False), ("cancelled", False), ("postponed", True)]
)
async def test_papers_go_some_days_after_a_meeting_that_is_not_to_come(
    store: Store, clerk: Actor, settings: Settings, tmp_path: Path, status: Any, stays: bool
) -> None:
    chosen = msgspec.structs.replace(settings, papers_dir=str(tmp_path / "p"), paper_days=30)
    await begun(store, clerk)
    await uploading.finish(store, clerk, "upload-1", LOOKED)
    stands = dataclasses.replace(await store.meetings.get("meeting-1"), status=status)
    await store.meetings.update(stands)
    await swept(store, chosen, stands.ends_at + 29 * DAY)
    assert len(await store.papers.of_meeting("meeting-1")) == 1
    await swept(store, chosen, stands.ends_at + 31 * DAY)
    assert bool(await store.papers.of_meeting("meeting-1")) is stays


def files(folder: Path) -> list[str]:
    return [one.name for one in (folder / "p").rglob("*") if one.is_file()]


async def swept(store: Store, settings: Settings, now: dt.datetime) -> None:
    runner = Runner(store, sweeps.paper_sweeps(settings), lambda: now, "hub-1")
    await runner._plan()
    while await runner.do_next():
        pass


async def test_what_was_replaced_is_for_who_may_change_it_alone(store: Store, clerk: Actor) -> None:
    await begun(store, clerk)
    await uploading.finish(store, clerk, "upload-1", LOOKED)
    (paper,) = await store.papers.of_meeting("meeting-1")
    await begun(store, clerk, "upload-2", paper_id=paper.id)
    await uploading.finish(store, clerk, "upload-2", Looked("b" * 64, "pdf", is_scanned=False))
    guest, nobody = await link_of(store, "site-b"), Actor(NOW, address="10.0.0.7")
    newest = await keeping.open_version_by_link(store, nobody, guest.id, paper.id, 2)
    assert newest.number == 2
    with pytest.raises(NotFound):
        await keeping.open_version_by_link(store, nobody, guest.id, paper.id, 1)
    first = await keeping.open_version(store, clerk, "meeting-1", paper.id, 1)
    assert first.number == 1
