"""A meeting in several sittings in the pages: form, calendars, feed, duplicate, move."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import recurring_ical_events

from confhub.desks import meetings as desk
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from tests.confhub.meetings.sittings import at
from tests.web.api.test_feeds import made, read
from tests.web.browser import Clock, SignedIn, WebClient
from tests.web.meeting_pages import fill_in, hidden, schedule
from web.services import Services

# Monday morning and afternoon, Wednesday morning.
DAYS: dict[str, Any] = {
    "title": "Kỳ họp HĐND huyện",
    "date": "07/12/2026",
    "start": "08:00",
    "end": "11:30",
    "sitting_date": ["7/12/2026", "09/12/2026", ""],
    "sitting_start": ["14h", "0830", ""],
    "sitting_end": ["17:00", "11:30", ""],
}
HOURS = (
    (at(0, 8), at(0, 11, 30)),
    (at(0, 14), at(0, 17)),
    (at(2, 8, 30), at(2, 11, 30)),
)


async def council(browser: WebClient, services: Services) -> Meeting:
    return await schedule(browser, services, **DAYS)


async def text(browser: WebClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def test_the_form_saves_every_sitting_and_shows_them_again(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    assert meeting.hours == HOURS
    page = await text(browser, f"/meetings/{meeting.id}/edit")
    assert page.count('name="sitting_date" value="0') == 2
    assert 'name="sitting_start" value="08:30"' in page


async def test_what_is_no_sitting_is_told_and_kept(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(browser, "/meetings/new", **{**DAYS, "sitting_end": ["17:00", "", ""]})
    page = await answer.text()
    assert answer.status == 400
    assert "Phiên 3: xin nhập đủ ngày và giờ" in page
    assert 'name="sitting_start" value="08:30"' in page


async def test_a_clash_says_on_which_day(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    await council(browser, services)
    # At night between them, and at noon, nobody is taken.
    await schedule(browser, services, date="07/12/2026", start="18:00", end="20:00")
    await schedule(browser, services, date="08/12/2026", start="08:00", end="17:00")
    answer = await fill_in(browser, "/meetings/new", date="09/12/2026", start="11:00", end="12:00")
    page = await answer.text()
    assert answer.status == 409
    assert "08:30–11:30" in page
    assert "09/12/2026" in page


async def test_sittings_and_a_rule_are_not_both(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    weekly = {"repeat": "week", "repeat_interval": "1", "repeat_weekday": "0"}
    answer = await fill_in(browser, "/meetings/new", **DAYS, **weekly)
    assert answer.status == 400
    assert "Cuộc họp nhiều phiên không lặp lại" in await answer.text()


async def test_calendars_show_each_day_and_no_day_between(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await council(browser, services)
    week = await text(browser, "/meetings?view=week&on=2026-12-07")
    assert week.count('class="cal-title">Kỳ họp HĐND huyện') == 3
    assert "(2/3)" in week
    month = await text(browser, "/meetings?view=month&on=2026-12-07")
    table = month.partition("</table>")[0]
    assert table.count('class="cal-title">Kỳ họp HĐND huyện') == 2
    listed = await text(browser, "/meetings?view=list")
    assert listed.count("sched-row") == 3
    sheet = await text(browser, "/meetings/week?on=2026-12-07")
    assert sheet.count(">Kỳ họp HĐND huyện") == 3
    tuesday = await text(browser, "/meetings?view=day&on=2026-12-08")
    assert "Kỳ họp HĐND huyện" not in tuesday


async def test_the_meetings_page_lists_them_and_says_when_the_next_opens(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    clock.now = at(0, 19, 30)
    browser = await signed_in("secretary", "nam-po")
    page = await text(browser, f"/meetings/{meeting.id}")
    assert "08:00 Thứ Hai, 07/12/2026 – 11:30 Thứ Tư, 09/12/2026, 3 phiên" in page
    assert "Chờ phiên sau" in page
    assert "Phòng họp mở lúc 07:30, 09/12/2026" in page


async def test_a_page_that_knew_of_no_sittings_drops_none(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    path = f"/meetings/{meeting.id}/edit"
    form: dict[str, Any] = {**await hidden(browser, path), "title": "Kỳ họp thứ mười"}
    del form["has_sittings"]
    form |= {"level_id": meeting.level_id, "host_unit_id": meeting.host_unit_id}
    form |= {"chair_site_id": meeting.chair_site_id, "site": list(meeting.sites)}
    # Such a page showed the first day, and the hour of the last day's end.
    form |= {"date": "07/12/2026", "start": "08:00", "end": "11:30"}
    answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    saved = await services.store.meetings.get(meeting.id)
    assert (saved.title, saved.hours) == ("Kỳ họp thứ mười", HOURS)


async def test_other_programs_read_each_sitting(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    await council(browser, services)
    shown = await read(browser, await made(browser))
    found = recurring_ical_events.of(shown).between(dt.date(2026, 12, 7), dt.date(2026, 12, 12))
    spans = sorted((one["DTSTART"].dt, one["DTEND"].dt) for one in found)
    assert tuple(spans) == HOURS
    assert len({str(one["UID"]) for one in found}) == len(HOURS)


async def test_it_is_duplicated_with_its_days(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    page = await text(browser, f"/meetings/new?like={meeting.id}")
    assert 'name="date" type="text" value="14/12/2026"' in page
    assert 'name="sitting_date" value="16/12/2026"' in page


async def test_all_its_sittings_are_put_off_together(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    path = f"/meetings/{meeting.id}/postpone"
    form = {**await hidden(browser, path), "mode": "move", "date": "14/12/2026"}
    form |= {"start": "08:00", "reason": "Bão"}
    answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    week = dt.timedelta(days=7)
    moved = await services.store.meetings.get(meeting.id)
    assert moved.hours == tuple((begin + week, end + week) for begin, end in HOURS)
    told = await text(browser, f"/meetings/{meeting.id}/history")
    assert "Bão" in told


async def test_its_letter_says_every_days_hours(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    page = await text(browser, f"/meetings/{meeting.id}/letter")
    assert "đến ngày 09 tháng 12 năm 2026 (thứ Tư), cụ thể:\n- Thứ Hai, ngày 07" in page
    assert "từ 08 giờ 00 đến 11 giờ 30; từ 14 giờ 00 đến 17 giờ 00" in page


async def test_texts_say_which_sitting_is_at_another_time(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    later = dataclasses.replace(meeting.sittings[1], ends_at=at(0, 18))
    sittings = (meeting.sittings[0], later, meeting.sittings[2])
    draft = dataclasses.replace(Draft.of(meeting), sittings=sittings)
    actor = Actor(services.clock())
    await desk.change(services.store, actor, meeting.id, meeting.version, draft)
    page = await text(browser, f"/meetings/{meeting.id}/invitations")
    now, was = page.split("Thời gian: ", 1)[1].split("(trước đây: ", 1)
    assert "14:00–18:00" in now
    assert "14:00–17:00" in was.split(")", 1)[0]


async def test_called_off_after_a_sitting_its_page_keeps_who_came(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await council(browser, services)
    only_rest = "chỉ các phiên còn lại bị hủy"
    assert only_rest not in await text(browser, f"/meetings/{meeting.id}/cancel")
    over = (dataclasses.replace(meeting.sittings[0], is_over=True), *meeting.sittings[1:])
    held = await services.store.meetings.update(dataclasses.replace(meeting, sittings=over))
    assert only_rest in await text(browser, f"/meetings/{meeting.id}/cancel")
    page = await text(browser, f"/meetings/{meeting.id}")
    assert "Có mặt 0/3" in page
    assert "Vắng" not in page  # it may still come
    assert "/links" in page
    await services.store.meetings.update(dataclasses.replace(held, status="cancelled"))
    page = await text(browser, f"/meetings/{meeting.id}")
    assert "Có mặt 0/3" in page
    assert "In điểm danh" in page
    week = await text(browser, "/meetings?view=week&on=2026-12-07")
    assert (week.count("is-cancelled"), week.count("is-ended")) == (2, 1)
    month = await text(browser, "/meetings?view=month&on=2026-12-07")
    table = month.partition("</table>")[0]
    assert (table.count("is-cancelled"), table.count("is-ended")) == (1, 1)
    sheet = await text(browser, "/meetings/week?on=2026-12-07")
    assert sheet.count(">Kỳ họp HĐND huyện") == 1
