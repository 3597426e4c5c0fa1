"""Meetings are taken to another time in the calendar: by the mouse, by keys, never by a finger."""

from __future__ import annotations

import datetime as dt
import re

from playwright.async_api import Locator, Page, expect

from confhub.desks.planning import series as series_desk
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from confhub.planning.recurrence import weekly
from tests.web.browser import NOON
from tests.web.meeting_pages import of_nam_po
from tests.web.test_schedule_browser import Desk, desk
from web.services import Services

__all__ = ["desk"]
WEEK = "/meetings?view=week&on=2026-12-02"
MONTH = "/meetings?view=month&on=2026-12-02"


async def add(services: Services, meeting_id: str, day: int, hour: float, **more: object) -> None:
    """Of Nậm Pồ with Chà Nưa, an hour long, at a local hour of a day of December."""
    midnight = dt.datetime(2026, 12, day, tzinfo=services.zone)
    starts = (midnight + dt.timedelta(hours=hour)).astimezone(dt.UTC)
    long, title = dt.timedelta(hours=1), f"Họp {meeting_id}"
    meeting = of_nam_po(starts, long, id=meeting_id, title=title, **more)
    await services.store.meetings.add(meeting)


async def when(services: Services, meeting_id: str) -> str:
    meeting = await services.store.meetings.get(meeting_id)
    starts, ends = (at.astimezone(services.zone) for at in (meeting.starts_at, meeting.ends_at))
    return f"{starts:%d/%m %H:%M}-{ends:%H:%M}"


def box_of(page: Page, meeting_id: str) -> Locator:
    return page.locator(f"[data-move={meeting_id}]")


async def drag(page: Page, what: Locator, by: tuple[float, float], *, drop: bool = True) -> None:
    """From the middle of what is seen, so many pixels on."""
    box = await what.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + by[0], y + by[1], steps=4)
    if drop:
        await page.mouse.up()


async def spacing(page: Page) -> tuple[float, float]:
    """How wide a day is, and how high an hour."""
    column = await page.locator(".cal-column").first.bounding_box()
    hours = await page.locator(".cal-hours span").count()
    assert column is not None
    return column["width"] + 1, column["height"] / hours


async def test_the_mouse_takes_a_meeting_to_another_time_after_a_question(
    desk: Desk, services: Services
) -> None:
    page, dialog = desk.page, desk.page.locator("#move-dialog")
    await add(services, "first", 2, 8)
    await add(services, "second", 3, 10)
    await page.goto(desk.address + WEEK)
    day, hour = await spacing(page)
    await drag(page, box_of(page, "first"), (day, 2 * hour + 3), drop=False)
    await expect(page.locator(".cal-ghost")).to_contain_text("10:00–11:00")
    await page.keyboard.press("Escape")
    await page.mouse.up()
    await expect(page.locator(".cal-ghost")).to_have_count(0)
    await expect(page).to_have_url(desk.address + WEEK)  # the click that followed opened nothing

    await drag(page, box_of(page, "first"), (day, 2 * hour + 3))
    await expect(dialog.locator("[data-old]")).to_have_text(
        "Thứ Tư, 02/12/2026 · 08:00–09:00 · 60 phút"
    )
    await expect(dialog.locator("[data-new]")).to_contain_text("Thứ Năm, 03/12/2026 · 10:00–11:00")
    await expect(dialog.locator("[data-findings]")).to_contain_text("Họp second")
    await dialog.get_by_role("button", name="Vẫn dời").click()
    await expect(dialog.get_by_role("alert").first).to_contain_text("Xin nêu lý do")
    await dialog.get_by_role("button", name="Thôi").click()
    assert await when(services, "first") == "02/12 08:00-09:00"

    await drag(page, box_of(page, "first"), (day, 2 * hour + 3))
    await dialog.locator(".slot").first.click()
    await expect(dialog.locator("[data-new]")).to_contain_text("Thứ Năm, 03/12/2026 · 08:00–09:00")
    await expect(dialog.locator("[data-findings]")).to_be_hidden()
    await dialog.get_by_role("button", name="Dời cuộc họp").click()
    await expect(page.locator(".flash-good")).to_contain_text("Đã dời cuộc họp")
    assert await when(services, "first") == "03/12 08:00-09:00"
    await expect(box_of(page, "first")).to_be_focused()

    await box_of(page, "first").hover()
    await drag(page, box_of(page, "first").locator(".cal-grip"), (0, hour / 2))
    await expect(dialog.locator("[data-new]")).to_contain_text("08:00–09:30 · 90 phút")
    await dialog.get_by_role("button", name="Dời cuộc họp").click()
    # What was said of the move before stands there until the page comes anew.
    await expect(box_of(page, "first")).to_have_attribute("data-ends", "2026-12-03T09:30")
    assert await when(services, "first") == "03/12 08:00-09:30"
    assert [one for one in desk.complaints if "400" not in one] == []


