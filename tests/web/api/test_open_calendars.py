"""What a unit shows to everybody: on a page, as a calendar and as JSON, and nothing beside it."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import recurring_ical_events
from icalendar import Calendar

from confhub.desks.agreements import set_rule
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import State
from confhub.units.unit import NewUnit
from tests.web.browser import NOON, SignedIn, WebClient
from tests.web.meeting_pages import ROOMS, fill_in, schedule
from tests.web.pages.meetings.test_series import WEEKLY, held
from web.requests.route import PAGE as PAGE_WEIGHT
from web.routes import ROUTES
from web.services import Services

PAGE = "/public/units/nam-po"
FORMS = (PAGE, f"{PAGE}/calendar.ics", f"{PAGE}/meetings.json")
PRIVATE = ("Nguyễn Văn Hùng", "Mang báo cáo", "Cử tri", "Secretary", "/join/", "/meetings/")


async def _text(browser: WebClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def _open(browser: WebClient, services: Services, **changes: object) -> Meeting:
    agenda = {"agenda_title": "Cử tri nêu ý kiến", "agenda_presenter": "", "agenda_minutes": ""}
    return await schedule(
        browser, services, is_public="1", note="Mang báo cáo", **agenda, **changes
    )


async def test_everybody_reads_title_time_and_place_and_nothing_else(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    await schedule(secretary, services, title="Họp kín", date="2026-12-03")
    meeting = await _open(secretary, services, title="Tiếp xúc cử tri; quý IV")
    page, feed, data = [await _text(client, path) for path in FORMS]
    for text in (page, feed, data):
        assert "Họp kín" not in text
        assert "Phòng họp Huyện Nậm Pồ" in text
        private = [one for one in PRIVATE if one in text]
        assert private == []
    assert "08:00–09:30" in page
    assert "Tiếp xúc cử tri; quý IV" in page
    (event,) = Calendar.from_ical(feed).walk("VEVENT")
    (found,) = recurring_ical_events.of(Calendar.from_ical(feed)).at(dt.date(2026, 12, 2))
    assert found["SUMMARY"] == "Tiếp xúc cử tri; quý IV"
    assert event["DTSTART"].dt.isoformat() == "2026-12-02T08:00:00+07:00"
    assert "URL" not in event
    assert await (await client.get(FORMS[2])).json() == {
        "unit": "Huyện Nậm Pồ",
        "meetings": [
            {
                "id": meeting.id,
                "title": "Tiếp xúc cử tri; quý IV",
                "starts": "2026-12-02T08:00:00+07:00",
                "ends": "2026-12-02T09:30:00+07:00",
                "status": "scheduled",
                "host": "Huyện Nậm Pồ",
                "place": "Phòng họp Huyện Nậm Pồ",
                "confirmed": True,
                "sittings": [["2026-12-02T08:00:00+07:00", "2026-12-02T09:30:00+07:00"]],
            }
        ],
    }


async def test_a_unit_shows_what_it_and_those_below_host_not_where_they_are_invited(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    await _open(await signed_in("secretary", "nam-po"), services, sites=ROOMS["cha-nua"])
    for unit, there in (("dien-bien", True), ("cha-nua", False), ("lai-chau", False)):
        assert ("Giao ban tháng 12" in await _text(client, f"/public/units/{unit}")) is there


async def test_the_address_may_name_the_code_of_statistics(
    services: Services, client: WebClient
) -> None:
    unit = NewUnit("commune", "Xã Nà Hỳ", "nam-po", codes=(("gso", "03215"),))
    await services.store.units.add_many([unit])
    assert "Xã Nà Hỳ" in await _text(client, "/public/units/03215")
    for path in FORMS:
        assert (await client.get(path.replace("nam-po", "nothing"))).status == 404


async def test_what_was_called_off_is_told_without_the_reason(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    meeting = await _open(await signed_in("secretary", "nam-po"), services)
    await services.store.meetings.update(
        dataclasses.replace(meeting, status="cancelled", status_reason="Đồng chí A ốm")
    )
    page, feed, data = [await _text(client, path) for path in FORMS]
    assert "Đã hủy" in page
    assert "STATUS:CANCELLED" in feed
    assert '"cancelled"' in data
    assert not any("ốm" in text for text in (page, feed, data))
    stored = await services.store.meetings.get(meeting.id)
    await services.store.meetings.update(dataclasses.replace(stored, status="ended"))
    assert "Giao ban" not in await _text(client, PAGE)


async def test_a_time_that_waits_to_be_confirmed_says_so_and_one_that_was_declined_is_not_told(
    signed_in: SignedIn, services: Services, client: WebClient
) -> None:
    now = services.clock().astimezone(services.zone)
    await set_rule(services.store, Actor(now), "nam-po", Rule("nam-po", "dien-bien"))
    meeting = await _open(await signed_in("secretary", "nam-po"), services)

    async def told() -> list[str]:
        return [await _text(client, path) for path in FORMS]

    states: tuple[State, ...] = ("asked", "lapsed", "declined", "proposed", "confirmed")
    for state in states:
        known = await services.store.agreements.find(meeting.id)
        assert known is not None
        await services.store.agreements.update(
            dataclasses.replace(known, state=state, version=known.version + 1)
        )
        page, feed, data = await told()
        waits, is_told = state in ("asked", "lapsed"), state not in ("declined", "proposed")
        assert [meeting.title in text for text in (page, feed, data)] == [is_told] * 3, state
        assert ("Chờ xác nhận giờ" in page) is waits, state
        assert ("STATUS:TENTATIVE" in feed) is waits, state
        assert (r"\nChờ xác nhận giờ" in feed.replace("\r\n ", "")) is waits, state
        assert ('"confirmed":false' in data) is waits, state


@pytest.mark.parametrize("path", FORMS[1:])
async def test_who_has_it_is_told_so(
    signed_in: SignedIn, services: Services, client: WebClient, path: str
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    meeting = await _open(secretary, services)
    tag = (await client.get(path)).headers["ETag"]
    again = await client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert again.status == 304
    await services.store.meetings.update(dataclasses.replace(meeting, title="Họp khác"))
    assert (await client.get(path, headers={"If-None-Match": tag})).status == 200


async def test_the_form_marks_and_takes_the_mark_back_and_a_series_hands_it_on(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await _open(browser, services, **WEEKLY)
    assert [one.is_public for one in await held(services, first)] == [True] * 4
    form = await _text(browser, f"/meetings/{first.id}/edit")
    assert 'name="is_public" type="checkbox" value="1" checked' in form
    edit = f"/meetings/{first.id}/edit"
    assert (await fill_in(browser, edit, scope="following")).status == 303
    assert [one.is_public for one in await held(services, first)] == [False] * 4
    history = await _text(browser, f"/meetings/{first.id}/history")
    assert "Họp công khai: có → —" in history


async def test_the_pages_speak_the_readers_language_and_the_units_page_leads_there(
    signed_in: SignedIn, client: WebClient
) -> None:
    english = {"Accept-Language": "en"}
    answer = await client.get(PAGE, headers=english)
    assert "There are no public meetings ahead." in await answer.text()
    assert 'href="/public/units/nam-po"' in await _text(
        await signed_in("secretary", "nam-po"), "/units/nam-po"
    )


def test_who_asks_too_often_is_slowed_down() -> None:
    rows = [row for row in ROUTES if row.path.startswith("/public/")]
    assert len(rows) == len(FORMS)
    assert all(row.pace is not None and row.weight == PAGE_WEIGHT for row in rows)


def test_a_meeting_is_not_public_unless_it_says_so() -> None:
    assert not Meeting("m", "T", "l", "u", "s", NOON, NOON).is_public
