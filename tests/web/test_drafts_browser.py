"""What was typed into a long form comes back in real Chromium: after a refusal, a lost right, a
reload; never to others, and not after it was saved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import Page, Route, expect

from confhub.people.account import Role
from tests.web.test_schedule_browser import Desk, desk
from web.services import Services

__all__ = ["desk"]  # the browser of a secretary, signed in

BACK = "Đã điền lại những gì bạn nhập"
OFFER = "Bạn có bản nhập dở"


async def _type_meeting(page: Page) -> None:
    await page.fill("[name=title]", "Giao ban với các xã Nậm Pồ")
    await page.fill("[name=date]", "15/12/2026")
    picker = page.locator("#site-picker")
    await picker.get_by_role("button", name="Tất cả huyện (1)").click()
    await expect(picker.locator("[data-count]")).to_have_text("Đã chọn 2 điểm cầu")
    agenda = page.locator("#agenda")
    await agenda.locator("[name=agenda_title]").first.fill("Báo cáo tháng")
    await agenda.locator("[data-add]").click()
    await agenda.locator("[name=agenda_title]").nth(1).fill("Kết luận")
    await agenda.locator("[name=agenda_minutes]").nth(1).fill("20")


async def _expect_meeting(page: Page) -> None:
    await expect(page.locator("[name=title]")).to_have_value("Giao ban với các xã Nậm Pồ")
    await expect(page.locator("[name=date]")).to_have_value("15/12/2026")
    await expect(page.locator("[data-count]")).to_have_text("Đã chọn 2 điểm cầu")
    titles = page.locator("#agenda [data-rows] [name=agenda_title]")
    await expect(titles).to_have_count(2)
    await expect(titles.nth(0)).to_have_value("Báo cáo tháng")
    await expect(titles.nth(1)).to_have_value("Kết luận")
    await expect(page.locator("[name=agenda_minutes]").nth(1)).to_have_value("20")


async def _hold(services: Services, role: Role) -> None:
    """The secretary of the province from now on holds this role instead."""
    account = await services.store.accounts.get("secre-dien-bien")
    await services.store.accounts.update(replace(account, role=role))


async def test_a_refused_meeting_form_comes_back_whole(desk: Desk, services: Services) -> None:
    page = desk.page
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"{desk.address}/meetings")
    await page.goto(f"{desk.address}/meetings/new")
    await _type_meeting(page)
    await page.fill("[name=start]", "25:00")
    await page.locator("#meeting-form .button-primary").click()
    await expect(page.get_by_text("Chưa lưu được")).to_be_visible()
    await expect(page.get_by_text(BACK)).to_have_count(0)
    await page.reload()  # asks for the form anew: no question whether to send it once more
    await expect(page.get_by_text(BACK)).to_be_visible()
    await _expect_meeting(page)
    await page.fill("[name=title]", "")
    await page.locator("#meeting-form .button-primary").click()
    await expect(page.get_by_text("Chưa lưu được")).to_be_visible()
    await page.fill("[name=title]", "Giao ban với các xã Nậm Pồ")
    await page.goto(f"{desk.address}/meetings")
    await page.go_back()
    await expect(page.get_by_text(BACK)).to_be_visible()
    await _expect_meeting(page)
    await page.fill("[name=start]", "08:00")
    await page.fill("[name=end]", "09:00")
    await page.locator("#meeting-form .button-primary").click()
    await page.wait_for_url(lambda url: "/meetings/" in url and not url.endswith("/new"))
    meeting = await services.store.meetings.get(page.url.rsplit("/", 1)[1])
    assert meeting.title == "Giao ban với các xã Nậm Pồ"
    assert [item.title for item in meeting.agenda] == ["Báo cáo tháng", "Kết luận"]
    await page.goto(f"{desk.address}/meetings/new")
    await expect(page.locator("[name=title]")).to_have_value("")
    await expect(page.get_by_text(OFFER)).to_have_count(0)


async def test_a_right_that_ended_in_between_loses_nothing(desk: Desk, services: Services) -> None:
    page = desk.page
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"{desk.address}/meetings/new")
    await _type_meeting(page)
    await _hold(services, "technician")
    await page.locator("#meeting-form .button-primary").click()
    await expect(page.get_by_role("heading", name="Không có quyền")).to_be_visible()
    await expect(page.get_by_text("vẫn còn trong thẻ trình duyệt này")).to_be_visible()
    await _hold(services, "secretary")
    await page.evaluate("location.assign('/signin')")  # leads on to the first page
    await page.wait_for_url(f"{desk.address}/")
    await page.goto(f"{desk.address}/meetings/new")
    await expect(page.get_by_text(OFFER)).to_contain_text("chưa lưu")
    await expect(page.locator("[name=title]")).to_have_value("")
    await page.get_by_role("button", name="Điền lại").click()
    await expect(page.get_by_text(BACK)).to_be_visible()
    await _expect_meeting(page)
    await page.get_by_role("link", name="Hủy bỏ").click()
    await page.wait_for_url(f"{desk.address}/meetings")
    await page.go_back()
    await expect(page.locator("[name=title]")).to_have_value("")
    await expect(page.get_by_text(BACK)).to_have_count(0)


async def test_lines_of_a_site_come_back_and_nobody_else_sees_them(desk: Desk) -> None:
    page = desk.page
    await desk.sign_in("admin.nam-po")
    await page.goto(f"{desk.address}/sites/new")
    lines = page.locator("fieldset.line-form")
    before = await lines.count()
    await page.fill("[name=name]", "Phòng họp tầng 2")
    await page.get_by_role("button", name="Thêm đường truyền").click()
    await expect(lines).to_have_count(before + 1)
    await page.fill(f"[name=line{before}_provider]", "VNPT")
    await page.get_by_role("link", name="Đơn vị", exact=True).click()
    await page.wait_for_url(f"{desk.address}/units")
    await page.goto(f"{desk.address}/sites/new")
    await page.get_by_role("button", name="Điền lại").click()
    await expect(page.locator("[name=name]")).to_have_value("Phòng họp tầng 2")
    await expect(page.locator(f"[name=line{before}_provider]")).to_have_value("VNPT")
    await desk.sign_in("admin.dien-bien")
    await page.goto(f"{desk.address}/sites/new")
    await expect(page.locator("[name=name]")).to_have_value("")
    await expect(page.get_by_text(OFFER)).to_have_count(0)
    assert await page.evaluate("Object.keys(sessionStorage).length") == 0


async def test_a_unit_found_by_a_search_comes_back_in_words_and_value(
    desk: Desk, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.rendering.unit_choice.LONGEST_LIST", 2)
    page = desk.page
    named = page.locator(".field", has_text="Thuộc đơn vị")
    await page.goto(f"{desk.address}/people/new?unit=si-pha")
    await page.fill("[name=title]", "Phó Chủ tịch")
    await page.get_by_role("button", name="Thêm vào danh bạ").click()
    await expect(page.get_by_text("Xin sửa các mục")).to_be_visible()
    await page.reload()  # its address names no unit
    await expect(page.get_by_text(BACK)).to_be_visible()
    await expect(named).to_contain_text("Xã Si Pa Phìn")
    await expect(page.locator("[name=unit_id]")).to_have_value("si-pha")
    await page.fill("main [name=q]", "cha nua")
    await page.get_by_role("button", name="Tìm").click()
    await expect(page.get_by_role("link", name="Xã Chà Nưa")).to_be_visible()
    await expect(named).to_contain_text("Xã Si Pa Phìn")
    await page.get_by_role("link", name="Xã Chà Nưa").click()
    await expect(named).to_contain_text("Xã Chà Nưa")
    await expect(page.locator("[name=title]")).to_have_value("Phó Chủ tịch")
    await page.fill("[name=name]", "Lò Văn Pún")
    await page.get_by_role("button", name="Thêm vào danh bạ").click()
    await page.wait_for_url(f"{desk.address}/people")
    assert [one.name for one in await services.store.address_book.list(["cha-nua"])] == [
        "Lò Văn Pún"
    ]


async def test_what_is_mended_after_a_cut_is_saved(desk: Desk, services: Services) -> None:
    page = desk.page

    async def save_and_cut(route: Route) -> None:
        await route.fetch(max_redirects=0)
        await route.abort("connectionreset")

    await page.goto(f"{desk.address}/people/new")
    await page.fill("[name=name]", "Lò Văn Pún")
    await page.fill("[name=phone]", "0215 111")
    await page.route("**/people/new", save_and_cut)
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="Thêm vào danh bạ").click()
    await page.unroute("**/people/new")
    await page.goto(f"{desk.address}/people/new")
    await expect(page.get_by_text(OFFER)).to_contain_text("chưa rõ đã lưu hay chưa")
    await page.get_by_role("button", name="Điền lại").click()
    await expect(page.get_by_text(BACK)).to_contain_text("chưa rõ đã lưu hay chưa")
    await page.fill("[name=phone]", "0215 222")
    await page.get_by_role("button", name="Thêm vào danh bạ").click()
    await page.wait_for_url(f"{desk.address}/people")
    book = await services.store.address_book.list(["dien-bien"])
    assert {one.phone for one in book if one.name == "Lò Văn Pún"} >= {"0215 222"}
