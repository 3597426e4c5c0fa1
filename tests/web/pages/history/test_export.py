"""The record of a unit as a file: theirs and nobody else's, and to be checked by itself."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

from confhub.desks import sites
from confhub.people.actor import Actor
from confhub.trail.export import read_line
from confhub.trail.file_check import FileCheck, FileVerdict
from tests.confhub.store.country import rename
from tests.web.browser import Clock, SignedIn, submit
from tests.web.meeting_pages import ROOMS, schedule
from web.services import Services

RECORD = "/units/nam-po/record"


async def seal_all(services: Services) -> None:
    later = services.clock() + dt.timedelta(hours=1)
    async with services.store.work(Actor(later)) as work:
        await work.seals.seal(later, 1000)


def checked(text: str, noted: tuple[int, str] | None = None) -> FileVerdict:
    check = FileCheck(noted)
    for line in text.splitlines():
        if sealed := read_line(line):
            check.take(sealed)
    return check.verdict()


async def test_a_file_holds_what_is_theirs_and_can_be_checked(
    signed_in: SignedIn, services: Services
) -> None:
    meeting = await schedule(await signed_in("secretary", "nam-po"), services)
    other = await signed_in("admin", "lai-chau")
    rule = {"centre": "off", "days": ""}
    assert (await submit(other, "/units/lai-chau/agreement", rule)).status == 303
    admin = await signed_in("admin", "nam-po")
    await seal_all(services)
    assert "/units/nam-po/record.csv" in await (await admin.get("/units/nam-po/history")).text()
    answer = await admin.get(f"{RECORD}.csv")
    assert answer.headers["Content-Disposition"].endswith('20261025-20261124.csv"')
    rows = list(csv.DictReader(io.StringIO((await answer.text()).removeprefix("\ufeff"))))
    acts = [(row["action"], row["subject"]) for row in rows]
    assert ("meeting.scheduled", meeting.id) in acts
    assert {row["account_id"] for row in rows} == {"secre-nam-po", "admin-nam-po"}
    assert "address" not in rows[0]
    assert "127.0.0.1" not in str(rows)
    text = await (await admin.get(f"{RECORD}.jsonl")).text()
    verdict = checked(text)
    assert (verdict.is_whole, verdict.lines, verdict.waiting) == (True, len(rows), 0)
    assert 1 <= verdict.pieces <= len(rows)  # what others did at that moment may lie between
    assert checked(text, verdict.ends[0]).is_whole
    assert not checked(text.replace("secre-nam-po", "admin-nam-po")).is_whole
    # Each line's hash is the record's.
    for noted in verdict.ends:
        assert (await services.store.seals.check(noted)).is_whole


async def test_who_administers_all_takes_all(signed_in: SignedIn, services: Services) -> None:
    admin = await signed_in("admin", "central")
    await signed_in("site", "lai-chau")
    await seal_all(services)
    verdict = checked(await (await admin.get("/units/central/record.jsonl")).text())
    assert (verdict.is_whole, verdict.pieces) == (True, 1)
    assert verdict.lines == (await services.store.seals.check()).lines


async def test_days_that_cannot_be_are_refused_in_words(signed_in: SignedIn) -> None:
    admin = await signed_in("admin", "nam-po")
    for asked, words in (
        ("first=2026-11-24&last=2026-11-20", "Ngày cuối phải từ ngày đầu trở đi."),
        ("first=2024-01-01&last=2026-11-20", "nhiều nhất 366 ngày"),
        ("first=x", ""),
    ):
        answer = await admin.get(f"{RECORD}.csv?{asked}")
        assert answer.status == 400, asked
        assert words in await answer.text()
    none = await admin.get(f"{RECORD}.csv?first=2026-01-01&last=2026-01-31")
    assert len((await none.text()).splitlines()) == 1  # the names of the columns
    assert (await admin.get(f"{RECORD}.exe")).status == 404


async def test_others_take_nothing(signed_in: SignedIn) -> None:
    for role, unit in (("admin", "cha-nua"), ("admin", "lai-chau"), ("secretary", "nam-po")):
        assert (await (await signed_in(role, unit)).get(f"{RECORD}.csv")).status in (403, 404)


async def test_a_table_names_who_and_what_as_on_its_day_and_runs_nothing(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    """A spreadsheet takes no text for a formula, whoever wrote it."""
    store, today = services.store, clock.now.astimezone(services.zone).date()
    secretary = await signed_in("secretary", "nam-po")
    meeting = await schedule(secretary, services, title="=HYPERLINK(1)")
    site = await store.sites.get(ROOMS["nam-po"])
    await sites.change(store, Actor(clock.now), replace(site, name="+Phòng mới"))
    rule = {"centre": "off", "days": ""}
    admin = await signed_in("admin", "nam-po")
    assert (await submit(admin, "/units/nam-po/agreement", rule)).status == 303
    await rename(store, "nam-po", "Phường Nậm Pồ", today + dt.timedelta(days=1))
    await seal_all(services)
    text = (await (await admin.get(f"{RECORD}.csv")).text()).removeprefix("\ufeff")
    rows = {row["action"]: row for row in csv.DictReader(io.StringIO(text))}
    planned = rows["meeting.scheduled"]
    assert planned["account"] == (await store.accounts.get("secre-nam-po")).name
    assert (planned["subject"], planned["subject_name"]) == (meeting.id, "'=HYPERLINK(1)")
    assert rows["site.changed"]["subject_name"] == "'+Phòng mới"
    assert rows["agreement.rule"]["subject_name"] == "Huyện Nậm Pồ"
    assert rows["signin.ok"]["account"]


async def test_who_takes_a_file_is_on_record_and_in_the_units_history(
    signed_in: SignedIn, services: Services
) -> None:
    admin = await signed_in("admin", "nam-po")
    assert (await admin.head(f"{RECORD}.csv")).status == 200
    assert (await admin.get(f"{RECORD}.csv?first=2026-11-24&last=2026-11-20")).status == 400
    assert await taken(services) == []
    for ending in ("csv", "jsonl"):
        asked = f"{RECORD}.{ending}?first=2026-11-01&last=2026-11-24"
        assert (await admin.get(asked)).status == 200
    assert sorted(await taken(services)) == [("admin-nam-po", "csv"), ("admin-nam-po", "jsonl")]
    page = await (await admin.get("/units/nam-po/history")).text()
    assert "tải nhật ký về thành tệp." in page
    assert "Từ ngày: 01/11/2026" in page


async def taken(services: Services) -> list[tuple[str, str]]:
    """By whom, and as what file."""
    story, _count = await services.store.audit.story("unit", "nam-po", 0, 99)
    return [
        (one.account_id, one.changes["file"][1])
        for one in story
        if one.action == "unit.record_taken"
    ]
