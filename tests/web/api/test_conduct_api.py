"""A later end and an end taken back, asked for from the room."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from confhub.meetings.sitting import Sitting
from confhub.people.actor import Actor
from tests.statuses import set_status
from tests.web.browser import Clock, SignedIn, WebClient, csrf
from tests.web.meeting_pages import fill_in, heard, schedule
from web.services import Services


async def post(browser: WebClient, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    headers = {"X-CSRF-Token": await csrf(browser), "Accept": "application/json"}
    answer = await browser.post(path, json=body, headers=headers)
    return answer.status, await answer.json()


async def test_a_later_end_is_kept_told_and_written_down(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    clock.pass_by(minutes=1)
    async with heard(services) as news:
        status, found = await post(browser, f"/api/meetings/{meeting.id}/extend", minutes=30)
    later = meeting.ends_at + dt.timedelta(minutes=30)
    assert (status, found) == (200, {"ends_at": later.timestamp()})
    assert (await services.store.meetings.get(meeting.id)).ends_at == later
    assert [item.what for item in news] == ["changed"]
    [act, *_] = await services.store.audit.recent(1, meeting.id)
    assert (act.action, act.detail) == ("meeting.extended", "+30 min")


@pytest.mark.parametrize(
    ("start", "end", "now", "later"),
    [
        ("23:45", "02:45", {"hours": 1}, "03:30"),  # it is the next day already
        ("21:30", "23:45", {"hours": 2}, "00:30"),  # not yet: it becomes one over midnight
    ],
)
async def test_a_live_meeting_goes_on_past_midnight_by_the_room_and_by_the_page(
    signed_in: SignedIn,
    services: Services,
    clock: Clock,
    start: str,
    end: str,
    now: dict[str, float],
    later: str,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, start=start, end=end)
    clock.now = meeting.starts_at + dt.timedelta(**now)
    await set_status(services.store, meeting.id, "live")
    browser = await signed_in("secretary", "nam-po")  # days have gone by
    seen = meeting.ends_at.timestamp()
    path = f"/api/meetings/{meeting.id}/extend"
    assert await post(browser, path, minutes=30, ends_at=seen) == (200, {"ends_at": seen + 1800})
    longer, edit = {"start": start, "end": later}, f"/meetings/{meeting.id}/edit"
    asked = await fill_in(browser, edit, **longer)  # it has begun: it is asked once
    page = await asked.text()
    assert (asked.status, "Giờ bắt đầu đã qua" in page) == (409, True)
    confirm = page.split('name="confirm" value="')[1].split('"')[0]
    assert (await fill_in(browser, edit, **longer, confirm=confirm)).status == 303
    stored = await services.store.meetings.get(meeting.id)
    assert stored.starts_at == meeting.starts_at
    assert stored.ends_at == meeting.ends_at + dt.timedelta(minutes=45)
    assert f"{later} hôm sau" in await (await browser.get(f"/meetings/{meeting.id}")).text()


async def test_of_several_sittings_the_end_is_that_of_the_one_being_held(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    day, end = dt.timedelta(days=1), meeting.ends_at
    sittings = (Sitting(meeting.starts_at, end), Sitting(meeting.starts_at + day, end + day))
    async with services.store.work(Actor(services.clock())) as work:
        held = await work.meetings.hold(meeting.id)
        await work.meetings.update(replace(held, ends_at=end + day, sittings=sittings))
    path, later = f"/api/meetings/{meeting.id}/extend", end.timestamp() + 900
    found = await post(browser, path, minutes=15, ends_at=end.timestamp())
    assert found == (200, {"ends_at": later})


async def test_a_step_whose_answer_was_lost_is_taken_once(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path, seen = f"/api/meetings/{meeting.id}/extend", meeting.ends_at.timestamp()
    later = {"ends_at": seen + 900}
    for _ in range(2):
        assert await post(browser, path, minutes=15, ends_at=seen) == (200, later)
    status, problem = await post(browser, path, minutes=15, ends_at=seen - 900)
    assert (status, problem["code"]) == (409, "overtaken")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"minutes": 10},
        {"minutes": "15"},
        {"hours": 1},
        {"minutes": 15, "ends_at": 1e300},
        {"minutes": 15, "ends_at": -1},
    ],
)
async def test_other_steps_are_refused(
    signed_in: SignedIn, services: Services, body: dict[str, Any]
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    status, _ = await post(browser, f"/api/meetings/{meeting.id}/extend", **body)
    assert status == 400
    assert (await services.store.meetings.get(meeting.id)).ends_at == meeting.ends_at


async def test_an_end_is_taken_back_while_it_is_fresh(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path = f"/api/meetings/{meeting.id}/reopen"
    assert (await post(browser, path))[0] == 409  # nobody ended it
    await set_status(services.store, meeting.id, "ended")
    assert (await post(browser, path))[0] == 409  # nor did anybody in its room
    await services.store.audit.write("meeting.ended", subject=meeting.id, at=clock())
    clock.pass_by(minutes=4)
    async with heard(services) as news:
        assert (await post(browser, path))[0] == 200
    assert (await services.store.meetings.get(meeting.id)).status == "live"
    assert [item.what for item in news] == ["changed"]
    await set_status(services.store, meeting.id, "ended")
    clock.pass_by(minutes=2)
    status, problem = await post(browser, path)
    assert (status, "5 phút" in problem["detail"]) == (409, True)


async def test_who_does_not_drive_the_meeting_does_neither(
    signed_in: SignedIn, services: Services
) -> None:
    meeting = await schedule(await signed_in("secretary", "nam-po"), services)
    strangers = ("secretary", "lai-chau", 404), ("technician", "nam-po", 403)
    for role, unit, status in strangers:
        browser = await signed_in(role, unit)
        for path, body in (("extend", {"minutes": 15}), ("reopen", {})):
            assert (await post(browser, f"/api/meetings/{meeting.id}/{path}", **body))[0] == status
