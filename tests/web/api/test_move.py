"""A meeting taken to another time in the calendar: what is in the way, and what it becomes."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.schedule import Draft
from tests.web.browser import Clock, SignedIn, WebClient, csrf
from tests.web.meeting_pages import schedule
from tests.web.pages.meetings.test_series import WEEKLY, days, held
from web.services import Services

LATER = {"starts": "2026-12-03T14:00", "ends": "2026-12-03T15:00"}


async def _post(browser: WebClient, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    headers = {"X-CSRF-Token": await csrf(browser)}
    answer = await browser.post(path, json=body, headers=headers)
    return answer.status, await answer.json()


async def _move(browser: WebClient, one: Meeting, **more: object) -> tuple[int, dict[str, Any]]:
    body = {"version": one.version, **LATER, **more}
    return await _post(browser, f"/api/meetings/{one.id}/move", body)


async def _ask(browser: WebClient, one: Meeting, **more: object) -> dict[str, Any]:
    body = {"meeting_id": one.id, **LATER, **more}
    status, found = await _post(browser, "/api/meetings/conflicts", body)
    assert status == 200
    return found


def _local(services: Services, one: Meeting) -> str:
    starts, ends = (at.astimezone(services.zone) for at in (one.starts_at, one.ends_at))
    return f"{starts:%d/%m %H:%M}-{ends:%H:%M}"


async def test_a_meeting_goes_to_another_time_with_all_that_it_has(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    status, answer = await _move(browser, meeting)
    assert status == 200
    stored = await services.store.meetings.get(meeting.id)
    assert answer == {"version": stored.version}
    assert _local(services, stored) == "03/12 14:00-15:00"
    assert Draft.of(stored) == dataclasses.replace(
        Draft.of(meeting), starts_at=stored.starts_at, ends_at=stored.ends_at
    )
    said = await (await browser.get("/meetings?view=week&on=2026-12-03")).text()
    assert "Đã dời cuộc họp." in said


async def test_who_is_taken_then_is_told_before_and_wants_a_reason(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    await schedule(
        browser, services, title="Họp khác", date="2026-12-03", start="14:30", end="16:00"
    )
    status, answer = await _move(browser, meeting)
    assert (status, answer["code"]) == (409, "unseen")
    found = await _ask(browser, meeting)
    assert [clash["title"] for clash in found["clashes"]] == ["Họp khác"]
    body = {"meeting_id": meeting.id, **LATER}
    _, proposals = await _post(browser, "/api/meetings/slots", body)
    assert proposals["sites"] == 3
    assert proposals["slots"][0]["start"] == "08:00"
    status, answer = await _move(browser, meeting, confirm=found["seal"])
    assert (status, list(answer["fields"])) == (400, ["override_reason"])
    assert (await services.store.meetings.get(meeting.id)).version == meeting.version
    status, _ = await _move(browser, meeting, confirm=found["seal"], override_reason="Họp gấp")
    assert status == 200
    acts = await services.store.audit.recent(5, meeting.id)
    assert any(one.action == "meeting.clash_accepted" and "Họp gấp" in one.detail for one in acts)


async def test_a_time_that_has_passed_is_to_be_seen(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    past = {"starts": "2026-11-23T08:00", "ends": "2026-11-23T09:00"}
    status, answer = await _move(browser, meeting, **past)
    assert (status, answer["code"]) == (409, "unseen")
    seal = (await _ask(browser, meeting, **past))["seal"]
    assert (await _move(browser, meeting, confirm=seal, **past))[0] == 200


async def test_what_somebody_changed_meanwhile_is_not_written_over(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    await _move(browser, meeting)
    status, answer = await _move(
        browser, meeting, starts="2026-12-04T08:00", ends="2026-12-04T09:00"
    )
    assert (status, answer["code"]) == (409, "overtaken")
    assert "Người khác vừa thay đổi" in answer["detail"]
    assert _local(services, await services.store.meetings.get(meeting.id)).startswith("03/12")


@pytest.mark.parametrize("times", [{"starts": "x"}, {"ends": "2026-12-03T14:00"}, {"ends": ""}])
async def test_a_time_that_cannot_be_is_refused_in_words(
    signed_in: SignedIn, services: Services, times: dict[str, str]
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    status, answer = await _move(browser, meeting, **times)
    assert status == 400
    assert list(answer["fields"]) == list(times)


@pytest.mark.parametrize("state", ["live", "ended", "cancelled", "postponed", "late"])
async def test_what_has_begun_or_has_no_time_cannot_be_taken(
    signed_in: SignedIn, services: Services, clock: Clock, state: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, date="2026-11-24", start="13:00", end="14:30")
    page = "/meetings?view=week&on=2026-11-24"
    handle = f'data-move="{meeting.id}" data-version="1" data-starts="2026-11-24T13:00"'
    assert handle in await (await browser.get(page)).text()
    if state == "late":
        clock.pass_by(hours=1.5)  # nobody came yet
    else:
        status: MeetingStatus = state  # type: ignore[assignment]
        await services.store.meetings.update(dataclasses.replace(meeting, status=status))
    meeting = await services.store.meetings.get(meeting.id)
    for view in ("week", "day", "month"):
        shown = await (await browser.get(page.replace("week", view))).text()
        assert meeting.title in shown
        assert "data-move" not in shown
    code, answer = await _move(browser, meeting)
    assert code == 409
    assert answer["code"] in ("immovable", "no_more_changes")


async def test_what_is_another_units_is_only_looked_at(
    signed_in: SignedIn, services: Services
) -> None:
    meeting = await schedule(await signed_in("secretary", "nam-po"), services)
    for role, unit in (
        ("secretary", "cha-nua"),
        ("technician", "nam-po"),
        ("secretary", "lai-chau"),
    ):
        browser = await signed_in(role, unit)
        for view in ("week", "month"):
            shown = await (await browser.get(f"/meetings?view={view}&on=2026-12-02")).text()
            assert "data-move" not in shown
        assert (await _move(browser, meeting))[0] in (403, 404)
        status, _ = await _post(
            browser, "/api/meetings/conflicts", {"meeting_id": meeting.id, **LATER}
        )
        assert status in (403, 404)
    above = await signed_in("secretary", "dien-bien")
    shown = await (await above.get("/meetings?view=month&on=2026-12-02")).text()
    assert shown.count(f'data-move="{meeting.id}"') == 1  # not in the list for telephones


async def test_the_dates_of_a_series_that_is_moved_name_who_is_taken_on_them(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first, second, *_ = await held(services, await schedule(browser, services, **WEEKLY))
    await schedule(browser, services, title="Giao ban tuần", date="17/12/2026")
    token = {"X-CSRF-Token": await csrf(browser, "/meetings?view=week")}

    async def asked(meeting_id: str, scope: str, day: str) -> dict[str, Any]:
        span = {"starts": f"{day}T08:30", "ends": f"{day}T10:00"}
        question = {"scope": scope, "meeting": {"meeting_id": meeting_id, **span}}
        answer = await browser.post("/api/meetings/dates", json=question, headers=token)
        assert answer.status == 200, await answer.text()
        told: dict[str, Any] = await answer.json()
        return told

    found = await asked(second.id, "following", "2026-12-10")
    assert [row["day"][-10:] for row in found["dates"]] == [
        "10/12/2026",
        "17/12/2026",
        "24/12/2026",
    ]
    assert found["puts_off"]
    (taken,) = [row for row in found["dates"] if row["clashes"]]
    assert taken["clashes"][0]["title"] == "Giao ban tuần"
    found = await asked(first.id, "all", "2026-12-04")
    assert not any(row["clashes"] for row in found["dates"])
    assert "Chỉ dời được" in (await asked(first.id, "all", "2026-12-20"))["error"]


async def test_of_a_series_this_one_goes_or_those_that_follow(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, **WEEKLY)
    page = await (await browser.get("/meetings?view=week&on=2026-12-09")).text()
    second, third = (await held(services, first))[1:3]
    assert re.search(rf'data-move="{second.id}"[^>]*data-series="yes"', page)
    thursday = {"starts": "2026-12-10T08:00", "ends": "2026-12-10T09:30"}
    assert (await _move(browser, second, scope="one", **thursday))[0] == 200
    assert days(services, await held(services, first)) == "02/12 10/12 16/12 23/12"
    friday = {"starts": "2026-12-18T08:00", "ends": "2026-12-18T09:30"}
    assert (await _move(browser, third, scope="following", **friday))[0] == 200
    assert days(services, await held(services, first)) == "02/12 10/12 18/12 25/12"