async def test_in_a_month_a_meeting_goes_to_another_day_and_somebody_else_may_be_faster(
    desk: Desk, services: Services
) -> None:
    page, dialog = desk.page, desk.page.locator("#move-dialog")
    await add(services, "first", 2, 8)
    await add(services, "ended", 1, 8, status="ended")
    await page.goto(desk.address + MONTH)
    await expect(page.get_by_role("link", name="Họp ended")).to_be_visible()
    await expect(page.locator("[data-move]")).to_have_count(1)
    square = await page.locator("[data-date='2026-12-02']").bounding_box()
    assert square is not None
    await drag(page, box_of(page, "first"), (2 * square["width"], square["height"]))
    await expect(dialog.locator("[data-new]")).to_contain_text("Thứ Sáu, 11/12/2026 · 08:00–09:00")
    await page.keyboard.press("Escape")
    await expect(page.locator(".is-target")).to_have_count(0)

    await box_of(page, "first").focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        await page.keyboard.press(key)
    await expect(dialog.locator("[data-new]")).to_contain_text("Thứ Năm, 10/12/2026")
    stored = await services.store.meetings.get("first")
    await services.store.meetings.update(stored)
    await dialog.get_by_role("button", name="Dời cuộc họp").click()
    await expect(dialog.get_by_role("alert").last).to_contain_text("Người khác vừa thay đổi")
    assert await when(services, "first") == "02/12 08:00-09:00"


async def test_keys_take_an_occurrence_and_those_that_follow(
    desk: Desk, services: Services
) -> None:
    page, dialog, said = desk.page, desk.page.locator("#move-dialog"), "#cal-moved-said"
    await add(services, "first", 2, 8)
    draft = Draft.of(await services.store.meetings.get("first"))
    rule = weekly(dt.date(2026, 12, 2), count=3)
    await series_desk.repeat(services.store, Actor(NOON), "first", 1, draft, rule, services.zone)
    await page.goto(desk.address + WEEK)
    box = box_of(page, "first")
    await box.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowDown"):
        await page.keyboard.press(key)
    await expect(page.locator(said)).to_have_text("Thứ Năm, 03/12/2026 · 08:30–09:45 · 75 phút")
    await page.keyboard.press("Escape")
    await expect(page.locator(said)).to_have_text("Giữ giờ cũ.")
    await expect(page.locator(".cal-ghost")).to_have_count(0)
    await expect(box).to_be_focused()
    for key in ("ArrowRight", "Enter"):
        await page.keyboard.press(key)
    await dialog.get_by_label("Buổi này và các buổi sau").check()
    await dialog.get_by_role("button", name="Dời cuộc họp").press("Enter")
    await expect(page.locator(".flash-good")).to_contain_text("Đã dời cuộc họp")
    rows = await services.store.series.of_meetings(["first"])
    held = await services.store.series.occurrences(rows[0].series_id)
    assert [await when(services, one.meeting_id) for one in held] == [
        "03/12 08:00-09:00",
        "10/12 08:00-09:00",
        "17/12 08:00-09:00",
    ]
    await page.keyboard.press("Enter")  # a link like any other
    await page.wait_for_url(f"{desk.address}/meetings/first")
    assert desk.complaints == []


async def test_a_finger_scrolls_and_opens_the_meeting(desk: Desk, services: Services) -> None:
    await add(services, "first", 2, 8)
    state = await desk.page.context.storage_state()
    browser = desk.page.context.browser
    assert browser is not None
    phone = await browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, storage_state=state
    )
    page = await phone.new_page()
    await page.goto(desk.address + WEEK)
    box = box_of(page, "first")
    await expect(box).to_be_visible()
    assert await box.evaluate("box => getComputedStyle(box).touchAction") == "auto"
    await box.tap()
    await page.wait_for_url(f"{desk.address}/meetings/first")
    await phone.close()


async def test_a_free_time_is_found_by_hovering_or_by_arrow_keys_and_leads_to_the_form(
    desk: Desk, services: Services
) -> None:
    page = desk.page
    await page.goto(desk.address + WEEK)
    day, hour = await spacing(page)
    column = await page.locator(".cal-column").nth(2).bounding_box()
    assert column is not None
    hours_from = int(await page.locator(".cal[data-new]").get_attribute("data-hours-from") or 0)
    top = column["y"] + (14 - hours_from) * hour + 5
    await page.mouse.move(column["x"] + day / 2, top)
    offer = page.locator(".cal-slot")
    await expect(offer).to_have_text("+ 14:00")
    await expect(offer).to_have_class(re.compile("is-shown"))
    await page.mouse.click(column["x"] + day / 2, top)
    await expect(page.locator("[name=start]")).to_have_value("14:00")
    await expect(page.locator("[name=date]")).to_have_value("02/12/2026")

    await page.goto(desk.address + WEEK)
    await offer.focus()
    before = await offer.get_attribute("aria-label")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        await page.keyboard.press(key)
    await expect(offer).to_be_focused()
    await expect(offer).to_have_text("+ 09:00")
    said = await offer.get_attribute("aria-label")
    assert said != before
    await expect(page.locator(".cal ~ [role=status]").first).to_have_text(said or "")
    address = await offer.get_attribute("href")
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=start]")).to_have_value("09:00")
    number, month, year = (await page.locator("[name=date]").input_value()).split("/")
    assert f"date={year}-{month}-{number}" in (address or "")
    assert desk.complaints == []
