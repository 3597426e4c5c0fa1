"""One meeting: its page, putting it off, calling it off."""

from __future__ import annotations

import dataclasses
import datetime as dt

from confhub.meetings.admission import OPEN_AFTER_END
from tests.living_links import living_links
from tests.statuses import set_status
from tests.web.browser import Clock, SignedIn
from tests.web.meeting_pages import FORM, heard, hidden, schedule
from web.services import Services


async def test_the_page_holds_every_fact_and_opens_the_room_in_time(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(
        browser, services, date="2026-11-24", start="15:00", end="16:00", note="Mang báo cáo"
    )
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    for fact in ("Giao ban tháng 12", "Nguyễn Văn Hùng", "Xã Chà Nưa", "Mang báo cáo", "15:00"):
        assert fact in page
    assert "Phòng họp mở lúc 14:00" in page
    assert f"/meetings/{meeting.id}/room" not in page
    clock.pass_by(hours=2)
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert f"/meetings/{meeting.id}/room" in page


async def test_an_invited_site_sees_the_meeting_but_no_links_and_no_edit(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    site = await signed_in("site", "cha-nua")
    page = await (await site.get(f"/meetings/{meeting.id}")).text()
    assert "Giao ban tháng 12" in page
    assert "/join/" not in page
    assert "/edit" not in page
    assert (await site.get(f"/meetings/{meeting.id}/edit")).status == 403


async def test_a_technician_of_a_commune_sees_the_link_of_that_commune_only(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    technician = await signed_in("technician", "cha-nua")
    page = await (await technician.get(f"/meetings/{meeting.id}/links")).text()
    assert page.count("/code.svg") == 1
    assert "Xã Chà Nưa" in page


async def test_postponing_to_another_time_keeps_links_and_tells_why(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path = f"/meetings/{meeting.id}/postpone"
    before = [link.id for link in await living_links(services.store, meeting.id)]
    form = {**await hidden(browser, path), "mode": "move", "date": "2026-12-04"}
    form |= {"start": "14:00", "end": "15:30", "reason": "Chủ tịch đi công tác"}
    async with heard(services) as told:
        answer = await browser.post(path, data=form, allow_redirects=False)
    assert answer.status == 303
    moved = await services.store.meetings.get(meeting.id)
    assert (moved.status, moved.postponed_from) == ("scheduled", meeting.starts_at)
    links = await living_links(services.store, meeting.id)
    assert [link.id for link in links] == before
    assert links[0].expires_at == moved.ends_at + OPEN_AFTER_END
    assert [one.what for one in told] == ["changed"]
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert "Chủ tịch đi công tác" in page
    assert "Đã dời lịch" in page


async def test_a_printed_link_still_opens_however_far_the_meeting_moved(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    address = "/join/" + page.split("/join/")[1].split('"')[0]
    later = dt.timedelta(days=400)
    moved = dataclasses.replace(
        meeting, starts_at=meeting.starts_at + later, ends_at=meeting.ends_at + later
    )
    await services.store.meetings.update(moved)
    clock.pass_by(seconds=(moved.starts_at - clock.now).total_seconds())
    assert (await browser.get(address)).status == 200


async def test_the_secretary_hears_until_when_a_meeting_may_run_over(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, date="2026-11-24", start="15:00", end="16:00")
    await set_status(services.store, meeting.id, "live")
    said = "Đã quá giờ kết thúc"
    assert said not in await (await browser.get(f"/meetings/{meeting.id}")).text()
    clock.pass_by(seconds=(meeting.ends_at - clock.now).total_seconds())
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert said in page
    assert "Từ 18:00, phòng trống" in page
    assert "25/11/2026" in page  # and twelve hours past the end is the next morning


async def test_holding_a_meeting_frees_its_time_until_it_has_another(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path = f"/meetings/{meeting.id}/postpone"
    form = {**await hidden(browser, path), "mode": "hold", "reason": "Bão số 9"}
    assert (await browser.post(path, data=form, allow_redirects=False)).status == 303
    assert (await services.store.meetings.get(meeting.id)).status == "postponed"
    assert "Hoãn, chờ lịch mới" in await (await browser.get("/meetings")).text()
    assert await schedule(browser, services, title="Họp thay thế")


async def test_postponing_keeps_the_longest_length(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path = f"/meetings/{meeting.id}/postpone"
    form = {**await hidden(browser, path), "mode": "move", "date": "2026-12-04", "reason": "Bão"}
    long = await browser.post(path, data={**form, "start": "06:00", "end": "18:30"})
    assert long.status == 400
    assert "dài nhất 12 giờ" in await long.text()
    assert (await services.store.meetings.get(meeting.id)).starts_at == meeting.starts_at


async def test_postponing_needs_a_reason_and_a_time_that_is_another_and_ahead(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path = f"/meetings/{meeting.id}/postpone"
    base = {**await hidden(browser, path), "mode": "move", "start": "08:00", "end": "09:30"}
    same = await browser.post(path, data={**base, "date": "2026-12-02", "reason": ""})
    text = await same.text()
    assert same.status == 400
    assert "Xin nêu lý do" in text
    assert "Giờ mới trùng với giờ cũ." in text
    past = await browser.post(path, data={**base, "date": "2026-11-02", "reason": "x"})
    assert "Giờ mới đã qua" in await past.text()


async def test_cancelling_needs_a_reason_tells_the_room_and_ends_changes(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path = f"/meetings/{meeting.id}/cancel"
    form = await hidden(browser, path)
    assert (await browser.post(path, data={**form, "reason": " "})).status == 400
    async with heard(services) as told:
        done = await browser.post(path, data={**form, "reason": "Trùng họp tỉnh"})
    assert "Lý do: Trùng họp tỉnh" in await done.text()
    assert [one.what for one in told] == ["cancelled"]
    assert (await browser.get(f"/meetings/{meeting.id}/edit")).status == 409
    again = await browser.post(
        f"/meetings/{meeting.id}/edit", data={**FORM, **form}, allow_redirects=False
    )
    assert again.status == 409


async def test_who_cancels_what_another_has_just_changed_sees_it_first(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    path = f"/meetings/{meeting.id}/cancel"
    form = {**await hidden(browser, path), "reason": "Bão"}
    await services.store.meetings.update(dataclasses.replace(meeting, title="Họp khẩn"))
    answer = await browser.post(path, data=form, allow_redirects=False)
    page = await answer.text()
    assert answer.status == 409
    for said in ("Người khác vừa thay đổi cuộc họp này", "Họp khẩn", "Bão"):
        assert said in page
    assert (await services.store.meetings.get(meeting.id)).status == "scheduled"
    again = {**await hidden(browser, path), "reason": "Bão"}
    assert (await browser.post(path, data=again, allow_redirects=False)).status == 303
    assert (await services.store.meetings.get(meeting.id)).status == "cancelled"


async def test_sites_stand_by_name_below_their_level(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    html = await (await browser.get(f"/meetings/{meeting.id}")).text()
    places = [html.index(f"<strong>{name}</strong>") for name in ("Xã Chà Nưa", "Xã Si Pa Phìn")]
    assert places == sorted(places)
