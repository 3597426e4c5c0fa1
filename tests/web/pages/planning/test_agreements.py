"""The technical centre's inbox, its answers, and what the secretary sees and does about them."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from confhub.desks import agreements as desk
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import Agreement, Said, stepped
from tests.living_links import living_links
from tests.web.browser import Clock, SignedIn, WebClient, csrf, submit
from tests.web.meeting_pages import hidden, schedule
from tests.web.pages.meetings.test_sittings import HOURS, council
from web.services import Services

HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def asked(signed_in: SignedIn, services: Services) -> Meeting:
    """A meeting of Nậm Pồ, whose times the province's technicians confirm, on 2 December."""
    now = services.clock().astimezone(services.zone)
    await desk.set_rule(services.store, Actor(now), "nam-po", Rule("nam-po", "dien-bien"))
    return await schedule(await signed_in("secretary", "nam-po"), services)


async def stands(services: Services, meeting_id: str) -> Agreement:
    found = await services.store.agreements.find(meeting_id)
    assert found is not None
    return found


async def text_of(browser: WebClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200, path
    return await answer.text()


async def test_one_press_in_the_inbox_confirms_and_the_links_are_there(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    page = f"/meetings/{asked.id}"
    before = await text_of(secretary, page)
    assert "Giờ họp chưa được xác nhận: Tỉnh Điện Biên được hỏi" in before
    assert "Liên kết cho các điểm cầu được cấp khi" in before
    assert "Giờ họp chưa được xác nhận" in await text_of(secretary, f"{page}/links")
    assert await living_links(services.store, asked.id) == []
    for path in ("/meetings", "/meetings?view=week&on=2026-12-02", "/meetings?view=month"):
        assert "Chờ xác nhận giờ" in await text_of(
            secretary, path.replace("month", "month&on=2026-12-02")
        )
    engineer = await signed_in("technician", "dien-bien")
    home = await text_of(engineer, "/")
    assert "1 cuộc họp chờ xác nhận giờ. Hạn trả lời sớm nhất" in home
    inbox = await text_of(engineer, "/meetings/asked")
    assert "Giao ban tháng 12" in inbox
    assert "3 điểm cầu họp cùng lúc" in inbox
    assert "Mọi nơi, người và đường truyền đều rảnh." in inbox
    answer = await submit(engineer, "/meetings/asked", {"one": f"{asked.id}:1"})
    assert answer.status == 303
    assert "Không có gì chờ trả lời" in await text_of(engineer, "/meetings/asked")
    assert "đã xác nhận giờ họp này" in await text_of(secretary, page)
    assert len(await living_links(services.store, asked.id)) == 3
    assert "Chờ xác nhận giờ" not in await text_of(secretary, "/meetings")
    # Pressed again on a page from before.
    again = await submit(engineer, "/meetings/asked", {"one": f"{asked.id}:1"})
    assert again.status == 303


async def test_clashes_and_a_full_hub_stand_beside_the_question(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    other = await signed_in("secretary", "dien-bien")
    form = {"host_unit_id": "dien-bien", "chair_site_id": "dien-bien-room", "title": "Họp tỉnh"}
    confirmed = {"override_reason": "Cần gấp", "sites": "cha-nua-room", "chair_name": ""}
    answer = await other.post(
        "/meetings/new",
        data={**await hidden(other, "/meetings/new"), **_form(), **form, **confirmed},
    )
    seal = (await answer.text()).split('name="confirm" value="')[1].split('"')[0]
    await schedule(other, services, **form, **confirmed, confirm=seal)
    engineer = await signed_in("technician", "dien-bien")
    inbox = await text_of(engineer, "/meetings/asked")
    assert "Họp tỉnh</a>" in inbox
    assert "5 điểm cầu họp cùng lúc" in inbox


def _form() -> dict[str, str]:
    return {
        "title": "Họp tỉnh", "level_id": "province", "date": "2026-12-02", "start": "08:00",
        "end": "09:30", "note": "", "chair_name": "",
    }  # fmt: skip


async def test_another_time_is_proposed_and_taken_by_one_press(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    engineer = await signed_in("technician", "dien-bien")
    path = f"/meetings/{asked.id}/answer"
    page = await text_of(engineer, path)
    assert 'name="start" type="text" value="09:30"' in page  # the next at which all are free
    typed = {**await hidden(engineer, path), "mode": "propose", "reason": "Máy chủ bận"}
    typed |= {"date": "03/12/2026", "start": "14h", "end": "15:30"}
    answer = await engineer.post(path, data=typed, allow_redirects=False)
    assert answer.status == 303
    secretary = await signed_in("secretary", "nam-po")
    said = "Tỉnh Điện Biên đề nghị họp vào 14:00–15:30, Thứ Năm, 03/12/2026"
    assert said in await text_of(secretary, "/")
    page = await text_of(secretary, f"/meetings/{asked.id}")
    assert said in page
    assert "Nhận giờ này" in page
    form = {"csrf": await csrf(secretary), "asked_version": "2"}
    for _ in range(2):  # pressed twice, it is taken once
        answer = await secretary.post(
            f"/meetings/{asked.id}/take", data=form, allow_redirects=False
        )
        assert answer.headers["Location"] == f"/meetings/{asked.id}"
    moved = await services.store.meetings.get(asked.id)
    assert moved.starts_at == dt.datetime(2026, 12, 3, 7, tzinfo=dt.UTC)
    assert moved.version == asked.version + 1
    assert (await stands(services, asked.id)).state == "confirmed"
    history = await text_of(secretary, f"/meetings/{asked.id}/history")
    assert "hỏi Tỉnh Điện Biên xác nhận giờ họp" in history
    assert "đề nghị đổi giờ họp từ 08:00–09:30" in history
    assert "nhận giờ mà trung tâm kỹ thuật đề nghị" in history


async def test_of_several_sittings_other_days_are_proposed_and_taken(
    signed_in: SignedIn, services: Services, asked: Meeting, clock: Clock
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    meeting = await council(secretary, services)  # Monday, and Wednesday
    engineer = await signed_in("technician", "dien-bien")
    path = f"/meetings/{meeting.id}/answer"
    page = await text_of(engineer, path)
    # The next days to which all can go together, at their hours.
    for value in ("08/12/2026", "08:00", "11:30"):
        assert f'type="text" value="{value}"' in page
    assert "các phiên sau dời theo" in page
    typed = {**await hidden(engineer, path), "mode": "propose", "reason": "Bảo trì"}
    typed |= {"date": "07/12/2026", "start": "08:00", "end": "11:30"}
    answer = await engineer.post(path, data=typed)
    assert "trùng với giờ đang hỏi" in await answer.text()
    answer = await engineer.post(path, data=typed | {"date": "14/12/2026"}, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    page = await text_of(secretary, f"/meetings/{meeting.id}")
    assert "08:00 14/12/2026 – 11:30 16/12/2026" in page
    form_page = await text_of(secretary, f"/meetings/{meeting.id}/postpone?propose=centre")
    assert 'value="14/12/2026"' in form_page
    form = {"csrf": await csrf(secretary), "asked_version": "2"}
    path = f"/meetings/{meeting.id}/take"
    answer = await secretary.post(path, data=form, allow_redirects=False)
    assert answer.headers["Location"] == f"/meetings/{meeting.id}"
    week = dt.timedelta(days=7)
    moved = await services.store.meetings.get(meeting.id)
    assert moved.hours == tuple((begin + week, end + week) for begin, end in HOURS)
    assert (await stands(services, meeting.id)).state == "confirmed"
    # After its first day the rest is put to other days.
    now = HOURS[0][0] + week
    clock.pass_by(seconds=(now + 10 * HOUR - services.clock()).total_seconds())
    over = tuple(dataclasses.replace(one, is_over=n < 2) for n, one in enumerate(moved.sittings))
    await services.store.meetings.update(dataclasses.replace(moved, sittings=over))
    at = over[2].starts_at + 24 * HOUR
    said = Said("propose", "Mất điện", at, at + 3 * HOUR)
    actor = Actor(services.clock().astimezone(services.zone))
    known = await desk.answer(services.store, actor, meeting.id, 3, said)
    secretary = await signed_in("secretary", "nam-po")  # the one before has run out
    form = {"csrf": await csrf(secretary), "asked_version": str(known.version)}
    await secretary.post(path, data=form, allow_redirects=False)
    assert (await services.store.meetings.get(meeting.id)).hours[2][0] == at
    assert (await stands(services, meeting.id)).state == "confirmed"


async def test_a_proposed_time_that_somebody_took_since_leads_to_the_form_that_shows_it(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    at = dt.datetime(2026, 12, 3, 7, tzinfo=dt.UTC)
    said = Said("propose", "Máy chủ bận", at, at + HOUR)
    now = services.clock().astimezone(services.zone)
    await desk.answer(services.store, Actor(now), asked.id, 1, said)
    secretary = await signed_in("secretary", "nam-po")
    await services.store.meetings.add(
        Meeting(
            "other", "Họp khác", "province", "dien-bien", "nam-po-room", at, at + HOUR,
            sites=("nam-po-room",),
        )
    )  # fmt: skip
    form = {"csrf": await csrf(secretary), "asked_version": "2"}
    answer = await secretary.post(f"/meetings/{asked.id}/take", data=form, allow_redirects=False)
    form_page = f"/meetings/{asked.id}/postpone?propose=centre"
    assert answer.headers["Location"] == form_page
    page = await text_of(secretary, form_page)
    assert 'value="14:00"' in page
    assert "Máy chủ bận" in page
    assert (await stands(services, asked.id)).state == "proposed"


async def test_a_proposed_time_that_has_passed_leads_to_the_form_and_says_so(
    signed_in: SignedIn, services: Services, asked: Meeting, clock: Clock
) -> None:
    at = services.clock() + HOUR
    now = services.clock().astimezone(services.zone)
    await desk.answer(services.store, Actor(now), asked.id, 1, Said("propose", "", at, at + HOUR))
    clock.pass_by(hours=2)
    assert services.clock() < asked.starts_at
    secretary = await signed_in("secretary", "nam-po")
    page = await text_of(secretary, f"/meetings/{asked.id}")
    assert "Giờ được đề nghị đã qua" in page
    assert "Nhận giờ này" not in page
    assert "Hỏi lại giờ đang xếp" in page
    form = {"csrf": await csrf(secretary), "asked_version": "2"}
    answer = await secretary.post(f"/meetings/{asked.id}/take", data=form)
    assert answer.status == 200
    assert answer.url.path == f"/meetings/{asked.id}/postpone"
    assert "Giờ mới đã qua. Xin chọn giờ trong tương lai." in await answer.text()
    assert (await stands(services, asked.id)).state == "proposed"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"mode": "decline", "reason": ""}, "Xin nêu lý do; thư ký cuộc họp"),
        ({"mode": "propose", "date": "02/12/2026", "start": "08:00", "end": "09:30"}, "trùng với"),
        (
            {"mode": "propose", "date": "40/12/2026", "start": "08:00", "end": "09:30"},
            "field-wrong",
        ),
        ({"mode": "propose", "date": "02/12/2020", "start": "08:00", "end": "09:30"}, "đã qua"),
        ({"mode": "perhaps"}, "Xin chọn một câu trả lời"),
    ],
)
async def test_what_is_wrong_with_an_answer_is_said_beside_it(
    signed_in: SignedIn, asked: Meeting, typed: dict[str, str], said: str
) -> None:
    engineer = await signed_in("technician", "dien-bien")
    path = f"/meetings/{asked.id}/answer"
    answer = await engineer.post(path, data={**await hidden(engineer, path), **typed})
    assert answer.status == 400
    assert said in await answer.text()


async def test_what_was_declined_is_told_and_asked_again(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    engineer = await signed_in("technician", "dien-bien")
    path = f"/meetings/{asked.id}/answer"
    typed = {**await hidden(engineer, path), "mode": "decline", "reason": "Bảo trì máy chủ"}
    await engineer.post(path, data=typed)
    # A colleague answers from a page that was opened before.
    late = await engineer.post(path, data={**typed, "reason": "Mất điện"})
    assert late.status == 409
    assert "vừa được người khác trả lời" in await late.text()
    secretary = await signed_in("secretary", "nam-po")
    page = await text_of(secretary, f"/meetings/{asked.id}")
    assert "Giờ họp không được xác nhận. Tỉnh Điện Biên trả lời: “Bảo trì máy chủ”" in page
    answer = await submit(secretary, f"/meetings/{asked.id}/ask", {"asked_version": "2"})
    assert answer.status == 303
    assert (await stands(services, asked.id)).state == "asked"


async def test_sites_read_the_badge_and_not_what_the_centre_writes_to_the_secretary(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    now = services.clock().astimezone(services.zone)
    at = dt.datetime(2026, 12, 3, 7, tzinfo=dt.UTC)
    answers = (
        (Said("decline", "Máy chủ hỏng"), "Giờ không được xác nhận"),
        (Said("propose", "Máy chủ hỏng", at, at + HOUR), "Được đề nghị giờ khác"),
    )
    readers = [
        await signed_in(*one) for one in (("secretary", "nam-po"), ("technician", "dien-bien"))
    ]
    invited = await signed_in("secretary", "cha-nua")
    for version, (said, badge) in enumerate(answers, 1):
        await desk.answer(services.store, Actor(now), asked.id, version, said)
        for reader in readers:
            assert "Máy chủ hỏng" in await text_of(reader, f"/meetings/{asked.id}")
        page = await text_of(invited, f"/meetings/{asked.id}")
        assert badge in page
        assert "Máy chủ hỏng" not in page
        assert "14:00" not in page


async def test_a_centre_that_is_reminded_reads_what_is_urgent(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    engineer = await signed_in("technician", "dien-bien")
    urgent = "1 cuộc sắp hết hạn, cần trả lời ngay."
    assert urgent not in await text_of(engineer, "/")
    await services.store.agreements.note_reminder(asked.id, services.clock())
    for path in ("/", "/meetings"):
        assert urgent in await text_of(engineer, path)
    assert "Cần trả lời ngay" in await text_of(engineer, "/meetings/asked")
    now = services.clock().astimezone(services.zone)
    await desk.answer(services.store, Actor(now), asked.id, 1, Said("confirm"))
    assert urgent not in await text_of(engineer, "/")


async def test_who_has_nothing_to_answer_any_more_reads_nothing(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    engineer = await signed_in("technician", "dien-bien")
    assert asked.title in await text_of(engineer, f"/meetings/{asked.id}/answer")
    known = await stands(services, asked.id)
    await services.store.agreements.update(stepped(known, "take_back"))
    assert (await engineer.get(f"/meetings/{asked.id}/answer")).status == 404


async def test_several_are_confirmed_at_once_and_what_changed_since_is_named(
    signed_in: SignedIn, services: Services, asked: Meeting
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    second = await schedule(secretary, services, start="14:00", end="15:00")
    engineer = await signed_in("technician", "dien-bien")
    nothing = await submit(engineer, "/meetings/asked", {})
    assert nothing.status == 400
    form = {"csrf": await csrf(engineer), "chosen": [f"{second.id}:7", "gone:1", f"{asked.id}:1"]}
    answer = await engineer.post("/meetings/asked", data=form)
    assert answer.status == 409
    assert "Đã xác nhận 1 cuộc họp; số còn lại" in await answer.text()
    assert (await stands(services, asked.id)).state == "confirmed"
    assert (await stands(services, second.id)).state == "asked"


async def test_the_rule_of_a_unit_is_kept_and_bound_units_only_read_it(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    above = await signed_in("admin", "dien-bien")
    path = "/units/nam-po/agreement"
    assert path in await text_of(above, "/units/nam-po")
    assert "Không cần xác nhận" in await text_of(above, path)
    wrong = await submit(above, path, {"centre": "dien-bien", "days": "99"})
    assert wrong.status == 400
    assert "Xin ghi từ 1 đến 10" in await wrong.text()
    kept = await submit(above, path, {"centre": "dien-bien", "days": "2"})
    assert kept.status == 303
    assert "Tỉnh Điện Biên trả lời trong 2 ngày làm việc" in await text_of(above, path)
    below = await signed_in("admin", "cha-nua")
    own = "/units/cha-nua/agreement"
    assert "Do quản trị của Huyện Nậm Pồ quy định." in await text_of(below, own)
    assert (await submit(below, own, {"centre": "off", "days": "1"})).status == 403
    off = await submit(above, own, {"centre": "off", "days": ""})
    assert off.status == 303
    rules = await services.store.agreements.rules(["nam-po", "cha-nua"])
    assert rules == {
        "nam-po": Rule("nam-po", "dien-bien", 2),
        "cha-nua": Rule("cha-nua", None),
    }
    assert (await submit(above, path, {"centre": "above", "days": ""})).status == 303
