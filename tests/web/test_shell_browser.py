"""The frame of every page in real Chromium: nothing refused, nothing lost, nothing hidden."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect

from tests.chromium import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.web.browser import PASSWORD
from web.app import build_app
from web.services import Services

# A name that is not this machine's own: browsers trust http:// on "localhost" only.
OFFICE = "hop.nampo.example"
INSECURE = "Trình duyệt sẽ không cho dùng camera"


@dataclass(frozen=True)
class Desk:
    page: Page
    address: str  # trusted by the browser
    office: str  # the same hub by a name on the network, without TLS
    complaints: list[str]  # what the browser's console held against us

    async def sign_in(self, login: str, address: str = "") -> None:
        await self.page.goto(f"{address or self.address}/signin")
        await self.type_sign_in(login)

    async def type_sign_in(self, login: str) -> None:
        await self.page.fill("[name=login]", login)
        await self.page.fill("[name=password]", PASSWORD)
        await self.page.click("form[action='/signin'] button")


@pytest_asyncio.fixture
async def desk(services: Services) -> AsyncIterator[Desk]:
    async with TestServer(build_app(services)) as server, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*ARGUMENTS, f"--host-resolver-rules=MAP {OFFICE} 127.0.0.1"],
        )
        context = await chromium.new_context(
            viewport={"width": 1366, "height": 768}, locale="vi-VN"
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        try:
            yield Desk(
                page,
                f"http://127.0.0.1:{server.port}",
                f"http://{OFFICE}:{server.port}",
                complaints,
            )
        finally:
            await chromium.close()


async def test_no_page_of_the_shell_breaks_its_own_policy(desk: Desk) -> None:
    page = desk.page
    await page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => console.error('refused', event.violatedDirective, event.blockedURI))"
    )
    await desk.sign_in("admin.nam-po")
    await expect(page).to_have_url(f"{desk.address}/")
    for path in ("/", "/accounts", "/accounts/new", "/accounts/secre-nam-po", "/account/password"):
        await page.goto(desk.address + path, wait_until="networkidle")
        await expect(page.locator("h1")).to_be_visible()
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert desk.complaints == []


async def test_script_put_into_a_page_does_not_run(desk: Desk) -> None:
    await desk.page.goto(f"{desk.address}/signin")
    await desk.page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            const image = '<img src=x onerror="window.ran = true">';
            document.body.insertAdjacentHTML('beforeend', image);
        }"""
    )
    await expect(desk.page.locator("img[src=x]")).to_be_attached()
    assert await desk.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in desk.complaints)


async def test_a_page_opened_without_tls_says_that_there_will_be_no_camera(desk: Desk) -> None:
    page = desk.page
    await page.goto(f"{desk.office}/signin")
    assert await page.evaluate("window.isSecureContext") is False
    assert await page.evaluate("navigator.mediaDevices === undefined")
    await expect(page.get_by_text(INSECURE)).to_be_visible()
    await page.get_by_text("Việc cán bộ kỹ thuật cần làm").click()
    await expect(page.get_by_text("https://", exact=False).last).to_be_visible()
    await desk.type_sign_in("secretary.nam-po")
    await expect(page).to_have_url(f"{desk.office}/")


async def test_a_page_the_browser_trusts_says_nothing_of_it(desk: Desk) -> None:
    await desk.page.goto(f"{desk.address}/signin", wait_until="networkidle")
    await expect(desk.page.get_by_text(INSECURE)).to_be_hidden()


async def test_a_form_outlives_its_sign_in(desk: Desk, services: Services) -> None:
    page = desk.page
    await desk.sign_in("admin.nam-po")
    await expect(page).to_have_url(f"{desk.address}/")
    await page.goto(f"{desk.address}/accounts/new")
    await page.fill("[name=name]", "Lò Văn “Chung” <b>")
    await page.fill("[name=login]", "chung.lo")
    await services.store.accounts.end_sign_ins("admin-nam-po")

    await page.click(".form-actions button")
    await expect(page.get_by_text("Nội dung bạn vừa nhập vẫn được giữ")).to_be_visible()
    await desk.type_sign_in("admin.nam-po")
    await page.get_by_role("button", name="Gửi tiếp").click()
    await expect(page.locator("#new-password")).to_be_visible()
    found = await services.store.accounts.by_login("chung.lo")
    assert found is not None
    assert found[0].name == "Lò Văn “Chung” <b>"


@pytest.mark.parametrize("path", ["/signin?next=%2Fmeetings", "/khong-co?a=1"])
async def test_a_change_of_language_stays_on_the_page(desk: Desk, path: str) -> None:
    await desk.page.goto(desk.address + path)
    await desk.page.get_by_role("button", name="English").click()
    await expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    await expect(desk.page).to_have_url(desk.address + path)


async def test_the_account_menu_closes_by_escape_and_by_a_click_elsewhere(desk: Desk) -> None:
    page = desk.page
    await desk.sign_in("secretary.nam-po")
    menu, inside = page.locator("details.account"), page.get_by_role("link", name="Đổi mật khẩu")
    await menu.locator("summary").click()
    await expect(inside).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(inside).to_be_hidden()
    await menu.locator("summary").click()
    await page.click("h1")
    await expect(inside).to_be_hidden()


async def test_a_new_password_can_be_copied_where_the_page_is_trusted(desk: Desk) -> None:
    page = desk.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await desk.sign_in("admin.nam-po")
    await page.goto(f"{desk.address}/accounts/secre-nam-po")
    await page.get_by_role("link", name="Đặt lại mật khẩu").click()
    await page.get_by_role("button", name="Đặt lại mật khẩu").click()
    password = await page.locator("#new-password").inner_text()
    await page.locator("[data-copy]").click()
    await expect(page.locator("[data-copy]")).to_contain_text("Đã")
    assert await page.evaluate("navigator.clipboard.readText()") == password
