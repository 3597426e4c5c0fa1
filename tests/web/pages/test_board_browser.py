"""The link board in real Chromium: live, narrowed, in detail, and honest once the hub is gone."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Page, async_playwright, expect

from confhub.units.site import Site
from tests.chromium import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.line import Line
from tests.parts import there
from tests.web.board_pages import add_meeting, report, with_board
from tests.web.browser import PASSWORD
from web.app import build_app
from web.services import Services

# Whether nothing lies over the middle of an element.
_IN_FRONT = """element => {
  const {x, y, width, height} = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


@pytest_asyncio.fixture
async def services(services: Services) -> AsyncIterator[Services]:
    async with with_board(services) as made:
        yield made


@dataclass
class Desk:
    """A technician's browser before the hub at `address`, which can be stopped and started."""

    page: Page
    services: Services
    port: int
    complaints: list[str]
    server: TestServer | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.server = TestServer(build_app(self.services), port=self.port)
        await self.server.start_server()

    async def stop(self) -> None:
        there(self.services.board).end_watches()
        if self.server is not None:
            await self.server.close()
        self.server = None

    async def sign_in(self, login: str) -> None:
        await self.page.context.request.post(
            f"{self.address}/signin",
            form={"login": login, "password": PASSWORD, "next": "/"},
            max_redirects=0,
        )

    async def watch(self, login: str = "technician.dien-bien", query: str = "") -> None:
        await self.sign_in(login)
        await self.page.goto(f"{self.address}/board{query}")
        await self.feed("live")

    async def feed(self, state: str) -> None:
        await expect(self.page.locator("#feed")).to_have_attribute("data-feed", state)


@pytest_asyncio.fixture
async def desk(services: Services) -> AsyncIterator[Desk]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await chromium.new_context(
            viewport={"width": 1366, "height": 768}, locale="vi-VN"
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        made = Desk(page, services, unused_port(), complaints)
        await made.start()
        try:
            yield made
        finally:
            await chromium.close()
            await made.stop()


async def test_a_row_changes_live_and_the_counters_with_it(desk: Desk) -> None:
    page = desk.page
    await add_meeting(desk.services, "nam-po", "cha-nua")
    await report(desk.services, "nam-po")
    await report(desk.services, "cha-nua")
    await desk.watch()
    await expect(page).to_have_title("Đường truyền · confhub")
    trouble = page.locator("tbody[data-section=trouble]")
    await expect(trouble).to_contain_text("Không điểm cầu nào cần xử lý")
    row = page.locator("tbody[data-section=nam-po] tr[data-site=cha-nua-room]")
    await expect(row.locator("[data-f=word]")).to_have_text("Tốt")
    await report(desk.services, "cha-nua", loss_up=0.12)
    await expect(row.locator("[data-f=word]")).to_have_text("Kém")
    await expect(row.locator("[data-cell=loss_up]")).to_have_text("12")
    await expect(trouble.locator("tr[data-site=cha-nua-room]")).to_contain_text("Mất gói lên 12 %")
    await expect(page.locator("[data-standing=poor] [data-f=number]")).to_have_text("1")
    await expect(page.locator("#spoken")).to_have_text("Phòng họp Xã Chà Nưa: Kém")
    await expect(page).to_have_title("(1) Đường truyền · confhub")
    assert desk.complaints == []


async def test_a_hub_that_goes_leaves_old_numbers_marked_as_old_until_it_is_back(
    desk: Desk,
) -> None:
    page = desk.page
    await report(desk.services, "cha-nua")
    await desk.watch()
    await desk.stop()
    await desk.feed("fading")
    await desk.feed("stale")
    note = page.locator("#feed-note")
    await expect(note).to_contain_text("Số liệu bên dưới dừng từ 12:00")
    await expect(page.locator("#feed")).to_contain_text("Dừng từ 12:00")
    await expect(page).to_have_title("⚠ Đường truyền · confhub")
    assert float(await page.locator(".board").evaluate("b => getComputedStyle(b).opacity")) < 1
    await report(desk.services, "cha-nua", loss_up=0.12)
    await desk.start()
    await desk.feed("live")
    await expect(note).to_be_hidden()
    row = page.locator("tbody[data-section=nam-po] tr[data-site=cha-nua-room]")
    await expect(row.locator("[data-f=word]")).to_have_text("Kém")


async def test_an_open_line_that_says_nothing_is_not_trusted_either(desk: Desk) -> None:
    page = desk.page
    async with Line(desk.port).open() as line:
        await desk.sign_in("technician.dien-bien")
        await page.goto(f"http://127.0.0.1:{line.port}/board")
        await desk.feed("live")
        line.cut()
        await desk.feed("stale")
        await expect(page.locator("#feed-note")).to_contain_text("Mất liên lạc với máy chủ")
        line.mend()
        await desk.feed("live")
        await page.close()


async def test_the_counters_and_the_search_narrow_and_the_address_keeps_it(desk: Desk) -> None:
    page = desk.page
    await report(desk.services, "cha-nua", loss_up=0.12)
    await desk.watch()
    await page.click("[data-standing=poor]")
    rows = page.locator("#board tr.site-row")
    await expect(rows).to_have_count(1)
    await expect(page.locator("[data-standing=poor]")).to_have_attribute("aria-current", "true")
    await page.click("#plain")
    await page.locator("#search input[type=search]").press_sequentially("si pa phin")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Xã Si Pa Phìn")
    await expect(page).to_have_url(f"{desk.address}/board?q=si+pa+phin")
    await page.reload()
    await desk.feed("live")
    await expect(rows).to_have_count(1)
    await page.locator("#search input[type=search]").fill("khong co")
    await expect(page.locator("#nothing")).to_be_visible()


async def test_a_site_opens_beside_the_board_stays_fresh_and_closes_by_the_way_back(
    desk: Desk,
) -> None:
    page = desk.page
    site = await desk.services.store.sites.get("cha-nua-room")
    await desk.services.store.sites.update(dataclasses.replace(site, room_phone="0215 3 000 222"))
    await report(desk.services, "cha-nua")
    await desk.watch()
    link = page.locator("tbody[data-section=nam-po] tr[data-site=cha-nua-room] a[data-f=name]")
    await link.click()
    drawer = page.locator("#drawer")
    await expect(drawer.get_by_role("link", name="0215 3 000 222")).to_be_visible()
    await expect(drawer.locator("[data-heading]")).to_be_focused()
    await report(desk.services, "cha-nua", loss_up=0.12)
    await expect(drawer.locator("[data-live=now]")).to_contain_text("Mất gói lên 12 %")
    await page.go_back()
    await expect(drawer).to_be_hidden()
    await expect(link).to_be_focused()
    await page.go_forward()
    await expect(drawer).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    assert desk.complaints == []


async def test_an_ended_sign_in_is_said_and_leads_back_to_the_board(desk: Desk) -> None:
    page = desk.page
    await desk.watch(query="?q=cha")
    account = await desk.services.store.accounts.by_login("technician.dien-bien")
    assert account is not None
    await desk.services.store.accounts.end_sign_ins(account[0].id)
    await desk.feed("ended")
    again = page.get_by_role("link", name="Đăng nhập lại")
    await expect(again).to_be_visible()
    assert await again.get_attribute("href") == "/signin?next=%2Fboard%3Fq%3Dcha"


async def test_a_large_board_loads_a_group_when_it_is_opened(desk: Desk) -> None:
    page = desk.page
    await desk.services.store.sites.add_many(
        [Site(f"extra{n}", "lai-chau", f"x-{n}", f"Phòng {n}") for n in range(500)]
    )
    await desk.watch("technician.central")
    rows = page.locator("tbody[data-section=dien-bien] tr.site-row")
    await expect(rows).to_have_count(0)
    toggle = page.locator("tbody[data-section=dien-bien] [data-toggle]")
    await toggle.click()
    await expect(rows).to_have_count(4)
    await expect(toggle).to_have_attribute("aria-expanded", "true")
    assert page.url.endswith("/board?open=dien-bien")
    await report(desk.services, "si-pha", loss_up=0.12)
    await expect(page.locator("tbody[data-section=dien-bien] tr.is-poor")).to_have_count(1)
    await page.locator("#search input[type=search]").fill("phong 499")
    await expect(page.locator("#board tr.site-row")).to_have_count(1)


async def test_a_phone_shows_cards_and_nothing_is_wider_than_the_screen(desk: Desk) -> None:
    page = desk.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await report(desk.services, "cha-nua", loss_up=0.12)
    await desk.watch()
    await expect(page.locator("tr.is-poor").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.locator("tr.is-poor a[data-f=name]").first.hover()
    assert await page.locator("tr.is-poor .c-state .state").first.evaluate(_IN_FRONT)
    await page.locator("tr.is-poor a[data-f=name]").first.click()
    await expect(page.locator("#drawer [data-heading]")).to_be_visible()
    box = await page.locator("#drawer").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)


async def test_the_drawer_stands_beside_the_numbers(desk: Desk) -> None:
    await report(desk.services, "cha-nua", loss_up=0.2)
    await desk.watch()
    row = desk.page.locator("tr[data-site='cha-nua-room']").first
    await row.locator("[data-f=name]").click()
    drawer = desk.page.locator("#drawer")
    await expect(drawer.locator(".advice").first).to_contain_text("đường dự phòng")
    edge = await drawer.bounding_box()
    last = await row.locator("[data-cell=mos]").bounding_box()
    assert edge is not None
    assert last is not None
    assert last["x"] + last["width"] <= edge["x"]
    assert not await desk.page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_a_wide_screen_is_used(desk: Desk) -> None:
    await report(desk.services, "cha-nua")
    await desk.page.set_viewport_size({"width": 1920, "height": 1080})
    await desk.watch()
    row = await desk.page.locator("tr[data-site='cha-nua-room']").first.bounding_box()
    assert row is not None
    assert row["width"] > 0.9 * 1920
    assert not await desk.page.evaluate("document.documentElement.scrollWidth > innerWidth")
