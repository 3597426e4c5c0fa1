"""Whose calendar it is, the month, days of too many meetings, and the way into the form."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import unquote

from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import ROOMS, schedule
from web.services import Services

TITLE = "Giao ban tháng 12"


async def shown(browser: WebClient, query: str) -> str:
    answer = await browser.get(f"/meetings?{query}")
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def test_a_month_shows_each_meeting_on_its_day_and_steps_by_months(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    page = await shown(browser, "view=month&on=2026-12-15")
    assert "Tháng 12/2026" in page
    assert page.index("Thứ Hai") < page.index("Chủ Nhật")
    assert re.search(r"Thứ Tư, 02/12/2026, 1 cuộc họp", page)
    assert f"08:00–09:30 {TITLE}" in page
    assert "on=2026-11-01" in page
    assert "on=2027-01-01" in page


async def test_a_day_of_more_meetings_than_fit_counts_the_rest(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, sites=ROOMS["cha-nua"])
    for number in range(5):
        twin = dataclasses.replace(meeting, id=f"twin-{number}", title=f"Họp {number}", agenda=())
        await services.store.meetings.add(twin)
    month = await shown(browser, "view=month&on=2026-12-02")
    assert "Thứ Tư, 02/12/2026, 6 cuộc họp" in month
    assert "và 3 cuộc nữa" in month
    week = await shown(browser, "view=week&on=2026-12-02")
    assert "is-listed" in week  # six side by side could not be read
    assert "#cal-2-0" not in week
    assert "is-listed" not in await shown(browser, "view=day&on=2026-12-02")


async def test_the_calendar_of_a_unit_holds_what_it_hosts_and_is_invited_to(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, sites=ROOMS["cha-nua"])
    for query, there in (
        ("unit=cha-nua", True),
        ("unit=si-pha", False),
        ("unit=cha-nua&whose=hosted", False),
        ("unit=nam-po&alone=1&whose=hosted", True),
        ("unit=dien-bien&alone=1", False),
        ("site=cha-nua-room", True),
        ("site=si-pha-room", False),
        ("level=district", True),
        ("level=commune", False),
        ("level=nonsense", True),
    ):
        for view in ("list", "month", "week"):
            page = await shown(browser, f"view={view}&on=2026-12-02&{query}")
            assert (TITLE in page) is there, (view, query)


async def test_filters_and_whose_calendar_it_is_stay_from_view_to_view(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    page = await shown(browser, "view=month&on=2026-12-02&unit=cha-nua&level=commune&q=giao")
    tabs = re.findall(r'href="(/meetings\?[^"]*view=(?:day|week)[^"]*)"', page)
    kept = [one for one in tabs if "unit=cha-nua" in one and "level=commune" in one]
    assert len(kept) >= 2
    # The list shows the days that the calendar showed.
    assert "from=2026-12-01&amp;to=2026-12-31" in page


async def test_a_name_without_diacritics_leads_to_the_unit(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await browser.get(
        "/meetings?view=month&on=2026-12-02&of=cha+nua", allow_redirects=False
    )
    assert answer.status == 303
    assert "unit=cha-nua" in answer.headers["Location"]
    assert "view=month" in answer.headers["Location"]
    above = await browser.get("/meetings?of=dien+bien", allow_redirects=False)
    assert "unit=dien-bien" in above.headers["Location"]  # it invites them
    several = await shown(browser, "of=xa")
    assert "Xã Chà Nưa" in several
    assert "Xã Si Pa Phìn" in several
    assert "Không có đơn vị hay điểm cầu nào" in await shown(browser, "of=lai+chau")


async def test_who_may_not_see_a_units_meetings_finds_no_such_calendar(
    signed_in: SignedIn,
) -> None:
    for role, unit in (("secretary", "nam-po"), ("site", "nam-po")):
        browser = await signed_in(role, unit)
        for query in ("unit=lai-chau", "site=lai-chau-room", "unit=nothing", "site=nothing"):
            assert (await browser.get(f"/meetings?{query}")).status == 404, query
    assert (await browser.get("/meetings?unit=nam-po")).status == 200
    assert (await browser.get("/meetings?unit=cha-nua")).status == 404  # a room speaks for itself
    assert "lai chau" not in await shown(browser, "of=xa")


async def test_a_free_time_leads_to_the_form_with_its_day_time_and_room(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    week = await shown(browser, "view=week&on=2026-12-02&unit=cha-nua")
    assert 'data-new="/meetings/new" data-invite="cha-nua"' in week
    form = await (
        await browser.get("/meetings/new?date=2026-12-02&start=09:30&invite=cha-nua")
    ).text()
    for name, value in (("date", "02/12/2026"), ("start", "09:30"), ("end", "11:00")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', form), name
    assert re.search(r'"id": ?"cha-nua-room"', form)
    outside = await (await browser.get("/meetings/new?invite=lai-chau&date=x&start=99:00")).text()
    assert "lai-chau-room" not in outside
    assert re.search(r'name="start"[^>]*value="08:00"', outside)
    room = await signed_in("site", "cha-nua")
    assert "data-new" not in await shown(room, "view=week")


async def test_a_month_offers_a_new_meeting_on_days_to_come(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    page = unquote(await shown(browser, "view=month"))
    assert "/meetings/new?date=2026-11-24" in page
    assert "/meetings/new?date=2026-11-23" not in page
