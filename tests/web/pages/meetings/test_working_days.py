"""The table of days off, and what forms and calendars say of it."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.desks import work_calendar as desk
from confhub.meetings.working_days import SpecialDay
from confhub.people.actor import Actor
from tests.web.browser import Clock, SignedIn, csrf, submit
from web.services import Services


async def test_a_year_shows_its_holidays_to_whoever_sees_meetings(signed_in: SignedIn) -> None:
    browser = await signed_in("site", "nam-po")
    page = await (await browser.get("/working-days?year=2027")).text()
    assert "Tết Nguyên Đán" in page
    assert "Ghi vào bảng" not in page


@pytest.mark.parametrize("year", ["", "1", "9999", "x"])
async def test_a_year_that_is_none_is_this_one(
    signed_in: SignedIn, clock: Clock, year: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    page = await (await browser.get(f"/working-days?year={year}")).text()
    assert f"làm bù năm {clock.now.year}" in page


async def test_who_runs_the_house_keeps_the_table(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("admin", "central")
    form = {"day": "22/4/2028", "kind": "work", "name": "Làm bù <30/4>"}
    assert (await submit(browser, "/working-days", form)).status == 303
    page = await (await browser.get("/working-days?year=2028")).text()
    assert "Làm bù &lt;30/4&gt;" in page
    assert (await services.store.special_days.calendar()).is_working(dt.date(2028, 4, 22))
    assert (await submit(browser, "/working-days/2028-04-22/drop", {})).status == 303
    assert (await submit(browser, "/working-days/2028-04-22/drop", {})).status == 404
    assert (await submit(browser, "/working-days/yesterday/drop", {})).status == 404
    assert await services.store.special_days.all() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"day": ""}, "Xin nhập ngày."),
        ({"day": "31/2/2027"}, "Lịch không có ngày này"),
        ({"kind": "maybe"}, "Xin chọn nghỉ hay làm việc."),
        ({"name": " "}, "Xin ghi lý do"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_it(
    signed_in: SignedIn, change: dict[str, str], said: str
) -> None:
    browser = await signed_in("admin", "central")
    form = {"day": "22/4/2028", "kind": "off", "name": "Nghỉ bù"} | change
    answer = await submit(browser, "/working-days", form)
    page = await answer.text()
    assert answer.status == 400
    assert said in page


async def test_who_administers_a_part_does_not_keep_it(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    token = {"csrf": await csrf(browser), "day": "22/4/2028", "kind": "off", "name": "Nghỉ"}
    for path in ("/working-days", "/working-days/2028-04-22/drop"):
        assert (await browser.post(path, data=token)).status == 403


async def test_the_new_form_and_the_calendar_know_the_table(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")

    async def proposed() -> str:
        page = await (await browser.get("/meetings/new")).text()
        return page.partition('name="date"')[2].partition('value="')[2].partition('"')[0]

    first = dt.datetime.strptime(await proposed(), "%d/%m/%Y").date()  # noqa: DTZ007
    off = SpecialDay(first, is_off=True, name="Nghỉ bão")
    await desk.set_day(services.store, Actor(clock.now), off)
    then = dt.datetime.strptime(await proposed(), "%d/%m/%Y").date()  # noqa: DTZ007
    assert then > first
    week = await (await browser.get(f"/meetings?view=week&on={first.isoformat()}")).text()
    assert "Nghỉ bão" in week
