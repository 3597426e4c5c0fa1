"""The schedule by the house's clock, wherever its machine thinks it stands: nothing changes but the
moments that the house's own hours are."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec
import pytest

from confhub.config import Settings
from tests.web.api.test_feeds import made, read
from tests.web.browser import SignedIn, WebClient, csrf
from tests.web.meeting_pages import ROOMS, schedule
from tests.web.pages.calendar.test_week_sheet import rows_of
from web.services import Services

# Clocks go forward in Berlin on the Sunday between these days, and had in Newfoundland.
FRIDAY, MONDAY = "2027-03-26", "2027-03-29"
REST = (("Ba", 30, 3), ("Tư", 31, 3), ("Năm", 1, 4), ("Sáu", 2, 4))
HERE = "Asia/Ho_Chi_Minh"


@pytest.fixture(
    params=[
        ("America/St_Johns", HERE),
        ("America/St_Johns", "Europe/Berlin"),
        ("UTC", "Asia/Tokyo"),
    ],
    ids=lambda both: " and ".join(both),
)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """Of the house; the machine has another."""
    machine, house = request.param
    with monkeypatch.context() as patch:
        patch.setenv("TZ", machine)
        time.tzset()
        yield ZoneInfo(house)
    time.tzset()


@pytest.fixture
def settings(settings: Settings, zone: ZoneInfo) -> Settings:
    return msgspec.structs.replace(settings, timezone=zone.key)


async def ask(browser: WebClient, path: str, day: str, **more: object) -> dict[str, object]:
    """About an hour of Nậm Pồ with two communes, from nine on."""
    question = {
        "host_unit_id": "nam-po",
        "chair_site_id": ROOMS["nam-po"],
        "chair_name": "",
        "starts": f"{day}T09:00",
        "ends": f"{day}T10:00",
        "site_ids": [ROOMS["cha-nua"], ROOMS["si-pha"]],
        **more,
    }
    headers = {"X-CSRF-Token": await csrf(browser)}
    answer = await browser.post(f"/api/meetings/{path}", json=question, headers=headers)
    assert answer.status == 200, await answer.text()
    found: dict[str, object] = await answer.json()
    return found


async def test_a_meeting_is_planned_moved_read_and_printed_by_the_clock_of_the_house(
    signed_in: SignedIn, services: Services, zone: ZoneInfo
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, date=FRIDAY, sites=ROOMS["cha-nua"])
    assert meeting.starts_at == dt.datetime(2027, 3, 26, 8, tzinfo=zone)
    assert meeting.ends_at == dt.datetime(2027, 3, 26, 9, 30, tzinfo=zone)

    found = await ask(browser, "slots", FRIDAY)
    assert isinstance(found["slots"], list)
    free = [(one["date"], one["start"], one["end"]) for one in found["slots"]]
    assert free == [
        (FRIDAY, "09:30", "10:30"),
        (FRIDAY, "13:30", "14:30"),
        (MONDAY, "08:00", "09:00"),
    ]

    body = {"version": 1, "starts": f"{MONDAY}T08:00", "ends": f"{MONDAY}T09:30"}
    headers = {"X-CSRF-Token": await csrf(browser)}
    answer = await browser.post(f"/api/meetings/{meeting.id}/move", json=body, headers=headers)
    assert answer.status == 200, await answer.text()
    moved = await services.store.meetings.get(meeting.id)
    assert moved.starts_at == dt.datetime(2027, 3, 29, 8, tzinfo=zone)
    assert moved.ends_at - moved.starts_at == dt.timedelta(minutes=90)

    found = await ask(browser, "conflicts", MONDAY)
    assert isinstance(found["clashes"], list)
    assert [one["when"] for one in found["clashes"]] == ["08:00–09:30, 29/03/2027"]
    assert (await ask(browser, "conflicts", FRIDAY))["clashes"] == []

    (event,) = (await read(browser, await made(browser))).walk("VEVENT")
    assert event["DTSTART"].dt == moved.starts_at
    assert event["DTEND"].dt == moved.ends_at

    rows = rows_of(await (await browser.get(f"/meetings/week?on={MONDAY}")).text())
    assert rows[0].startswith("Thứ Hai 29/03 Sáng 08:00–09:30 Giao ban tháng 12")
    assert rows[1:] == [f"Thứ {n} {day:02}/{month:02} Không có lịch họp" for n, day, month in REST]
    month = await (await browser.get(f"/meetings?view=month&on={MONDAY}")).text()
    assert f'data-starts="{MONDAY}T08:00"' in month
