"""Who plans meetings is told which of their sites will not be there, and replaces them at once."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.units.unit import NewUnit, Succession
from tests.web.browser import SignedIn, csrf_in
from tests.web.meeting_pages import ROOMS, hidden, schedule
from web.services import Services

PAGE = "/meetings/leaving"


async def merge_cha_nua(services: Services, ends: dt.date) -> None:
    """Xã Chà Nưa ends that day; a new commune with a room of its own follows it."""
    new = NewUnit("commune", "Xã Mới", "nam-po", valid_from=ends, id="xa-moi")
    await services.store.units.add_many([new])
    await services.store.units.close_units(["cha-nua"], ends)
    await services.store.units.add_successions([Succession("cha-nua", "xa-moi", ends)])
    room = await services.store.sites.get(ROOMS["cha-nua"])
    heir = dataclasses.replace(room, id="xa-moi-room", unit_id="xa-moi", code="xm", name="Phòng M")
    await services.store.sites.add(heir)


async def test_a_unit_that_ends_before_a_meeting_is_told_and_its_heir_proposed(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    assert PAGE not in await (await browser.get("/meetings")).text()
    await merge_cha_nua(services, dt.date(2026, 12, 1))
    said = "1 cuộc họp có điểm cầu của đơn vị kết thúc ngày 01/12/2026."
    for path in ("/", "/meetings"):
        assert said in await (await browser.get(path)).text()
    detail = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert "Đơn vị kết thúc ngày 01/12/2026" in detail
    page = await (await browser.get(PAGE)).text()
    assert "Đơn vị của các điểm cầu này kết thúc" in page
    assert "Đơn vị chủ trì của các cuộc họp này" not in page
    assert '<option value="xa-moi-room" selected>Phòng M (Xã Mới)</option>' in page
    form = {**await hidden(browser, PAGE), "site_id": "xa-moi-room"}
    answer = await browser.post(PAGE, data=form, allow_redirects=False)
    assert answer.status == 303
    stored = await services.store.meetings.get(meeting.id)
    assert "xa-moi-room" in stored.sites
    assert ROOMS["cha-nua"] not in stored.sites
    assert "Mọi điểm cầu đều dự được" in await (await browser.get(PAGE)).text()
    history = await (await browser.get(f"/meetings/{meeting.id}/history")).text()
    assert "thay điểm cầu không còn dự được" in history


async def test_meetings_of_a_host_that_ends_go_over_by_one_press(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "dien-bien")
    meeting = await schedule(await signed_in("secretary", "nam-po"), services)
    ends = dt.date(2026, 12, 1)
    await services.store.units.add_many(
        [NewUnit("district", "Huyện Mới", "dien-bien", valid_from=ends, id="moi")]
    )
    await services.store.units.close_units(["nam-po"], ends)
    await services.store.units.add_successions([Succession("nam-po", "moi", ends)])
    said = "1 cuộc họp ghi tên đơn vị hết hiệu lực ngày 01/12/2026."
    for path in ("/", "/meetings"):
        assert said in await (await browser.get(path)).text()
    page = await (await browser.get(PAGE)).text()
    assert '<option value="moi">Huyện Mới</option>' in page
    assert "Đơn vị chủ trì của các cuộc họp này kết thúc trước ngày họp" in page
    form = {"csrf": csrf_in(page), "old_id": "nam-po", "unit_id": "moi"}
    answer = await browser.post(f"{PAGE}/hosts", data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    assert (await services.store.meetings.get(meeting.id)).host_unit_id == "moi"
    history = await (await browser.get(f"/meetings/{meeting.id}/history")).text()
    assert "chuyển cuộc họp sang đơn vị kế tục" in history
    answer = await browser.post(f"{PAGE}/hosts", data=form, allow_redirects=False)
    assert answer.status == 404


async def test_where_one_is_refused_the_page_says_how_many_were_changed(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confhub.desks.planning.leaving.AT_ONCE", 1)
    browser = await signed_in("secretary", "nam-po")
    first = await schedule(browser, services)
    second = await schedule(browser, services, date="2026-12-03")
    await merge_cha_nua(services, dt.date(2026, 12, 1))
    taken = dataclasses.replace(
        second, id="other", sites=("xa-moi-room",), chair_site_id="xa-moi-room", title="Khác"
    )
    await services.store.meetings.add(taken)
    form = {**await hidden(browser, PAGE), "site_id": "xa-moi-room"}
    answer = await browser.post(PAGE, data=form)
    assert answer.status == 400
    assert "Đã sửa 1 cuộc họp, rồi dừng. Lúc họp “" in await answer.text()
    assert "xa-moi-room" in (await services.store.meetings.get(first.id)).sites


async def test_a_site_that_is_switched_off_leaves_visibly(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    for name in ("si-pha", "nam-po"):  # nam-po is in the chair
        room = await services.store.sites.get(ROOMS[name])
        await services.store.sites.update(dataclasses.replace(room, active=False))
    assert "1 cuộc họp có điểm cầu đã ngừng hoạt động." in await (await browser.get("/")).text()
    detail = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert detail.count("Đã ngừng hoạt động") == 2
    page = await (await browser.get(PAGE)).text()
    assert "Chưa biết đơn vị nào kế tục" in page  # the one in the chair cannot just leave
    form = {**await hidden(browser, PAGE), "old_id": ROOMS["nam-po"], "site_id": ""}
    answer = await browser.post(PAGE, data=form)
    assert answer.status == 400
    assert "cần một điểm cầu chủ trì" in await answer.text()
    form["old_id"] = ROOMS["si-pha"]
    assert (await browser.post(PAGE, data=form, allow_redirects=False)).status == 303
    assert ROOMS["si-pha"] not in (await services.store.meetings.get(meeting.id)).sites
    assert (await browser.post(PAGE, data=form, allow_redirects=False)).status == 404


async def test_it_is_for_those_who_plan_and_of_their_meetings_alone(
    signed_in: SignedIn, services: Services
) -> None:
    await schedule(await signed_in("secretary", "nam-po"), services)
    room = await services.store.sites.get(ROOMS["si-pha"])
    await services.store.sites.update(dataclasses.replace(room, active=False))
    commune = await signed_in("secretary", "si-pha")
    assert "Giao ban tháng 12" not in await (await commune.get(PAGE)).text()
    above = await signed_in("secretary", "dien-bien")
    assert "Giao ban tháng 12" in await (await above.get(PAGE)).text()
    site = await signed_in("site", "si-pha")
    assert (await site.get(PAGE)).status == 403


async def test_a_series_is_told_and_handed_over_with_its_meetings_by_one_press(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, repeat="week")
    ends = dt.date(2027, 1, 1)
    await merge_cha_nua(services, ends)
    said = "1 chuỗi họp định kỳ còn ghi đơn vị kết thúc ngày 01/01/2027."
    for path in ("/", "/meetings"):
        assert said in await (await browser.get(path)).text()
    page = await (await browser.get(PAGE)).text()
    assert page.count("1 chuỗi họp định kỳ") == 1
    assert f'href="/meetings/{meeting.id}"' in page
    form = {**await hidden(browser, PAGE), "site_id": "xa-moi-room"}
    answer = await browser.post(PAGE, data=form)
    told = await answer.text()
    assert "Đã sửa 1 chuỗi họp định kỳ, từ ngày đơn vị cũ kết thúc." in told
    assert "Mọi điểm cầu đều dự được" in told
    one = await services.store.series.of_meeting(meeting.id)
    assert one is not None
    series = await services.store.series.get(one.series_id)
    assert [len(part.content.sites) for part in series.living] == [len(meeting.sites)] * 2
    assert "xa-moi-room" in series.last_part.content.sites
    for row in await services.store.series.occurrences(series.id):
        stored = await services.store.meetings.get(row.meeting_id)
        assert ("xa-moi-room" in stored.sites) == (row.day >= ends)
    detail = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert "đã sửa riêng" not in detail.lower()
