"""Pictures of planning for docs/screenshots: month, agenda, paper, clashes, questions of time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from confhub.config import Settings
from confhub.desks import agreements
from confhub.desks import meetings as desk
from confhub.desks.planning.clashes import clashes_of
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from confhub.planning.agreement.rule import Rule
from confhub.planning.conflicts import Override, seal_of
from confhub.store import open_store
from tests.e2e.secretary import choose

if TYPE_CHECKING:
    from tools.screenshots import Studio


# What districts ask the province of next week: title, day of the week, hour, site of the host, how
# many sites. The first clashes with a meeting of the province.
ASKED = (
    ("Giao ban tuyến biên giới", 1, 9, "dbn-npo", 16),
    ("Tập huấn chuyển đổi số cho cán bộ xã", 2, 14, "dbn-npo", 12),
    ("Triển khai sản xuất vụ đông xuân", 3, 8, "dbn-mnh", 11),
)


def next_monday() -> dt.date:
    today = dt.datetime.now(ZoneInfo(Settings().timezone)).date()
    return today + dt.timedelta(days=7 - today.weekday())


async def month(studio: Studio) -> None:
    await studio.visit("thuky.dienbien", "/meetings?view=month", "schedule-month")


async def agenda(studio: Studio) -> None:
    await studio.visit("thuky.dienbien", "/meetings", "schedule-agenda")


async def paper(studio: Studio) -> None:
    """The week as it is printed, and as a phone shows it before."""
    office = await studio.desk("thuky.dienbien")
    await office.page.goto(f"{studio.hub.origin}/meetings/week")
    await studio.shoot(office.page, "schedule-paper", "-phone")
    await office.page.emulate_media(media="print")
    # What the printer leaves free about it.
    await office.page.evaluate("document.body.style.setProperty('padding', '12mm', 'important')")
    await studio.shoot(office.page, "schedule-paper", "")
    await office.close()


async def clashes(studio: Studio) -> None:
    """Who is taken, and when all are free, in the form."""
    office = await studio.desk("thuky.dienbien")
    page = office.page
    await page.goto(f"{studio.hub.origin}/meetings/new?date={next_monday()}&start=08:30")
    await page.fill("[name=title]", "Họp về phòng chống cháy rừng")
    for name in ("nam po", "muong cha", "cha nua"):
        await choose(office, name)
    await expect(page.locator("#conflicts")).to_be_visible()
    await expect(page.locator("#slots .slot").first).to_be_visible()
    for suffix in ("", "-phone"):
        await studio.resize(page, suffix)
        await page.locator("#conflicts").evaluate("one => one.scrollIntoView({block: 'center'})")
        await studio.shoot(page, "clashes", suffix)
    await office.close()


async def questions(studio: Studio) -> None:
    """What waits for the province's technicians, of meetings of its districts."""
    zone = ZoneInfo(Settings().timezone)
    now = dt.datetime.now(zone)
    store = await open_store(Settings(data_dir=str(studio.hub.data_dir)))
    try:
        sites = {site.code: site for site in await store.sites.list()}
        province = sites["dbn"].unit_id
        house = Actor(now)
        await agreements.set_rule(store, house, province, Rule(province, province))
        for number, (title, days, hour, code, count) in enumerate(ASKED):
            invited = [site.id for name, site in sites.items() if name.startswith(code)][:count]
            day = dt.datetime.combine(next_monday() + dt.timedelta(days), dt.time(hour), zone)
            starts = day.astimezone(dt.UTC)
            draft = Draft(
                title=title,
                level_id="district",
                host_unit_id=sites[code].unit_id,
                chair_site_id=sites[code].id,
                starts_at=starts,
                ends_at=starts + dt.timedelta(minutes=90),
                chair_name="",
                note="",
                agenda=(),
                sites=tuple(dict.fromkeys((sites[code].id, *invited))),
            )
            seal = seal_of(await clashes_of(store, draft, zone))
            override = Override(seal, "Đã thống nhất qua điện thoại")
            await desk.schedule(store, house, f"asked{number}", draft, override)
    finally:
        await store.close()
    await studio.visit("kythuat.dienbien", "/meetings/asked", "slot-inbox")
