"""What goes wrong around a meeting on an ordinary bad day, in real browsers over a real hub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from confhub.demo.logins import PASSWORD
from confhub.imports.csv_table import MAX_BYTES
from tests.e2e.briefing import Briefing, House, gathered, open_briefing
from tests.e2e.person import BareBrowser, Person
from tests.e2e.reception import everybody_receives_everybody, receptions
from tests.e2e.seat import Desk, Seat
from tests.e2e.secretary import join_links, save
from tests.waiting import until

TITLE = "Họp khi máy chủ khởi động lại"
LARGE_FILE_BYTES = 50 * 1024 * 1024
# A laptop whose clock battery is dead: a day and a half behind.
WRONG_CLOCK = """
const Right = Date;
const BEHIND_MS = 129_600_000;
globalThis.Date = class extends Right {
  constructor(...parts) {
    if (parts.length) super(...parts);
    else super(Right.now() - BEHIND_MS);
  }
  static now() {
    return Right.now() - BEHIND_MS;
  }
};
"""


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def briefing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Briefing]:
    """The demo province; its tests leave the briefing open."""
    async with open_briefing(tmp_path_factory.mktemp("hub")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def house(briefing: Briefing) -> AsyncIterator[House]:
    async with gathered(briefing, console=False) as made:
        yield made


async def is_told(seat: Seat, reason: str, words: str) -> None:
    """The seat's last page, with its reason."""
    await seat.has_state("closed")
    await expect(seat.page.locator("#closed")).to_have_attribute("data-reason", reason)
    await expect(seat.page.locator("#closed-message")).to_contain_text(words)


async def presence(page: Page, member: str, state: str) -> None:
    tile = page.locator(f"[data-member='{member}'][data-source=camera]")
    await expect(tile).to_have_attribute("data-presence", state)


async def test_a_second_tab_takes_the_seat_and_the_first_may_take_it_back(house: House) -> None:
    first = house.commune
    async with first.page.expect_popup() as opening:
        # As a tab that is duplicated: what the first one remembers comes along.
        await first.page.evaluate("address => void window.open(address)", house.link)
    second = Seat(first.page.context, await opening.value, first.origin)
    await second.join(microphone=True)
    await is_told(first, "replaced", "từ một thiết bị khác")
    await everybody_receives_everybody([house.chair, second], {})

    await first.come_back()
    await is_told(second, "replaced", "từ một thiết bị khác")
    await everybody_receives_everybody([house.chair, first], await receptions([house.chair]))
    assert second.complaints == []


async def test_a_link_revoked_in_the_meeting_ends_that_seat_alone(house: House) -> None:
    page = house.secretary.page
    await page.goto(f"{house.meeting}/links")
    card = page.locator(".link-card").filter(has_text="Xã Chà Nưa")
    await card.get_by_role("link", name="Thu hồi").click()
    await page.get_by_role("button", name="Thu hồi").click()
    await is_told(house.commune, "revoked", "không còn hiệu lực")
    await house.chair.is_live()
    await house.commune.page.goto(house.link)
    await expect(house.commune.page.locator("main")).to_contain_text("thư ký")
    # A new link brings the site back.
    await page.goto(f"{house.meeting}/links")
    await card.get_by_role("link", name="Cấp lại").click()
    await page.get_by_role("button", name="Cấp lại").click()
    await house.commune.enter_by_link(
        (await join_links(house.secretary, house.meeting))["Xã Chà Nưa"]
    )


async def test_the_chair_goes_and_the_meeting_waits_for_it(house: House) -> None:
    chair, commune = house.chair, house.commune
    member = chair.member_id
    await presence(commune.page, member, "present")
    await chair.page.click("#tool-leave")
    await chair.page.click("#leave-now")
    await is_told(chair, "left", "Bạn đã rời cuộc họp")
    await expect(commune.page.locator("#alone")).to_be_visible()
    await commune.is_live()
    await chair.come_back()
    await presence(commune.page, member, "present")
    await everybody_receives_everybody([chair, commune], {})


async def test_a_meeting_moved_while_people_are_in_it_tells_them(house: House) -> None:
    page = house.secretary.page
    await page.goto(f"{house.meeting}/edit")
    end = await page.input_value("[name=end]")
    later = "20:58" if end != "20:58" else "20:57"
    await page.fill("[name=end]", later)
    await save(house.secretary)
    for seat in (house.chair, house.commune):
        await expect(seat.page.locator("#notice")).to_contain_text(later)
        await seat.is_live()
        await seat.page.get_by_role("button", name="Đã biết").click()
        await expect(seat.page.locator("#notice")).to_be_hidden()


async def test_a_laptop_whose_clock_is_wrong_joins_and_watches_like_any_other(
    house: House,
) -> None:
    await house.commune.page.context.add_init_script(WRONG_CLOCK)
    await house.commune.enter_by_link(house.link)
    await everybody_receives_everybody([house.chair, house.commune], {})

    technician = await Desk.open(house.briefing.chromium, house.hub.origin)
    await technician.page.context.add_init_script(WRONG_CLOCK)
    await technician.sign_in("kythuat.nampo", PASSWORD)
    await technician.page.goto(f"{house.hub.origin}/board")
    await expect(technician.page.locator("#feed")).to_have_attribute("data-feed", "live")
    site = house.commune.member_id.removeprefix("s-")
    row = technician.page.locator(f"tr.site-row[data-site='{site}']").last
    await expect(row.locator("[data-cell=delay]")).to_have_text(re.compile(r"\d"))
    assert technician.complaints == []
    await technician.close()


async def test_a_file_of_fifty_megabytes_is_refused_in_words(house: House, tmp_path: Path) -> None:
    file = tmp_path / "don-vi.csv"
    with file.open("wb") as made:
        made.truncate(LARGE_FILE_BYTES)
    administrator = await house.briefing.window("quantri.dienbien")
    await administrator.page.goto(f"{house.hub.origin}/units/import")
    await administrator.page.set_input_files("input[type=file]", file)
    await administrator.page.locator("form button[type=submit]").last.click()
    limit = f"{MAX_BYTES // 1024**2} MB"
    await expect(administrator.page.locator("main")).to_contain_text(re.compile(f"{limit}|quá lớn"))
    await administrator.close()


async def test_a_form_that_was_open_while_the_hub_restarted_is_saved(briefing: Briefing) -> None:
    hub = briefing.hub
    async with BareBrowser() as bare:
        secretary = Person(hub.origin, bare)
        assert await secretary.sign_in("thuky.nampo") == 303
        form = await secretary.fill_in(TITLE)
        hub.kill()
        hub.start()
        await until(secretary.is_ready)
        status, place = await secretary.post("/meetings/new", form)
        assert status == 303, place
        assert TITLE in (await secretary.get(place))[1]
