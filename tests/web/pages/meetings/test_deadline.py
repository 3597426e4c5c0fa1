"""Until when the sites of a meeting answer: chosen in its form, told on its pages."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.web.browser import Clock, SignedIn
from tests.web.meeting_pages import ROOMS, fill_in, schedule
from web.services import Services


async def test_until_when_sites_answer_is_chosen_told_and_put_back(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    own, zone = f"/meetings/{meeting.id}", services.zone
    page = await (await browser.get(own)).text()
    assert "Hạn trả lời: Thứ Hai, 30/11/2026, 17:00" in page  # two working days before
    answers = await (await browser.get(f"{own}/answers")).text()
    assert "Hạn trả lời: Thứ Hai, 30/11/2026, 17:00" in answers
    edited = await fill_in(browser, f"{own}/edit", answer_date="1/12/2026")
    assert edited.status == 303, await edited.text()
    stored = await services.store.meetings.get(meeting.id)
    assert stored.answer_by == dt.datetime(2026, 12, 1, 17, tzinfo=zone)
    answer = await (await browser.get(f"{own}/sites/{ROOMS['nam-po']}/answer")).text()
    assert "Xin trả lời trước Thứ Ba, 01/12/2026, 17:00." in answer
    form = await (await browser.get(f"{own}/edit")).text()
    assert 'value="01/12/2026"' in form
    assert 'value="17:00"' in form
    history = await (await browser.get(f"{own}/history")).text()
    assert "Hạn trả lời: — → Thứ Ba, 01/12/2026, 17:00" in history
    await fill_in(browser, f"{own}/edit")
    assert (await services.store.meetings.get(meeting.id)).answer_by is None


@pytest.mark.parametrize(
    ("answer_date", "answer_time", "said"),
    [
        ("02/12/2026", "8:01", "Hạn trả lời không được sau giờ bắt đầu họp."),
        ("23/11/2026", "", "Hạn trả lời đã qua."),
        ("", "8:00", "Xin nhập đủ ngày và giờ"),
        ("31/11/2026", "", "Xin nhập đủ ngày và giờ"),
    ],
)
async def test_a_deadline_that_cannot_be_is_refused(
    signed_in: SignedIn, answer_date: str, answer_time: str, said: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    answer = await fill_in(
        browser, "/meetings/new", answer_date=answer_date, answer_time=answer_time
    )
    page = await answer.text()
    assert answer.status == 400
    assert said in page
    assert f'value="{answer_date}"' in page or not answer_date


async def test_a_deadline_that_has_passed_hinders_no_other_change(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    chosen = {"answer_date": "24/11/2026", "answer_time": "12:30"}
    meeting = await schedule(browser, services, **chosen)
    clock.now += dt.timedelta(hours=1)
    path = f"/meetings/{meeting.id}/edit"
    note = await fill_in(browser, path, **chosen, note="Mang báo cáo")
    assert note.status == 303, await note.text()
    moved = await fill_in(browser, path, **chosen, date="3/12/2026")
    assert "Hạn trả lời đã qua." in await moved.text()
