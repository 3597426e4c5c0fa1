"""A province's month in real Chromium: a series over Tết, clashes of places, technicians and lines
and what is proposed, times that a centre declines, proposes and takes, meetings that move, a
commune that is merged, the week on paper; on a desk in Vietnamese, on a phone in English."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright, expect

from confhub.desks import agreements as desk
from confhub.people.actor import Actor
from confhub.planning.agreement.rule import Rule
from confhub.units.unit import NewUnit, Succession
from confhub.words.languages import Language
from tests.chromium import ARGUMENTS, CHROMIUM, WAIT_MS
from tests.web.browser import PASSWORD, Clock
from web.app import build_app
from web.services import Services

MONDAY = dt.datetime(2027, 1, 18, 1, 0, tzinfo=dt.UTC)  # three weeks before Tết
MERGED_ON = dt.date(2027, 2, 13)
TITLE, OTHER = "Giao ban với các xã", "Họp phòng chống rét"
DISTRICT, URGENT = "Họp thôn bản", "Họp khẩn của Chính phủ"


@dataclass(frozen=True)
class Office:
    """Somebody, mostly the secretary of the province, at whatever they have before them."""

    page: Page
    address: str
    is_phone: bool
    complaints: list[str]

    async def open(self, path: str) -> None:
        await self.page.goto(self.address + path)

    async def saved(self, press: str) -> str:
        """The id of the meeting that the form saved."""
        await self.page.locator(press).click()
        await self.page.wait_for_url(re.compile(r"/meetings/[0-9a-z]{16}$"))
        return self.page.url.rsplit("/", 1)[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def enter(
    browser: Browser,
    address: str,
    language: Language,
    login: str = "secretary.dien-bien",
    *,
    is_phone: bool,
) -> Office:
    size = {"width": 390, "height": 844} if is_phone else {"width": 1366, "height": 768}
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, has_touch=is_phone
    )
    form: dict[str, str | float | bool] = {"login": login, "password": PASSWORD}
    await context.request.post(f"{address}/signin", form=form, max_redirects=0)
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(address)
    if language != "vi":
        async with page.expect_navigation():
            button = page.locator(f"form.languages button[value={language}]").first
            await button.evaluate("button => button.click()")  # it may be in a closed menu
    return Office(page, address, is_phone, complaints)


async def series_over_tet(office: Office) -> str:
    """Mondays, of which one falls into Tết and is held on the next working day."""
    page = office.page
    await office.open("/meetings/new?date=2027-01-25&start=08:00&invite=cha-nua")
    await page.fill("[name=title]", TITLE)
    await page.select_option("[name=repeat]", "week")
    await page.select_option("[name=repeat_ends]", "count")
    await page.fill("[name=repeat_count]", "5")
    await page.locator("[name=repeat_off_days][value=after]").check()
    await expect(page.locator("[data-dates] li")).to_have_count(5)
    await expect(page.locator("[data-dates]")).to_contain_text(
        re.compile("11/02/2027|11 February 2027")
    )
    return await office.saved("#meeting-form .button-primary")


async def clash_and_proposal(office: Office) -> str:
    page = office.page
    await office.open("/meetings/new?date=2027-02-01&start=08:30&invite=cha-nua")
    await page.fill("[name=title]", OTHER)
    await expect(page.locator("#conflicts")).to_contain_text(TITLE)
    await page.locator("#slots .slot").first.click()
    await expect(page.locator("#conflicts")).to_be_hidden()
    await expect(page.locator("[name=start]")).to_have_value("09:30")
    return await office.saved("#meeting-form .button-primary")


async def share_people_and_lines(services: Services) -> None:
    """One technician looks after two communes, and their district's line carries two streams."""
    sites = services.store.sites
    for room_id in ("cha-nua-room", "si-pha-room"):
        room = await sites.get(room_id)
        phone = "0912 345 678"
        await sites.update(
            dataclasses.replace(room, technician_name="Lò Văn A", technician_phone=phone)
        )
    await sites.update(dataclasses.replace(await sites.get("nam-po-room"), streams=2))


async def clash_of_technician_and_line(office: Office) -> str:
    page = office.page
    await office.open("/meetings/new?host=nam-po&date=2027-01-25&start=08:30&invite=si-pha")
    await page.fill("[name=title]", DISTRICT)
    said = page.locator("#conflicts")
    await expect(said).to_contain_text(TITLE)
    await expect(said).to_contain_text("Lò Văn A")
    await expect(said).to_contain_text(re.compile("Phòng họp Huyện Nậm Pồ: 3 .* 2"))
    await page.locator("#slots .slot").first.click()
    await expect(said).to_be_hidden()
    return await office.saved("#meeting-form .button-primary")


