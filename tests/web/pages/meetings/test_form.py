"""Scheduling and changing a meeting through its form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence

import pytest

from confhub.units.site import Site
from tests.living_links import living_links
from tests.web.browser import Clock, SignedIn
from tests.web.meeting_pages import FORM, ROOMS, fill_in, heard, hidden, schedule
from web.pages.meetings import form as meeting_form
from web.services import Services


async def test_a_secretary_schedules_a_meeting_with_links_and_an_audit_entry(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    async with heard(services) as told:
        meeting = await schedule(browser, services)
    assert meeting.title == "Giao ban tháng 12"
    assert meeting.starts_at == dt.datetime(2026, 12, 2, 1, 0, tzinfo=dt.UTC)
    assert set(meeting.sites) == {ROOMS["nam-po"], ROOMS["cha-nua"], ROOMS["si-pha"]}
    links = await living_links(services.store, meeting.id)
    assert len(links) == 3
    assert {link.expires_at for link in links} == {meeting.ends_at + dt.timedelta(hours=2)}
    assert [one.action for one in await services.store.audit.recent(5, meeting.id)] == [
        "meeting.scheduled"
    ]
    assert [(one.meeting_id, one.what) for one in told] == [(meeting.id, "changed")]


async def test_the_blank_form_leaves_the_notice_of_an_invitation(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")  # on a Tuesday, at noon
    page = await (await browser.get("/meetings/new")).text()
    assert 'value="27/11/2026"' in page
    assert 'value="08:00"' in page
    assert 'value="09:30"' in page


async def test_days_and_hours_are_taken_as_people_write_them(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, date="3/12/2026", start="8h", end="0930")
    assert meeting.starts_at == dt.datetime(2026, 12, 3, 1, 0, tzinfo=dt.UTC)
    assert meeting.ends_at == dt.datetime(2026, 12, 3, 2, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("wrong", "marked"),
    [
        ({"date": "31/11/2026"}, ["date"]),
        ({"start": "8 giờ"}, ["start"]),
        ({"end": "07:00", "start": "20:00"}, []),  # goes on past midnight
        ({"end": "08:00"}, ["end"]),
        ({"title": ""}, ["title"]),
    ],
)
async def test_a_faulty_field_is_marked_itself(
    signed_in: SignedIn, wrong: dict[str, str], marked: list[str]
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(browser, "/meetings/new", **wrong)
    page = await answer.text()
    fields = re.findall(r"<input [^>]*>", page)
    found = [re.findall(r'name="(\w+)"', one)[0] for one in fields if 'aria-invalid="true"' in one]
    assert found == marked
    for value in wrong.values():
        assert not marked or f'value="{value}"' in page


async def test_every_wrong_field_has_its_message_and_nothing_typed_is_lost(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(
        browser, "/meetings/new", title=" ", end="07:00", sites="", note="Mang theo báo cáo"
    )
    page = await answer.text()
    assert answer.status == 400
    assert "Xin nhập tên cuộc họp." in page
    assert "Giờ kết thúc phải sau giờ bắt đầu." in page
    assert "Xin chọn ít nhất một điểm cầu" in page
    assert "Mang theo báo cáo" in page


async def test_the_same_form_sent_twice_makes_one_meeting(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {**await hidden(browser, "/meetings/new"), **FORM}
    first = await browser.post("/meetings/new", data=form, allow_redirects=False)
    again = await browser.post("/meetings/new", data=form, allow_redirects=False)
    assert again.headers["Location"] == first.headers["Location"]
    day = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    found = await services.store.meetings.between(day, day + dt.timedelta(days=3))
    assert [meeting.id for meeting in found] == [first.headers["Location"].rsplit("/", 1)[1]]


async def test_a_form_changed_and_sent_again_makes_another_meeting(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {**FORM, **await hidden(browser, "/meetings/new"), "sites": FORM["sites"]}
    first = await browser.post("/meetings/new", data=form, allow_redirects=False)
    other = {**form, "title": "Họp chiều", "start": "14:00", "end": "15:00"}
    second = await browser.post("/meetings/new", data=other, allow_redirects=False)
    assert (first.status, second.status) == (303, 303)
    titles = [
        (await services.store.meetings.get(answer.headers["Location"].rsplit("/", 1)[1])).title
        for answer in (first, second)
    ]
    assert titles == ["Giao ban tháng 12", "Họp chiều"]


async def test_a_changed_form_that_meets_its_first_meeting_is_told_of_it(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {**FORM, **await hidden(browser, "/meetings/new"), "sites": FORM["sites"]}
    await browser.post("/meetings/new", data=form, allow_redirects=False)
    other = {**form, "title": "Họp lần hai"}
    told = await browser.post("/meetings/new", data=other, allow_redirects=False)
    assert told.status == 409
    html = await told.text()
    assert "Giao ban tháng 12" in html
    again = dict(re.findall(r'<input type="hidden" name="(key|confirm)" value="([^"]*)"', html))
    again["override_reason"] = "Họp khẩn"
    saved = await browser.post("/meetings/new", data={**other, **again}, allow_redirects=False)
    assert saved.status == 303
    made = await services.store.meetings.get(saved.headers["Location"].rsplit("/", 1)[1])
    assert made.title == "Họp lần hai"


async def test_what_cannot_be_saved_is_not_called_scheduled(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {**FORM, **await hidden(browser, "/meetings/new"), "sites": FORM["sites"]}
    made = await browser.post("/meetings/new", data=form, allow_redirects=False)
    monkeypatch.setattr(meeting_form, "new_id", lambda: form["key"])
    other = {**form, "title": "Họp chiều", "start": "14:00", "end": "15:00"}
    told = await browser.post("/meetings/new", data=other, allow_redirects=False)
    assert told.status == 409
    assert "Dữ liệu đã được người khác thay đổi" in await told.text()
    stored = await services.store.meetings.get(made.headers["Location"].rsplit("/", 1)[1])
    assert stored.title == "Giao ban tháng 12"


async def test_a_meeting_may_go_past_midnight_and_be_extended(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    long = await fill_in(browser, "/meetings/new", start="14:00", end="01:30")
    assert long.status == 409  # 15:30 may have been meant
    assert "qua nửa đêm, đến 01:30 ngày 03/12/2026" in await long.text()
    saved = await fill_in(browser, "/meetings/new", start="23:45", end="02:45")
    assert saved.status == 303
    meeting = await services.store.meetings.get(saved.headers["Location"].rsplit("/", 1)[1])
    assert meeting.ends_at - meeting.starts_at == dt.timedelta(hours=3)
    page = await (await browser.get("/meetings")).text()
    assert page.count(f'href="/meetings/{meeting.id}"') == 1
    assert "02:45 hôm sau" in page
    path = f"/meetings/{meeting.id}/edit"
    assert (await fill_in(browser, path, start="23:45", end="03:30")).status == 303
    longer = await services.store.meetings.get(meeting.id)
    assert longer.ends_at - meeting.ends_at == dt.timedelta(minutes=45)


async def test_a_taken_site_is_a_warning_that_a_reason_overrides(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    asked = await fill_in(browser, "/meetings/new", title="Họp khẩn", start="09:00", end="10:00")
    page = await asked.text()
    assert asked.status == 409
    assert "Vẫn lưu" in page
    assert "Giao ban tháng 12" in page
    assert "Xã Chà Nưa" in page
    confirm = page.split('name="confirm" value="')[1].split('"')[0]
    urgent = {"title": "Họp khẩn", "start": "09:00", "end": "10:00", "confirm": confirm}
    asked = await fill_in(browser, "/meetings/new", **urgent)
    page = await asked.text()
    assert asked.status == 400
    assert "Xin nêu lý do vẫn xếp" in page
    assert "Giao ban tháng 12" in page
    saved = await fill_in(browser, "/meetings/new", **urgent, override_reason="Bão  số 9")
    assert saved.status == 303
    (line, *_) = (
        one
        for one in await services.store.audit.recent(9)
        if one.action == "meeting.clash_accepted"
    )
    assert line.detail.startswith("Bão số 9 (")


async def test_meetings_that_only_touch_need_no_confirmation(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services)
    assert await schedule(browser, services, start="09:30", end="10:00")


async def test_more_sites_than_the_limit_are_refused_in_words(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    many = " ".join(f"site{n:012}" for n in range(1001))
    answer = await fill_in(browser, "/meetings/new", sites=many)
    assert answer.status == 400
    assert "nhiều nhất 1000 điểm cầu" in await answer.text()


async def test_the_agenda_is_kept_in_order_and_its_minutes_are_checked(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    rows = {
        "agenda_title": ["Khai mạc", "Báo cáo", ""],
        "agenda_presenter": ["", "Văn phòng", ""],
        "agenda_minutes": ["10", "30", ""],
    }
    meeting = await schedule(browser, services, **rows)
    assert [(item.title, item.duration_min) for item in meeting.agenda] == [
        ("Khai mạc", 10),
        ("Báo cáo", 30),
    ]
    wrong = await fill_in(
        browser,
        f"/meetings/{meeting.id}/edit",
        agenda_title="A",
        agenda_presenter="",
        agenda_minutes="mười",
    )
    assert wrong.status == 400
    assert "là số phút" in await wrong.text()


async def test_an_item_that_is_written_anew_stays_the_same_item(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    two = {"agenda_presenter": ["", ""], "agenda_minutes": ["10", "30"]}
    meeting = await schedule(browser, services, agenda_title=["Khai mạc", "Báo cáo"], **two)
    first, second = (item.id for item in meeting.agenda)
    path = f"/meetings/{meeting.id}/edit"
    page = await (await browser.get(path)).text()
    assert re.findall(r'name="agenda_id" value="(\w+)"', page) == [first, second]
    titles, ids = ["Báo cáo quý IV", "Khai mạc"], [second, first]
    await fill_in(browser, path, agenda_title=titles, agenda_id=ids, **two)
    agenda = (await services.store.meetings.get(meeting.id)).agenda
    assert [(item.title, item.id) for item in agenda] == list(zip(titles, ids, strict=True))


async def test_without_script_sites_are_boxes_or_codes(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    page = await (await browser.get("/meetings/new")).text()
    assert f'name="site" value="{ROOMS["cha-nua"]}"' in page
    boxes = await schedule(browser, services, sites="", site=[ROOMS["cha-nua"]])
    assert ROOMS["cha-nua"] in boxes.sites
    code = "cha-nua-2"
    await services.store.sites.add(Site("second", "cha-nua", code, "Hội trường"))
    codes = f"{code}\r\n\n{code.upper()}\n"
    by_code = await schedule(browser, services, sites="", site_codes=codes, date="2026-12-03")
    assert by_code.sites.count("second") == 1
    unknown = await fill_in(browser, "/meetings/new", sites="", site_codes=f"{code}\nKHONG-CO\nsai")
    assert "Không có điểm cầu mang mã “KHONG-CO”." in await unknown.text()


async def test_codes_in_many_spellings_are_asked_of_the_store_once(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po")
    code = "cha-nua-2"
    await services.store.sites.add(Site("second", "cha-nua", code, "Hội trường"))
    asked, by_codes = [], services.store.sites.by_codes

    async def count(codes: Collection[str]) -> Sequence[Site]:
        asked.append(set(codes))
        return await by_codes(codes)

    monkeypatch.setattr(services.store.sites, "by_codes", count)
    spellings = [code, code.upper(), code.title(), f" {code}"]
    meeting = await schedule(browser, services, sites="", site_codes="\n".join(spellings))
    assert "second" in meeting.sites
    assert all(codes == {code} for codes in asked)


async def test_a_district_invites_the_province_but_no_neighbour(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, sites=f"{ROOMS['dien-bien']} {ROOMS['cha-nua']}")
    assert ROOMS["dien-bien"] in meeting.sites
    answer = await fill_in(browser, "/meetings/new", sites=ROOMS["lai-chau"], date="2026-12-03")
    assert answer.status == 400
    assert "nằm ngoài phạm vi" in await answer.text()


async def test_nobody_schedules_for_a_unit_out_of_reach(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(browser, "/meetings/new", host_unit_id="dien-bien")
    assert answer.status == 400
    assert "chỉ lập được cuộc họp cho đơn vị mình" in await answer.text()
    assert (await browser.get("/meetings/new?host=dien-bien")).status == 403
    site = await signed_in("site", "nam-po")
    assert (await site.get("/meetings/new")).status == 403


async def test_an_edit_overtaken_by_another_keeps_what_was_typed_and_shows_both(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    mine = await signed_in("secretary", "nam-po")
    meeting = await schedule(mine, services)
    edit = f"/meetings/{meeting.id}/edit"
    opened = await hidden(mine, edit)
    other = await signed_in("secretary", "dien-bien")
    clock.pass_by(minutes=5)
    assert (await fill_in(other, edit, title="Giao ban mở rộng")).status == 303
    late = await mine.post(
        edit, data={**FORM, **opened, "title": "Giao ban quý IV"}, allow_redirects=False
    )
    page = await late.text()
    assert late.status == 409
    assert "Secretary Tỉnh Điện Biên đã lưu cuộc họp này" in page
    assert "Giao ban mở rộng" in page
    assert "Giao ban quý IV" in page
    version = page.split('name="version" value="')[1].split('"')[0]
    kept = await mine.post(
        edit,
        data={**FORM, **opened, "title": "Giao ban quý IV", "version": version},
        allow_redirects=False,
    )
    assert kept.status == 303
    assert (await services.store.meetings.get(meeting.id)).title == "Giao ban quý IV"


async def test_links_follow_the_meeting_to_its_new_time(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    await fill_in(browser, f"/meetings/{meeting.id}/edit", end="11:00", sites=ROOMS["cha-nua"])
    links = await living_links(services.store, meeting.id)
    expected = dt.datetime(2026, 12, 2, 6, 0, tzinfo=dt.UTC)
    assert [link.expires_at for link in links] == [expected] * 2


async def test_a_past_time_must_be_confirmed(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(browser, "/meetings/new", date="2026-11-20")
    assert answer.status == 409
    assert "Giờ bắt đầu đã qua: 08:00 ngày 20/11/2026." in await answer.text()


async def test_next_year_instead_of_this_one_must_be_confirmed(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(browser, "/meetings/new", date="2027-12-02")
    assert answer.status == 409
    assert "Xin xem lại tháng và năm." in await answer.text()


async def test_a_site_added_a_moment_ago_can_be_invited(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    await browser.get("/api/units/tree")  # from now on the tree is kept for a while
    await services.store.sites.add(Site("second-room", "cha-nua", "CN2", "Phòng họp số 2"))
    meeting = await schedule(browser, services, sites="second-room")
    assert "second-room" in meeting.sites
