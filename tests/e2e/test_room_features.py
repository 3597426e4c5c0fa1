"""What features of a room show in its page, in real browsers over a real hub."""

from __future__ import annotations

import re
from functools import partial

from playwright.async_api import expect

from tests.e2e import test_room_conduct as conduct
from tests.e2e.briefing import House
from tests.e2e.schedule_hand import set_end
from tests.waiting import until

pytestmark = conduct.pytestmark
# The same house as where it is conducted.
briefing, house = conduct.briefing, conduct.house
LAYOUT_IS_GRID = "window.confhubRoom.state.room.layout.mode === 'grid'"


async def test_the_planned_end_is_told_in_time_and_sends_nobody_out(house: House) -> None:
    console, _, commune = strips = [s.page.locator(".time-strip") for s in house.seats]
    place = house.hub.data_dir, house.meeting.rpartition("/")[2]
    await set_end(*place, 5.9)
    for strip in strips:
        await expect(strip).to_contain_text(re.compile(r"Còn [56] phút đến giờ kết thúc"))
    await expect(commune.get_by_role("button", name="+15 phút")).to_be_hidden()
    await console.get_by_role("button", name="+15 phút").click()
    for strip in strips:
        await expect(strip).to_be_hidden()
    await set_end(*place, -3.5)
    await expect(console).to_contain_text(re.compile(r"Đã quá giờ kết thúc \(\S+\) \d+ phút"))
    await expect(commune).to_contain_text("cuộc họp tiếp tục đến khi thư ký kết thúc")
    await commune.get_by_role("button", name="Đã biết").click()
    await expect(commune).to_be_hidden()
    for seat in house.seats:
        await seat.is_live()
    await set_end(*place, 60)


async def test_the_layout_that_the_secretary_chooses_is_everybody_s(house: House) -> None:
    secretary = house.secretary.page
    grid = secretary.locator("[data-layout='grid']")
    await secretary.click("#tool-layout")
    await grid.click()
    await expect(secretary.locator("#layout-dialog")).to_be_hidden()
    for seat in house.seats:
        # Not wait_for_function: what it tries again is refused by the page's own policy.
        await until(partial(seat.page.evaluate, LAYOUT_IS_GRID))
    await secretary.click("#tool-layout")
    await expect(grid).to_have_attribute("aria-pressed", "true")
    await secretary.click("[data-layout='lecture']")
    await expect(house.commune.page.locator("#tool-layout")).to_be_hidden()
