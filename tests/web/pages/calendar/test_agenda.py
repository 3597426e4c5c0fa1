"""The schedule as a list, a day and a week."""

from __future__ import annotations

import datetime as dt
import re

from tests.confhub.meetings.sittings import MONDAY, ZONE, council
from tests.web.browser import Clock, SignedIn
from tests.web.meeting_pages import ROOMS, schedule
from web.pages.calendar.agenda import _by_day
from web.services import Services


async def test_a_meeting_stands_under_its_day_in_local_time(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    page = await (await browser.get("/meetings")).text()
    assert "Giao ban tháng 12" in page
    assert re.search(r"Thứ Tư</span>\s*<span[^>]*>02/12/2026", page)
    assert "08:00" in page


async def test_search_needs_no_diacritics_and_says_when_nothing_fits(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    assert "Giao ban tháng 12" in await (await browser.get("/meetings?q=giao+ban+nguyen")).text()
    empty = await (await browser.get("/meetings?q=dien+luc")).text()
    assert "Không có cuộc họp nào khớp bộ lọc" in empty


async def test_filters_tell_hosted_invited_and_own_meetings_apart(
    signed_in: SignedIn, services: Services
) -> None:
    district = await signed_in("secretary", "nam-po")
    await schedule(district, services)
    commune = await signed_in("secretary", "cha-nua")
    for query, shown in (("invited", True), ("hosted", False), ("mine", False)):
        page = await (await commune.get(f"/meetings?whose={query}")).text()
        assert ("Giao ban tháng 12" in page) is shown, query
    assert "Giao ban tháng 12" in await (await district.get("/meetings?whose=mine")).text()


async def test_a_foreign_meeting_is_neither_listed_nor_found(
    signed_in: SignedIn, services: Services
) -> None:
    district = await signed_in("secretary", "nam-po")
    meeting = await schedule(district, services, sites=ROOMS["cha-nua"])
    for role, unit in (("secretary", "si-pha"), ("site", "si-pha"), ("admin", "lai-chau")):
        stranger = await signed_in(role, unit)
        assert "Giao ban tháng 12" not in await (await stranger.get("/meetings")).text()
        for path in ("", "/edit", "/links", "/cancel"):
            assert (await stranger.get(f"/meetings/{meeting.id}{path}")).status == 404


async def test_the_week_runs_from_monday_and_places_what_overlaps_side_by_side(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, sites=ROOMS["cha-nua"])
    await schedule(
        browser,
        services,
        title="Họp ban chỉ đạo",
        host_unit_id="si-pha",
        level_id="commune",
        chair_site_id=ROOMS["si-pha"],
        sites=ROOMS["dien-bien"],
        start="09:00",
    )
    page = await (await browser.get("/meetings?view=week&on=2026-12-02")).text()
    assert "30/11/2026 – 06/12/2026" in page
    assert page.index("Thứ Hai") < page.index("Chủ Nhật")
    assert "#cal-2-0 { top: 9.091%; height: 13.636%; left: 0.0%; width: 50.0%; }" in page
    assert "#cal-2-1 { top: 18.182%; height: 4.545%; left: 50.0%; width: 50.0%; }" in page
    assert "on=2026-11-25" in page
    assert "on=2026-12-09" in page


async def test_the_day_view_marks_today_and_the_present(signed_in: SignedIn, clock: Clock) -> None:
    browser = await signed_in("secretary", "nam-po")
    today = await (await browser.get("/meetings?view=day")).text()
    assert "is-today" in today
    assert "data-now" in today
    tomorrow = await (await browser.get("/meetings?view=day&on=2026-11-25")).text()
    assert "data-now" not in tomorrow


async def test_a_nonsense_query_shows_the_list_of_today(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await browser.get("/meetings?view=year&on=tomorrow&whose=x&status=y&q=" + "a" * 500)
    assert answer.status == 200


async def test_a_past_meeting_moves_to_the_other_tab(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, date="2026-11-24", start="14:00", end="15:00")
    clock.pass_by(hours=10)
    browser = await signed_in("secretary", "nam-po")
    clock.pass_by(days=1)
    again = await signed_in("secretary", "nam-po")
    assert "Giao ban tháng 12" not in await (await again.get("/meetings")).text()
    past = await (await again.get("/meetings?when=past")).text()
    assert "Giao ban tháng 12" in past
    assert "Đã kết thúc" in past


async def test_a_meeting_whose_time_has_come_says_so_and_still_counts_as_scheduled(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    await schedule(await signed_in("secretary", "nam-po"), services)
    clock.now = dt.datetime(2026, 12, 2, 1, 30, tzinfo=dt.UTC)  # half an hour into it
    browser = await signed_in("secretary", "nam-po")
    page = await (await browser.get("/meetings?status=scheduled")).text()
    assert "Giao ban tháng 12" in page
    assert "Đã đến giờ họp" in page


async def test_a_word_is_searched_for_in_all_years(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    for days in (400, -800):
        clock.pass_by(days=days)
        browser = await signed_in("secretary", "nam-po")
        assert "Giao ban tháng 12" not in await (await browser.get("/meetings")).text()
        for query in ("q=giao+ban", "q=giao+ban&when=past", "from=1/12/2026&to=31/12/2026"):
            page = await (await browser.get(f"/meetings?{query}")).text()
            assert "Giao ban tháng 12" in page, query
        page = await (await browser.get("/meetings?q=giao+ban&from=2026-12-03")).text()
        assert "Giao ban tháng 12" not in page


async def test_what_has_ended_today_is_past_and_no_longer_to_come(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    clock.now = meeting.ends_at + dt.timedelta(minutes=5)
    browser = await signed_in("secretary", "nam-po")
    assert "Giao ban tháng 12" not in await (await browser.get("/meetings")).text()
    assert "Giao ban tháng 12" in await (await browser.get("/meetings?when=past")).text()


async def test_a_range_that_was_turned_round_is_put_right(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    page = await (await browser.get("/meetings?from=31/12/2026&to=01/12/2026")).text()
    assert "Giao ban tháng 12" in page
    assert 'value="01/12/2026"' in page


async def test_a_meeting_over_midnight_is_one_box_of_the_week_with_its_end(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, start="23:45", end="02:45")

    async def boxes(query: str) -> list[str]:
        page = await (await browser.get(f"/meetings?{query}")).text()
        times = re.findall(r'<span class="cal-time">(.*?)</span></span>', page)
        assert page.count(f'href="/meetings/{meeting.id}"') == len(times)
        return [re.sub("<.*?>", "", time) for time in times]

    assert await boxes("view=week&on=2026-12-02") == ["23:45–02:45 hôm sau"]
    assert await boxes("view=day&on=2026-12-02") == ["23:45–02:45 hôm sau"]
    assert await boxes("view=day&on=2026-12-03") == ["…–02:45"]


def test_a_list_has_no_sittings_beyond_its_last_day() -> None:
    friday_and_monday = council(4, 7)
    friday, next_monday = (MONDAY + dt.timedelta(days=days) for days in (4, 7))
    sunday = friday + dt.timedelta(days=2)
    assert [day.on for day in _by_day([friday_and_monday], MONDAY, sunday, ZONE)] == [friday]
    shown = _by_day([friday_and_monday], MONDAY, next_monday, ZONE)
    assert [day.on for day in shown] == [friday, next_monday]
    assert _by_day([friday_and_monday], sunday, sunday, ZONE) == []
