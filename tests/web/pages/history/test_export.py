"""The record of a unit as a file: theirs and nobody else's, and to be checked by itself."""

from __future__ import annotations

import csv
import datetime as dt
import io

from confhub.people.actor import Actor
from confhub.trail.export import read_line
from confhub.trail.file_check import FileCheck, FileVerdict
from tests.web.browser import SignedIn, submit
from tests.web.meeting_pages import schedule
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
