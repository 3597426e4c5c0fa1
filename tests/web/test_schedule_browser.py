"""A secretary schedules for 15 communes in real Chromium, choosing them by a search."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect

from confhub.units.site import Site
from confhub.units.unit import NewUnit
from tests.chromium import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.living_links import living_links
from tests.web.browser import PASSWORD
from web.app import build_app
from web.services import Services

# Xã Chà Nưa and Xã Si Pa Phìn are there; with these Nậm Pồ has its 15 communes.
COMMUNES = (
    *("Chà Cang", "Chà Tở", "Nà Bủng", "Na Cô Sa", "Nà Hỳ", "Nà Khoa", "Nậm Chua"),
    *("Nậm Khăn", "Nậm Nhừ", "Nậm Tin", "Pa Tần", "Phìn Hồ", "Vàng Đán"),
)


@dataclass(frozen=True)
class Desk:
    page: Page
    address: str
    complaints: list[str]  # what the browser's console held against us

    async def sign_in(self, login: str) -> None:
        form: dict[str, str | float | bool] = {"login": login, "password": PASSWORD, "next": "/"}
        await self.page.context.request.post(f"{self.address}/signin", form=form, max_redirects=0)


@pytest_asyncio.fixture
async def desk(services: Services) -> AsyncIterator[Desk]:
    """The browser of the secretary of Điện Biên, signed in, in a country of 15 communes more."""
    units = [NewUnit("commune", f"Xã {name}", "nam-po") for name in COMMUNES]
    await services.store.units.add_many(units)
    await services.store.sites.add_many(
        [Site(u.id, u.id, f"NP{n:02}", f"Phòng họp UBND {u.name}") for n, u in enumerate(units)]
    )
    async with TestServer(build_app(services)) as server, async_playwright() as playwright:
        address = str(server.make_url("")).rstrip("/")
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await chromium.new_context(viewport={"width": 1366, "height": 768})
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        await context.request.post(
            f"{address}/signin",
            form={"login": "secretary.dien-bien", "password": PASSWORD, "next": "/"},
            max_redirects=0,
        )
        try:
            yield Desk(page, address, complaints)
        finally:
            await chromium.close()


async def test_fifteen_communes_are_chosen_by_a_search_and_invited(
    desk: Desk, services: Services
) -> None:
    page = desk.page
    await page.goto(f"{desk.address}/meetings/new")
    await page.fill("[name=title]", "Giao ban với các xã Nậm Pồ")
    await page.fill("[name=date]", "2026-12-15")
    await page.fill("[name=start]", "08:00")
    await page.fill("[name=end]", "09:30")
    picker = page.locator("#site-picker")
    await picker.locator("input[type=search]").press_sequentially("nam po")
    await expect(picker.locator("mark").first).to_have_text("Nậm")
    await picker.get_by_role("button", name="Tất cả xã của Nậm Pồ (15)").click()
    await expect(picker.locator("[data-count]")).to_have_text("Đã chọn 16 điểm cầu")
    await picker.get_by_role("button", name="Bỏ Xã Pa Tần").click()
    await expect(picker.locator("[data-count]")).to_have_text("Đã chọn 15 điểm cầu")
    box = picker.get_by_role("checkbox", name="Huyện Nậm Pồ").first
    assert await box.evaluate("box => box.indeterminate")
    await picker.get_by_role("button", name="Tất cả xã của Nậm Pồ (15)").click()
    await page.get_by_role("button", name="Lên lịch họp").click()
    await page.wait_for_url(f"{desk.address}/meetings/*")
    await expect(page.get_by_role("heading", name="Giao ban với các xã Nậm Pồ")).to_be_visible()
    meeting = await services.store.meetings.get(page.url.rsplit("/", 1)[1])
    sites = await services.store.sites.get_many(meeting.sites)
    assert len(sites) == 16
    assert len(await living_links(services.store, meeting.id)) == 16
    await expect(page.locator("[data-copy]")).to_have_count(16)
    assert desk.complaints == []


async def test_a_clash_is_shown_before_saving_and_the_button_says_so(desk: Desk) -> None:
    page = desk.page
    for title in ("Họp thứ nhất", "Họp thứ hai"):
        await page.goto(f"{desk.address}/meetings/new")
        await page.fill("[name=title]", title)
        await page.fill("[name=date]", "2026-12-16")
        picker = page.locator("#site-picker")
        await picker.get_by_role("button", name="Tất cả huyện (1)").click()
        if title == "Họp thứ hai":
            await expect(page.locator("#conflicts")).to_contain_text("Họp thứ nhất")
            await expect(page.locator("#save-words")).to_have_text("Vẫn lưu")
            await page.get_by_label("Lý do vẫn xếp").fill("Họp khẩn")
        await page.locator("#meeting-form .button-primary").click()
        await page.wait_for_url(f"{desk.address}/meetings/*")
        await expect(page.get_by_role("heading", name=title)).to_be_visible()


async def test_a_free_time_is_taken_by_one_press(desk: Desk, services: Services) -> None:
    page = desk.page
    for title in ("Họp thứ nhất", "Họp thứ hai"):
        await page.goto(f"{desk.address}/meetings/new")
        await page.fill("[name=title]", title)
        await page.fill("[name=date]", "2026-12-16")
        await page.get_by_role("button", name="Tất cả huyện (1)").click()
        if title == "Họp thứ hai":
            slots = page.locator("#slots .slot")
            await expect(slots).to_have_count(3)
            await expect(slots.first).to_contain_text("Thứ Tư, 16/12/2026, 09:30–11:00")
            await slots.first.click()
            await expect(page.locator("[name=start]")).to_have_value("09:30")
            await expect(page.locator("#conflicts")).to_be_hidden()
            await expect(page.locator("#slots")).to_be_hidden()
            await page.get_by_role("button", name="Tìm giờ mọi điểm cầu cùng rảnh").click()
            await expect(slots.first).to_contain_text("09:30–11:00")
        await page.locator("#meeting-form .button-primary").click()
        await page.wait_for_url(f"{desk.address}/meetings/*")
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
    meeting = await services.store.meetings.get(page.url.rsplit("/", 1)[1])
    assert f"{meeting.starts_at:%H:%M}" == "02:30"  # UTC
    assert desk.complaints == []


async def test_a_province_in_the_tree_of_the_centre_keeps_its_name_in_sight(desk: Desk) -> None:
    page = desk.page
    await desk.sign_in("secretary.central")
    await page.goto(f"{desk.address}/meetings/new")
    row = page.locator(".pick-row").filter(has_text="Tỉnh Điện Biên").first
    name = await row.locator(".pick-title").bounding_box()
    assert name is not None
    assert name["height"] < 40  # one line of it
    await row.get_by_label("Chọn cả cấp của Tỉnh Điện Biên").click()
    await row.get_by_role("button", name="Tất cả xã của Điện Biên (15)").click()
    await expect(page.locator("[data-count]")).to_have_text("Đã chọn 16 điểm cầu")
    await expect(row.locator(".pick-sheet")).to_be_hidden()


async def test_days_and_hours_read_the_same_in_every_browser(desk: Desk) -> None:
    page = desk.page  # Chromium's own language is English here
    await page.goto(f"{desk.address}/meetings/new")
    day, start, end = (page.locator(f"[name={name}]") for name in ("date", "start", "end"))
    await expect(day).to_have_value("27/11/2026")
    await start.fill("14h")
    await start.press("Tab")
    await expect(start).to_have_value("14:00")
    await expect(end).to_have_value("15:30")
    await day.press("ArrowUp")
    await expect(day).to_have_value("28/11/2026")
    await page.get_by_role("button", name="Chọn ngày").first.click()
    await expect(page.locator(".day-sheet:visible")).to_contain_text("tháng 11 năm 2026")
    for key in ("PageDown", "ArrowRight", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await expect(day).to_have_value("05/01/2027")
    await expect(page.locator(".day-sheet:visible")).to_be_hidden()
    await expect(page.locator("#times-said")).to_contain_text("Thứ Ba, 05/01/2027 · 14:00–15:30")


async def test_saving_in_spite_of_warnings_is_promised_only_when_it_can_be_done(desk: Desk) -> None:
    page = desk.page
    await page.goto(f"{desk.address}/meetings/new")
    await page.fill("[name=date]", "23/11/2026")  # yesterday: to be confirmed
    await expect(page.locator("#conflicts")).to_be_visible()
    await expect(page.locator("#save-words")).to_have_text("Lên lịch họp")
    await page.fill("[name=title]", "Họp bù")
    await expect(page.locator("#save-words")).to_have_text("Lên lịch họp")  # with nobody to meet
    await page.locator("#site-picker").get_by_role("button", name="Tất cả huyện (1)").click()
    await expect(page.locator("#save-words")).to_have_text("Vẫn lưu")
    await page.fill("[name=end]", "giờ nghỉ")
    await expect(page.locator("#save-words")).to_have_text("Lên lịch họp")


async def test_a_refused_form_shows_its_first_fault_below_the_header(desk: Desk) -> None:
    page = desk.page
    await desk.sign_in("admin.nam-po")
    await page.set_viewport_size({"width": 390, "height": 500})
    for path, name in (("/sites/new", "name"), ("/accounts/new", "name")):
        await page.goto(desk.address + path)
        await page.locator("form[method=post] .button-primary").click()
        field = page.locator(f"form[method=post] [name={name}]")
        await expect(field).to_be_focused()
        header = await page.locator("header.top").bounding_box()
        box = await field.bounding_box()
        assert header is not None
        assert box is not None
        assert box["y"] >= header["height"]


async def test_the_tree_and_the_agenda_work_from_the_keyboard(desk: Desk) -> None:
    page = desk.page
    await page.goto(f"{desk.address}/meetings/new")
    search = page.locator("#site-picker input[type=search]")
    await expect(page.locator(".pick-unit").first).to_be_visible()
    await search.focus()
    await page.keyboard.press("ArrowDown")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "Space"):
        await page.keyboard.press(key)
    await expect(page.locator("[data-count]")).to_have_text("Đã chọn 2 điểm cầu")
    await page.locator("[name=agenda_title]").first.fill("Khai mạc")
    await page.keyboard.press("Enter")
    await page.keyboard.type("Thảo luận")
    await page.keyboard.press("Alt+ArrowUp")
    titles = page.locator("[data-rows] [name=agenda_title]")
    await expect(titles.nth(0)).to_have_value("Thảo luận")
    await expect(titles.nth(1)).to_have_value("Khai mạc")


async def test_a_council_of_three_days_is_scheduled_and_goes_to_another_week(
    desk: Desk, services: Services
) -> None:
    page = desk.page
    await page.goto(f"{desk.address}/meetings/new")
    await page.fill("[name=title]", "Kỳ họp HĐND tỉnh")
    await page.fill("[name=date]", "2026-12-10")
    await page.fill("[name=start]", "08:00")
    await page.fill("[name=end]", "11:30")
    await page.locator("#site-picker input[type=search]").press_sequentially("nam po")
    await page.get_by_role("button", name="Tất cả xã của Nậm Pồ (15)").click()
    rows = page.locator("#sittings [data-row]")
    await expect(rows).to_have_count(0)
    await page.get_by_role("button", name="Thêm phiên cùng ngày").click()
    await page.get_by_role("button", name="Thêm ngày kế tiếp").click()
    await page.get_by_role("button", name="Thêm ngày kế tiếp").click()
    await expect(rows).to_have_count(5)
    await rows.nth(3).get_by_role("button", name="Bỏ phiên này").click()
    days = page.locator("[name=sitting_date]")
    assert [await days.nth(n).input_value() for n in range(4)] == [
        *("10/12/2026", "11/12/2026", "11/12/2026", "14/12/2026")
    ]
    await page.fill("[name=date]", "2026-12-17")
    await page.locator("[name=date]").blur()
    await expect(days.nth(3)).to_have_value("21/12/2026")
    # Once reloaded, what was typed stands there again, and can be dressed as before.
    page.once("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await expect(days.nth(3)).to_have_value("21/12/2026")
    await page.locator("[name=date]").blur()
    await page.get_by_role("button", name="Lên lịch họp").click()
    await expect(page).to_have_url(re.compile(r"/meetings/[0-9a-z]{16}$"))
    await expect(page.locator(".meet-sittings li")).to_have_count(5)
    meeting = await services.store.meetings.get(page.url.rsplit("/", 1)[1])
    assert len(meeting.all_sittings) == 5
    assert desk.complaints == []
