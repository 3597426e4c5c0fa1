"""What a secretary does in the pages: schedules a meeting and hands out its links."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from playwright.async_api import expect

from tests.e2e.seat import Desk


async def schedule(
    desk: Desk,
    title: str,
    *,
    host: str,
    units: Sequence[str],
    start: str,
    end: str,
    on: dt.date | None = None,
) -> str:
    """A meeting (today if no day is given) of the unit named `host`, with sites of the named units.

    Each unit is looked for as people type, without diacritics. Returns the meeting's address.
    """
    page = desk.page
    await desk.visit(f"{desk.origin}/meetings/new")
    await page.fill("[name=title]", title)
    option = page.locator("#f-host option").filter(has_text=host).first
    await page.select_option("#f-host", await option.get_attribute("value"))
    # On the clock of a hub in a process of its own it is noon of this day, wherever that is.
    await page.fill("[name=date]", f"{on or dt.datetime.now(dt.UTC):%d/%m/%Y}")
    await page.fill("[name=start]", start)
    await page.fill("[name=end]", end)
    picker = page.locator("#site-picker")
    for name in units:
        await choose(desk, name)
    await expect(picker.locator("[data-count]")).to_have_text(
        f"Đã chọn {len(units) + 1} điểm cầu"  # the presiding site is always there
    )
    await save(desk)
    return page.url


async def schedule_four_levels(desk: Desk, title: str) -> str:
    """As `schedule`: the centre with the province, the district and a commune of the demo."""
    return await schedule(
        desk,
        title,
        host="Trung ương",
        units=("dien bien", "nam po", "cha nua"),
        start="12:30",
        end="14:00",
    )


async def choose(desk: Desk, name: str) -> None:
    """Find a unit by a search and tick its own site, not those of the units below it."""
    picker = desk.page.locator("#site-picker")
    async with desk.page.expect_response(re.compile("/api/units/search")):
        await picker.locator("input[type=search]").fill(name)
    found = picker.locator("[data-results] > li").filter(has=desk.page.locator("mark")).first
    opener = found.locator(".pick-open").first
    await expect(found.locator("input").first).to_be_visible()
    if await opener.count():
        await opener.click()
    await picker.locator("[data-results] input[data-site]").first.check()


async def save(desk: Desk) -> None:
    """Press the button; where clashes or advice are shown, look at them, say why it is to be so all
    the same, and press it again."""
    page = desk.page
    button = page.locator("#meeting-form .button-primary")
    await button.click()
    insisting = page.locator("#save-words", has_text="Vẫn lưu")
    meeting = page.locator(".meet-head")
    await expect(insisting.or_(meeting)).to_be_visible()
    if await insisting.count():
        reason = page.get_by_label("Lý do vẫn xếp dù trùng")
        if await reason.is_visible():
            await reason.fill("Họp khẩn")
        await button.click()
        await expect(meeting).to_be_visible()


async def join_links(desk: Desk, meeting: str) -> dict[str, str]:
    """Each site's link, by the name of its unit."""
    await desk.visit(f"{meeting}/links")
    cards = desk.page.locator(".link-card")
    return {
        (await card.locator("h2").inner_text()).split("\n")[0].strip(): (
            await card.locator("[data-copy]").first.get_attribute("data-copy") or ""
        )
        for card in await cards.all()
    }