async def answer(engineer: Office, meeting_id: str, mode: str, **typed: str) -> None:
    """From the centre's inbox."""
    page = engineer.page
    await engineer.open("/meetings/asked")
    await page.locator(f"a[href='/meetings/{meeting_id}/answer']").click()
    for name, text in typed.items():
        await page.fill(f"[name={name}]", text)
    await page.locator(f"[name=mode][value={mode}]").check()
    await page.locator("#postpone-form .button-primary").click()
    await page.wait_for_url(f"{engineer.address}/meetings/asked")


async def agree_after_a_refusal(office: Office, engineer: Office) -> str:
    """The centre declines, is asked once more, and proposes a time, which is taken by one press."""
    page = office.page
    await office.open("/meetings/new?host=nam-po&date=2027-03-02&start=08:00&invite=si-pha")
    await page.fill("[name=title]", DISTRICT)
    meeting_id = await office.saved("#meeting-form .button-primary")
    await answer(engineer, meeting_id, "decline", reason="Máy chủ bảo trì")
    await page.reload()
    await expect(page.locator(".agreement")).to_contain_text("Máy chủ bảo trì")
    await page.locator("form[action$='/ask'] button").click()
    await expect(page.locator("form[action$='/ask']")).to_have_count(0)
    when = {"date": "03/03/2027", "start": "14:00", "end": "15:30"}
    await answer(engineer, meeting_id, "propose", **when, reason="Ngày 2 bảo trì")
    await page.reload()
    await page.locator("form[action$='/take'] button").click()
    await expect(page.locator("form[action$='/take']")).to_have_count(0)
    return meeting_id


async def give_way(office: Office, centre: Office, meeting_id: str) -> None:
    """The centre takes the time with a reason; whose it was is told, and has another proposed."""
    page = centre.page
    await centre.open("/meetings/new?date=2027-03-03&start=14:30&invite=nam-po")
    await page.fill("[name=title]", URGENT)
    await expect(page.locator("#conflicts")).to_contain_text(DISTRICT)
    await page.fill("[name=override_reason]", "Bão số 3")
    await centre.saved("#meeting-form .button-primary")
    page = office.page
    await office.open(f"/meetings/{meeting_id}")
    propose = page.locator(f"a[href='/meetings/{meeting_id}/postpone?propose=1']")
    told = page.locator(".flash").filter(has=propose)
    await expect(told).to_have_count(2)  # the district's place is taken, and its line is full
    await expect(told.first).to_contain_text(URGENT)
    await propose.first.click()
    await page.locator("#postpone-form .button-primary").click()
    await page.wait_for_url(f"{office.address}/meetings/{meeting_id}")
    await expect(propose).to_have_count(0)


async def take(office: Office, meeting_id: str, keys: Sequence[str], scope: str) -> None:
    """On a desk by the calendar; on a phone the page that moves a meeting does it."""
    page = office.page
    if office.is_phone:
        await office.open(f"/meetings/{meeting_id}/postpone")
        day, start, end = keys
        for name, text in (("date", day), ("start", start), ("end", end), ("reason", "Lịch tỉnh")):
            await page.fill(f"[name={name}]", text)
        await page.locator(f"[name=scope][value={scope}]").check()
        await page.locator("#postpone-form .button-primary").click()
        await page.wait_for_url(f"{office.address}/meetings/{meeting_id}")
    else:
        await page.locator(f"[data-move='{meeting_id}']").focus()
        for key in (*keys, "Enter"):
            await page.keyboard.press(key)
        await save_move(page, scope)


async def save_move(page: Page, scope: str) -> None:
    dialog = page.locator("#move-dialog")
    await dialog.locator(f"[name=scope][value={scope}]").check()
    dates = dialog.locator(".repeat-dates li")
    if scope == "one":
        await expect(dates).to_have_count(0)
    else:
        await expect(dates.first).to_be_visible()
    await dialog.locator("[data-save]").click()
    await expect(page.locator(".flash-good")).to_be_visible()


async def drag_to_the_next_day(office: Office, meeting_id: str) -> None:
    page = office.page
    box = await page.locator(f"[data-move='{meeting_id}']").bounding_box()
    column = await page.locator(".cal-column").first.bounding_box()
    assert box is not None
    assert column is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + column["width"] + 1, y, steps=3)
    await expect(page.locator(".cal-ghost")).to_contain_text("08:00–09:30")
    await page.mouse.up()
    await save_move(page, "one")


