"""Meetings that come again, in the pages: made by the form, shown, changed, moved, called off."""

from __future__ import annotations

import dataclasses
import html
import re
from typing import Any

import pytest

from confhub.meetings.meeting import Meeting
from tests.web.browser import SignedIn, WebClient, csrf_in
from tests.web.meeting_pages import FORM, ROOMS, fill_in, hidden, schedule
from web.pages.meetings.series import acts
from web.services import Services
from web.wire.request_turns import OWN

WEEKLY = {"repeat": "week", "repeat_ends": "count", "repeat_count": "4"}


async def held(services: Services, meeting: Meeting) -> list[Meeting]:
    """The meetings of its series, by their original dates."""
    one = await services.store.series.of_meeting(meeting.id)
    assert one is not None
    rows = await services.store.series.occurrences(one.series_id)
    return [await services.store.meetings.get(row.meeting_id) for row in rows]


def days(services: Services, found: list[Meeting]) -> str:
    zone = services.zone
    return " ".join(
        f"{one.starts_at.astimezone(zone):%d/%m}" for one in found if one.status != "cancelled"
    )


async def page_of(browser: WebClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200
    return html.unescape(await answer.text())


async def test_a_weekly_briefing_takes_one_choice(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, repeat="week")
    found = await held(services, first)
    assert days(services, found[:3]) == "02/12 09/12 16/12"
    assert len(found) == 11  # as far as three months go, without the one in Tết
    page = await page_of(browser, f"/meetings/{first.id}")
    assert "Hằng tuần, Thứ Tư" in page
    assert f"/meetings/{found[1].id}" in page
    series = re.findall(r'href="(/series/\w+)"', page)
    whole = await page_of(browser, series[0])
    assert all(f"/meetings/{one.id}" in whole for one in found)
    await schedule(browser, services, title="Một lần", date="03/12/2026")
    listed = await page_of(browser, "/meetings")
    rows = re.findall(r'<li class="sched-row.*?</li>', listed, re.DOTALL)
    assert {"Một lần" in row for row in rows if "Họp định kỳ" not in row} == {True}
    assert sum("Họp định kỳ" in row for row in rows) == len(found)


@pytest.mark.parametrize(
    ("repeat", "marked"),
    [
        ({"repeat_interval": "0"}, "repeat_interval"),
        ({"repeat_ends": "until", "repeat_until": "31/11/2026"}, "repeat_until"),
        ({"repeat_ends": "until", "repeat_until": "01/12/2026"}, "repeat_until"),
        ({"repeat_ends": "count", "repeat_count": "nhiều"}, "repeat_count"),
        ({"repeat_weekday": "9"}, "repeat_weekdays"),
    ],
)
async def test_a_wrong_rule_says_beside_the_field_what_to_mend(
    signed_in: SignedIn, repeat: dict[str, str], marked: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(browser, "/meetings/new", repeat="week", **repeat)
    page = await answer.text()
    assert answer.status == 400
    assert re.findall(r'id="e-(\w+)"', page) == [marked]
    assert '<option value="week" selected>' in page  # as it was typed


async def test_what_was_sent_twice_is_one_series(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {**FORM, **await hidden(browser, "/meetings/new"), "sites": FORM["sites"], **WEEKLY}
    places = set()
    for _ in range(2):
        answer = await browser.post("/meetings/new", data=form, allow_redirects=False)
        places.add(answer.headers["Location"])
    assert len(places) == 1
    assert len(await services.store.series.open_ids()) == 1


async def test_a_series_counts_for_as_much_as_it_makes(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights: list[int] = []
    monkeypatch.setattr(acts, "charge", lambda _, weight: weights.append(weight))
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, repeat="week")
    workdays = {"repeat": "week", "repeat_weekday": ["0", "1", "2"], "repeat_interval": "3"}
    await schedule(browser, services, date="07/12/2026", **workdays)
    await schedule(browser, services, date="03/12/2026", **WEEKLY)
    await schedule(browser, services, date="04/12/2026")
    assert weights == [130, 130, 40]


async def test_who_makes_series_without_end_is_told_to_wait(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "_MEETING", OWN.burst)
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(browser, "/meetings/new", title="Giao ban tuần", repeat="week")
    assert answer.status == 429
    assert await services.store.series.open_ids() == []
    shown = html.unescape(await answer.text())  # nothing has to be typed again
    assert "Quá nhiều yêu cầu" in shown
    assert 'value="Giao ban tuần"' in shown


async def test_who_changes_series_without_end_finds_again_what_was_typed(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, **WEEKLY)
    path = f"/meetings/{first.id}"
    monkeypatch.setattr(acts, "_MEETING", OWN.burst)
    posts: tuple[tuple[str, dict[str, str]], ...] = (
        ("edit", await rule_in(browser, f"{path}/edit")),
        ("postpone", {"mode": "move", "start": "08:30", "reason": "Họ đổi"}),
        ("cancel", {"reason": "Họ đổi"}),
    )
    for what, typed in posts:
        typed = {"title": "Họ đổi", "date": "2026-12-02", **typed, "scope": "all"}
        answer = await fill_in(browser, f"{path}/{what}", **typed)
        shown = html.unescape(await answer.text())
        assert (answer.status, "Quá nhiều yêu cầu" in shown) == (429, True), what
        assert "Họ đổi" in shown
    assert (await held(services, first))[0] == first


async def test_a_change_is_for_this_one_or_for_those_that_follow(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, **WEEKLY)
    second, third = (await held(services, first))[1:3]
    path = f"/meetings/{second.id}/edit"
    page = await page_of(browser, path)
    assert 'name="scope" value="following"' in page
    shown = {"date": "2026-12-09", **await rule_in(browser, path)}
    await fill_in(browser, path, **shown, title="Mở rộng", scope="one")
    path = f"/meetings/{first.id}/edit"
    shown = {"date": "2026-12-02", **await rule_in(browser, path)}
    answer = await fill_in(browser, path, **shown, start="07:30", scope="following")
    assert answer.status == 303, await answer.text()
    found = await held(services, first)
    assert [one.title for one in found] == [FORM["title"], "Mở rộng", FORM["title"], FORM["title"]]
    clocks = {f"{one.starts_at.astimezone(services.zone):%H:%M}" for one in found}
    assert clocks == {"07:30"}
    assert found[2].id == third.id
    page = await page_of(browser, f"/meetings/{second.id}")
    assert "Buổi này đã sửa riêng: tên." in page


async def rule_in(browser: WebClient, path: str) -> dict[str, str]:
    """The rule as the form shows it."""
    page = await page_of(browser, path)
    (weekday,) = re.findall(r'name="repeat_weekday" value="(\d)"[^>]* checked', page)
    (until,) = re.findall(r'name="repeat_until"[^>]* value="([\d/]*)"', page)
    return {
        "repeat": "week",
        "repeat_weekday": weekday,
        "repeat_ends": "until" if until else "never",
        "repeat_until": until,
    }


async def test_a_series_moves_to_another_day_with_a_reason(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, **WEEKLY)
    path = f"/meetings/{first.id}/postpone"
    form = {"mode": "move", "date": "03/12/2026", "start": "08:00", "end": "09:30"}
    form |= {"reason": "Trùng họp tỉnh", "scope": "all", **await hidden(browser, path)}
    answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == 303
    found = await held(services, first)
    assert days(services, found) == "03/12 10/12 17/12 24/12"
    assert {one.status_reason for one in found} == {"Trùng họp tỉnh"}
    form |= {"mode": "hold", "version": str(found[0].version)}
    answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == 400
    assert "chỉ làm cho từng buổi" in await answer.text()


async def test_a_series_is_ended_with_a_reason(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, **WEEKLY)
    second = (await held(services, first))[1]
    path = f"/meetings/{second.id}/cancel"
    form = {"reason": "Sáp nhập", "scope": "following", **await hidden(browser, path)}
    answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == 303
    assert days(services, await held(services, first)) == "02/12"
    one = await services.store.series.of_meeting(first.id)
    assert one is not None
    assert "Sáp nhập" in await page_of(browser, f"/series/{one.series_id}")


async def test_a_meeting_that_stood_alone_comes_again_from_its_form(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    alone = await schedule(browser, services)
    answer = await fill_in(browser, f"/meetings/{alone.id}/edit", **WEEKLY)
    assert answer.status == 303, await answer.text()
    assert days(services, await held(services, alone)) == "02/12 09/12 16/12 23/12"


async def test_a_series_is_seen_by_who_sees_its_meetings(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, **WEEKLY)
    one = await services.store.series.of_meeting(first.id)
    assert one is not None
    stranger = await signed_in("secretary", "lai-chau")
    assert (await stranger.get(f"/series/{one.series_id}")).status == 404
    invited = await signed_in("site", "cha-nua")
    assert (await invited.get(f"/series/{one.series_id}")).status == 200


async def test_the_next_dates_name_who_is_taken_on_them(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    other = await schedule(browser, services, title="Giao ban tuần", date="16/12/2026")
    page = await (await browser.get("/meetings/new")).text()
    meeting = {
        "host_unit_id": other.host_unit_id,
        "chair_site_id": other.chair_site_id,
        "starts": "2026-12-09T08:30",
        "ends": "2026-12-09T10:00",
        "site_ids": list(other.sites),
    }
    asked = {"date": "2026-12-09", "repeat": "week", "meeting": meeting}
    token = {"X-CSRF-Token": csrf_in(page)}
    answer = await browser.post("/api/meetings/dates", json=asked, headers=token)
    found = await answer.json()
    assert found["puts_off"]
    (taken,) = [row for row in found["dates"] if row["clashes"]]
    assert taken["day"] == "Thứ Tư, 16/12/2026"
    assert [one["title"] for one in taken["clashes"]] == ["Giao ban tuần"]
    assert taken["clashes"][0]["sites"]


async def test_a_shared_technician_is_named_and_puts_no_date_off(
    signed_in: SignedIn, services: Services
) -> None:
    phone: dict[str, Any] = {"technician_name": "Lò Văn A", "technician_phone": "0912 345 678"}
    for room in await services.store.sites.get_many([ROOMS["cha-nua"], ROOMS["si-pha"]]):
        await services.store.sites.update(dataclasses.replace(room, **phone))
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, date="16/12/2026", sites=ROOMS["cha-nua"], chair_name="")
    page = await (await browser.get("/meetings/new")).text()
    meeting = {
        "host_unit_id": "nam-po",
        "chair_site_id": ROOMS["si-pha"],
        "starts": "2026-12-09T08:30",
        "ends": "2026-12-09T10:00",
        "site_ids": [ROOMS["si-pha"]],
    }
    asked = {"date": "2026-12-09", "repeat": "week", "meeting": meeting}
    token = {"X-CSRF-Token": csrf_in(page)}
    answer = await browser.post("/api/meetings/dates", json=asked, headers=token)
    found = await answer.json()
    (taken,) = [row for row in found["dates"] if row["clashes"]]
    assert taken["clashes"][0]["whole"] == "cùng cán bộ kỹ thuật Lò Văn A"
    assert not found["puts_off"]


async def test_a_series_is_not_in_its_own_way(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services, **WEEKLY)
    page = await (await browser.get(f"/meetings/{first.id}/edit")).text()
    starts = first.starts_at.astimezone(services.zone)
    meeting = {
        "meeting_id": first.id,
        "host_unit_id": first.host_unit_id,
        "chair_site_id": first.chair_site_id,
        "starts": f"{starts:%Y-%m-%dT%H:%M}",
        "ends": f"{first.ends_at.astimezone(services.zone):%Y-%m-%dT%H:%M}",
        "site_ids": list(first.sites),
    }
    asked = {"date": f"{starts:%Y-%m-%d}", "repeat": "week", "meeting": meeting}
    token = {"X-CSRF-Token": csrf_in(page)}
    answer = await browser.post("/api/meetings/dates", json=asked, headers=token)
    found = await answer.json()
    assert found["dates"]
    assert not any(row["clashes"] for row in found["dates"])


async def test_the_next_dates_name_days_off_and_what_becomes_of_them(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    page = await (await browser.get("/meetings/new")).text()
    token = {"X-CSRF-Token": csrf_in(page)}
    asked = {"date": "2027-02-01", "repeat": "week", "repeat_off_days": "after"}
    answer = await browser.post("/api/meetings/dates", json=asked, headers=token)
    found = await answer.json()
    assert found["said"] == "Hằng tuần, Thứ Hai"
    assert found["meets_off"]
    tet = found["dates"][1]
    assert (tet["day"], tet["moved"]) == ("Thứ Hai, 08/02/2027", "Thứ Năm, 11/02/2027")
    assert "Tết" in tet["off"] or "Mùng" in tet["off"]
    for unfinished in ({}, {"repeat": "week"}, {"date": "31/31", "repeat": "week"}):
        answer = await browser.post("/api/meetings/dates", json=unfinished, headers=token)
        assert (await answer.json())["dates"] == []
    wrong = {**asked, "repeat_interval": "99"}
    answer = await browser.post("/api/meetings/dates", json=wrong, headers=token)
    assert "1" in (await answer.json())["error"]


async def test_a_form_of_a_series_sent_twice_makes_one_and_changed_another(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {**FORM, **WEEKLY, **await hidden(browser, "/meetings/new"), "sites": FORM["sites"]}
    other = {**form, "title": "Họp chiều", "start": "14:00", "end": "15:00"}
    alone = {**form, "repeat": "", "title": "Họp tối", "start": "19:00", "end": "20:00"}
    made = []
    for sent in (form, form, other, alone):
        answer = await browser.post("/meetings/new", data=sent, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        meeting_id = answer.headers["Location"].rsplit("/", 1)[1]
        made.append(await services.store.meetings.get(meeting_id))
    assert made[0].id == made[1].id
    assert [one.title for one in made[1:]] == [FORM["title"], "Họp chiều", "Họp tối"]
    assert await services.store.series.of_meeting(made[3].id) is None
