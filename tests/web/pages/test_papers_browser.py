"""A secretary sends papers in real Chromium over a narrow line that breaks; a site saves them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from confhub.desks.papers import keeping
from confhub.meetings.meeting import Meeting
from confhub.papers.paper import Paper, Shown
from confhub.people.actor import of_account
from tests.waiting import until
from tests.web.browser import NOON
from tests.web.meeting_pages import schedule
from tests.web.narrow_line import NarrowLine
from tests.web.test_schedule_browser import Desk, desk
from web.services import Services

__all__ = ["desk"]

RATE = 400_000
SIZE = 3_000_000
PIECE = 256 * 1024


@pytest_asyncio.fixture
async def meeting(services: Services, signed_in: object) -> Meeting:
    browser = await signed_in("secretary", "nam-po")  # type: ignore[operator]
    return await schedule(browser, services)


def written(folder: Path, size: int) -> Path:
    file = folder / "Báo cáo tháng 11.pdf"
    file.write_bytes(b"%PDF-1.7\n" + bytes(range(251)) * (size // 251))
    return file


async def papers(services: Services, meeting: Meeting) -> list[Paper]:
    return list(await services.store.papers.of_meeting(meeting.id))


async def test_a_file_arrives_over_a_narrow_line_with_three_breaks(
    desk: Desk, services: Services, meeting: Meeting, tmp_path: Path
) -> None:
    page, file = desk.page, written(tmp_path, SIZE)
    async with NarrowLine(int(desk.address.rpartition(":")[2]), RATE).open() as line:
        address = f"http://127.0.0.1:{line.port}"
        cookies = await page.context.cookies(desk.address)
        assert cookies  # of the host, whatever the port
        await page.goto(f"{address}/meetings/{meeting.id}/papers")
        await page.set_input_files("input[type=file]", file)
        await page.get_by_role("button", name="Gửi tệp").click()
        at = line.carried
        for part, breaks in ((0.2, line.break_off), (0.5, line.break_off), (0.7, line.break_off)):

            async def has_gone(part: float = part) -> bool:
                return line.carried - at > part * SIZE

            await until(has_gone, 60)
            breaks()
        taken = page.get_by_role("link", name=file.name, exact=True)
        await expect(taken).to_be_visible()
        # Of each break is lost what was on its way, and a piece that the browser sends again.
        assert line.carried - at < SIZE + 3 * (PIECE + 200_000) + 100_000
    (paper,) = await papers(services, meeting)
    assert paper.latest.digest == hashlib.sha256(file.read_bytes()).hexdigest()


async def test_a_page_that_was_left_goes_on_with_the_same_file(
    desk: Desk, services: Services, meeting: Meeting, tmp_path: Path
) -> None:
    page, file = desk.page, written(tmp_path, SIZE)
    page.on("dialog", lambda dialog: dialog.accept())
    async with NarrowLine(int(desk.address.rpartition(":")[2]), RATE).open() as line:
        path = f"http://127.0.0.1:{line.port}/meetings/{meeting.id}/papers"
        await page.goto(path)
        await page.set_input_files("input[type=file]", file)
        await page.get_by_role("button", name="Gửi tệp").click()
        await expect(page.get_by_text("Đã gửi 4")).to_be_visible()
        await page.reload()
        await page.set_input_files("input[type=file]", file)
        at = line.carried
        await page.get_by_role("button", name="Gửi tệp").click()
        await expect(page.get_by_role("link", name=file.name, exact=True)).to_be_visible(
            timeout=60_000
        )
        assert line.carried - at < 0.75 * SIZE
    assert len(await papers(services, meeting)) == 1


async def test_what_is_refused_is_told_beside_the_file(
    desk: Desk, meeting: Meeting, tmp_path: Path
) -> None:
    file = tmp_path / "giay-moi.pdf"
    file.write_bytes(b"MZ" + bytes(100))
    await desk.page.goto(f"{desk.address}/meetings/{meeting.id}/papers")
    await desk.page.set_input_files("input[type=file]", file)
    await desk.page.get_by_role("button", name="Gửi tệp").click()
    await expect(desk.page.locator("[data-coming]")).to_contain_text("Loại tệp này không được nhận")


async def test_a_site_saves_a_paper_behind_its_link_and_the_secretary_sees_who_did(
    desk: Desk, services: Services, meeting: Meeting, tmp_path: Path
) -> None:
    page, file = desk.page, written(tmp_path, 50_000)
    await page.goto(f"{desk.address}/meetings/{meeting.id}/papers")
    await page.set_input_files("input[type=file]", file)
    await page.get_by_role("button", name="Gửi tệp").click()
    await expect(page.get_by_role("link", name=file.name, exact=True)).to_be_visible()
    links = await services.store.links.latest(meeting.id)
    link = next(one for one in links if one.site_id == "cha-nua-room")
    linked = f"{desk.address}/join/{services.tokens.sign(link)}"
    await page.goto(linked)  # the room is shut for a week
    await page.get_by_role("link", name="Tài liệu họp").click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name=file.name, exact=True).click()
    saved = await (await download.value).path()
    assert saved.read_bytes() == file.read_bytes()
    assert (await download.value).suggested_filename == file.name
    (paper,) = await papers(services, meeting)
    await page.goto(f"{desk.address}/meetings/{meeting.id}/papers/{paper.id}")
    await expect(page.locator(".paper-opened")).to_contain_text("Xã Chà Nưa")
    clerk = of_account(await services.store.accounts.get("secre-nam-po"), NOON)
    shown = Shown("levels", ("district",))
    await keeping.show(services.store, clerk, meeting.id, paper.id, shown)
    await page.goto(f"{linked}/papers")
    await expect(page.get_by_text("Chưa có tài liệu")).to_be_visible()