async def merge_cha_nua(services: Services) -> None:
    new = NewUnit("commune", "Xã Mường Chà", "nam-po", valid_from=MERGED_ON, id="muong-cha")
    await services.store.units.add_many([new])
    await services.store.units.close_units(["cha-nua"], MERGED_ON)
    await services.store.units.add_successions([Succession("cha-nua", "muong-cha", MERGED_ON)])
    room = await services.store.sites.get("cha-nua-room")
    heir = dataclasses.replace(room, id="muong-cha-room", unit_id="muong-cha", code="MC")
    await services.store.sites.add(heir)


async def held(services: Services, meeting_id: str) -> list[str]:
    """The series' meetings by their original dates: ids."""
    (one,) = await services.store.series.of_meetings([meeting_id])
    rows = await services.store.series.occurrences(one.series_id)
    return [row.meeting_id for row in rows]


async def times(services: Services, ids: Sequence[str]) -> list[str]:
    meetings = [await services.store.meetings.get(one) for one in ids]
    return [f"{one.starts_at.astimezone(services.zone):%d/%m %H:%M}" for one in meetings]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("language", "is_phone"), [("vi", False), ("en", True)])
async def test_a_month_is_planned_changed_and_printed(
    services: Services, clock: Clock, chromium: Browser, language: Language, is_phone: bool
) -> None:
    clock.now = MONDAY
    async with TestServer(build_app(services)) as server:
        address = f"http://127.0.0.1:{server.port}"
        office = await enter(chromium, address, language, is_phone=is_phone)
        page = office.page
        first = await series_over_tet(office)
        series = await held(services, first)
        other = await clash_and_proposal(office)
        assert await times(services, [other]) == ["01/02 09:30"]

        await share_people_and_lines(services)
        assert await times(services, [await clash_of_technician_and_line(office)]) == [
            "25/01 09:30"
        ]
        now = Actor(MONDAY.astimezone(services.zone))
        await desk.set_rule(services.store, now, "nam-po", Rule("nam-po", "dien-bien"))
        engineer, centre = [
            await enter(chromium, address, language, login, is_phone=is_phone)
            for login in ("technician.dien-bien", "secretary.central")
        ]
        agreed = await agree_after_a_refusal(office, engineer)
        assert await times(services, [agreed]) == ["03/03 14:00"]
        await give_way(office, centre, agreed)
        assert await times(services, [agreed]) == ["03/03 16:00"]

        await office.open("/meetings?view=week&on=2027-02-11")
        if is_phone:
            await page.locator(f"a.cal-box[href='/meetings/{series[2]}']").tap()
            await page.wait_for_url(f"{address}/meetings/{series[2]}")
            await take(office, series[2], ("12/02/2027", "08:00", "09:30"), "one")
        else:
            await drag_to_the_next_day(office, series[2])
        await office.open("/meetings?view=week&on=2027-02-15")
        keys = ("15/02/2027", "08:30", "10:00") if is_phone else ("ArrowDown", "ArrowDown")
        await take(office, series[3], keys, "following")
        planned = ["25/01 08:00", "01/02 08:00", "12/02 08:00", "15/02 08:30", "22/02 08:30"]
        assert await times(services, await held(services, first)) == planned

        await merge_cha_nua(services)
        await office.open("/meetings/leaving")
        leaving = page.locator(".leaving")
        await expect(leaving).to_contain_text("Xã Chà Nưa")
        await expect(leaving.locator("option:checked")).to_contain_text("Xã Mường Chà")
        await leaving.locator(".button-primary").click()
        await expect(leaving).to_have_count(0)
        assert [
            "muong-cha-room" in (await services.store.meetings.get(one)).sites for one in series
        ] == [False, False, False, True, True]

        await office.open("/meetings/week?on=2027-02-15")
        await page.emulate_media(media="print")
        sheet = page.locator(".sheet-table")
        await expect(sheet).to_contain_text(TITLE)
        await expect(sheet).to_contain_text("08:30–10:00")
        await expect(sheet).to_contain_text("Xã Mường Chà")
        await expect(page.locator("header.top")).to_be_hidden()
        head = {"vi": "Lịch công tác tuần 7", "en": "Schedule of week 7"}[language]
        await expect(page.locator(".sheet h1")).to_contain_text(head)
        await office.open("/meetings/week?on=2027-02-08")
        off = {"vi": "Ngày nghỉ", "en": "Days off"}[language]
        await expect(sheet.locator(".sheet-none").first).to_have_text(off)
        for one in (office, engineer, centre):
            assert one.complaints == []
            await one.page.context.close()
