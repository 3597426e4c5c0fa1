"""What came back by mail on a meeting's page, and answers that a secretary puts there."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections import Counter
from dataclasses import replace

import pytest
from aiohttp import FormData

from confhub.answers.given import Given
from confhub.desks.answers import giving as answers
from confhub.desks.mail import intake as desk
from confhub.long_work import MOST_OF_ONE
from confhub.mail.intake.found import Incoming, NotRead
from confhub.mail.intake.mime import MOST_BYTES
from confhub.mail.intake.read import read
from confhub.meetings.meeting import Meeting
from confhub.meetings.tokens import JoinTokens
from confhub.people.actor import Actor
from tests.confhub.mail.intake.samples import ORGANIZER, UID, calendar, mail
from tests.waiting import until
from tests.web.browser import SignedIn, WebClient, csrf, submit
from tests.web.meeting_pages import ROOMS, schedule
from tests.web.pages.meetings.test_mail import MAIL, mailed, page_of, planned
from web.pages.meetings.mail import replies
from web.services import Services

SITE = ROOMS["cha-nua"]


async def invited(browser: WebClient, services: Services) -> Meeting:
    """A meeting whose sites were mailed."""
    await mailed(services)
    meeting = await schedule(browser, services)
    await submit(browser, f"/meetings/{meeting.id}/mail", {})
    await planned(services, meeting)
    now = services.clock()
    for one in await services.store.mail.claim(now, now, 2):
        await services.store.mail.sent(one, "a@dienbien.gov.vn", now)
    return meeting


def answer(meeting: Meeting, *more: str, method: str = "REPLY", says: str = "DECLINED") -> bytes:
    text = calendar(method, says, *more).decode()
    sequence = f"SEQUENCE:{meeting.version - 1}"
    return text.replace(UID, f"{meeting.id}@confhub").replace("SEQUENCE:2", sequence).encode()


async def posted(
    browser: WebClient, meeting: Meeting, *, status: int = 303, **given: str | bytes
) -> str:
    form = FormData()
    form.add_field("csrf", await csrf(browser))
    for name, value in given.items():
        named = {"filename": "tra-loi.ics"} if isinstance(value, bytes) else {}
        form.add_field(name, value, **named)
    told = await browser.post(
        f"/meetings/{meeting.id}/mail/replies", data=form, allow_redirects=False
    )
    assert told.status == status
    return await told.text()


async def test_a_calendar_file_says_what_the_site_answers(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    await posted(browser, meeting, site=SITE, file=answer(meeting, "COMMENT:Nước <b>lũ</b>"))
    page = await page_of(browser, meeting)
    assert "Đã ghi câu trả lời." in page
    assert "Trả lời: không dự" in page
    assert "Nước &lt;b&gt;lũ&lt;/b&gt;" in page
    again = await posted(
        browser, meeting, status=409, site=SITE, file=answer(meeting, "COMMENT:Nước <b>lũ</b>")
    )
    assert "Thư này đã được nhận." in again
    other = answer(meeting).replace(meeting.id.encode(), b"another")
    assert "một cuộc họp khác" in await posted(browser, meeting, status=400, site=SITE, file=other)
    broken = await posted(browser, meeting, status=400, site=SITE, file=calendar("REQUEST"))
    assert "tệp không phải thư trả lời" in broken


async def test_a_posted_answer_is_the_site_s_and_told_alike_everywhere(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    await posted(browser, meeting, site=SITE, file=answer(meeting, "COMMENT:Nước lũ"))
    page = await page_of(browser, meeting)
    assert "0/2 đã xác nhận, 1 không dự, 1 chưa trả lời" in page
    stands = await services.store.answers.find(meeting.id, SITE)
    assert stands is not None
    assert (stands.given.state, stands.given.remark, stands.by.way) == (
        "declined",
        "Nước lũ",
        "behalf",
    )
    file = await (await browser.get(f"/meetings/{meeting.id}/answers.csv")).text()
    assert "Nước lũ" in file
    # The site says something newer by its own link: an older mail that comes late is none.
    (link,) = (await services.store.links.living(meeting.id, [SITE])).values()
    coming = Given("attending", remark="Nước rút")
    house = Actor(services.clock() + dt.timedelta(minutes=1))
    await answers.answer_by_link(services.store, house, link.id, 1, coming)
    late = answer(meeting, "COMMENT:Vẫn lũ").replace(b"20261125T010203Z", b"20261124T000000Z")
    await posted(browser, meeting, site=SITE, file=late)
    page = await page_of(browser, meeting)
    assert "đã có câu trả lời mới hơn" in page
    assert "1/2 đã xác nhận, 1 chưa trả lời" in page
    assert "Trả lời: dự họp" in page
    assert "Nước rút" in page
    assert "Trả lời: không dự" not in page


async def test_a_meeting_that_is_off_takes_no_posted_answer(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    cancel = {"version": str(meeting.version), "reason": "Bão"}
    done = await submit(browser, f"/meetings/{meeting.id}/cancel", cancel)
    assert done.status == 303
    told = await posted(browser, meeting, status=409, site=SITE, file=answer(meeting))
    assert "không cần xác nhận nữa" in told
    assert await services.store.replies.newest(meeting.id, SITE) is None


@pytest.mark.parametrize("year", ["9999", "0001", "1899", "2101"])
async def test_a_time_that_nobody_can_mean_is_none(
    signed_in: SignedIn, services: Services, year: str
) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    times = (f"DTSTART:{year}1231T225959Z", "DURATION:PT1H", "COMMENT:Xin dời")
    await posted(browser, meeting, site=SITE, file=answer(meeting, *times, method="COUNTER"))
    (reply,) = await services.store.replies.open(meeting.id)
    assert reply.starts_at is None
    end = dt.datetime(9999, 12, 31, 22, 59, tzinfo=dt.UTC)  # as one was taken in before
    late = replace(reply, id="reply-late", digest="9" * 64, starts_at=end, remark="Trước đây")
    await services.store.replies.add(late)
    page = await page_of(browser, meeting)
    assert "Xin dời" in page
    assert "Trước đây" in page
    assert "Đề nghị giờ khác" not in page


async def test_words_count_as_the_secretary_says(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    said = "Zalo: Chủ tịch xã dự"
    asked = await posted(browser, meeting, status=400, site=SITE, text=said)
    assert "Xin chọn câu trả lời." in asked
    assert "Xin chọn tệp" in await posted(browser, meeting, status=400, site=SITE)
    await posted(browser, meeting, answer="accepted", site=SITE, text=said)
    page = await page_of(browser, meeting)
    assert "Trả lời: dự họp" in page
    assert "Zalo: Chủ tịch xã dự" in page


async def test_a_proposed_time_fills_the_form_of_a_move_or_is_declined(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    starts_at = meeting.starts_at + dt.timedelta(hours=1)
    times = (f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", "COMMENT:Xin lùi một giờ")
    lines = answer(meeting, *times, method="COUNTER", says="TENTATIVE").decode()
    tokens = JoinTokens(b"k" * 32).answers
    (link,) = (await services.store.links.living(meeting.id, [SITE])).values()
    to = ORGANIZER.replace(ORGANIZER[4:36], tokens.sign(link.id))
    data = mail(f"Content-Type: text/calendar; charset=utf-8\r\n\r\n{lines}", to=to)
    house = Actor(services.clock())
    incoming = read(data, services.zone)
    assert await desk.take_in(services.store, house, incoming, "1" * 64, tokens) == "taken"
    page = await page_of(browser, meeting)
    assert "Đề nghị giờ khác" in page
    assert "Xin lùi một giờ" in page
    (reply,) = await services.store.replies.open(meeting.id)
    way = f"/meetings/{meeting.id}/postpone?propose=site&amp;reply={reply.id}"
    assert way in page
    form = await (await browser.get(way.replace("&amp;", "&"))).text()
    local = starts_at.astimezone(services.zone)
    assert f'value="{local:%H:%M}"' in form
    assert "Xin lùi một giờ" in form
    done = await submit(browser, f"/meetings/{meeting.id}/mail/replies/{reply.id}", {})
    assert done.status == 303
    page = await page_of(browser, meeting)
    assert "Đề nghị giờ khác" not in page
    latest = await services.store.mail.latest(meeting.id)
    assert (latest[SITE].state, latest[SITE].number) == ("waiting", 2)
    again = await submit(browser, f"/meetings/{meeting.id}/mail/replies/{reply.id}", {})
    assert again.status == 409


async def test_a_mail_that_was_not_read_waits_for_whoever_opens_it(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    tokens = JoinTokens(b"k" * 32).answers
    (link,) = (await services.store.links.living(meeting.id, [SITE])).values()
    to = ORGANIZER.replace(ORGANIZER[4:36], tokens.sign(link.id))
    data = mail("Content-Type: text/plain\r\n\r\n" + "x" * MOST_BYTES, to=to)
    incoming, house = read(data, services.zone), Actor(services.clock())
    assert await desk.take_in(services.store, house, incoming, "2" * 64, tokens) == "unread"
    page = await page_of(browser, meeting)
    assert "Thư lớn hơn 2 MB" in page
    assert "Tiêu đề thư: Trả lời" in page
    assert "too_large" not in page


async def test_nothing_is_taken_apart_for_who_may_not_post_it(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail of two megabytes takes a second of a core: nobody else's pages wait for one."""
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    site = await signed_in("site", "cha-nua", **MAIL)
    foreign = await signed_in("secretary", "lai-chau", **MAIL)

    def taken_apart(*_given: object) -> None:
        raise AssertionError

    monkeypatch.setattr(replies, "read_posted", taken_apart)
    await posted(site, meeting, status=403, site=SITE, file=answer(meeting))
    await posted(foreign, meeting, status=404, site=SITE, file=answer(meeting))


async def test_few_mails_are_taken_apart_at_once(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in("secretary", "nam-po", **MAIL)
    meeting = await invited(browser, services)
    gate, inside = threading.Event(), Counter[str]()

    def slowly(_data: bytes, _zone: dt.tzinfo) -> Incoming:
        inside["now"] += 1
        inside["most"] = max(inside["most"], inside["now"])
        gate.wait(30)
        inside["now"] -= 1
        return Incoming(NotRead("unreadable"))

    monkeypatch.setattr(replies, "read_posted", slowly)
    statuses = Counter[int]()

    async def post() -> None:
        form = FormData({"csrf": await csrf(browser), "site": SITE})
        form.add_field("file", b"x", filename="a.eml")
        path = f"/meetings/{meeting.id}/mail/replies"
        statuses[(await browser.post(path, data=form)).status] += 1

    asking = [asyncio.create_task(post()) for _ in range(MOST_OF_ONE + 2)]

    async def refused() -> bool:
        return statuses[503] == 2

    await until(refused)
    gate.set()
    await asyncio.gather(*asking)
    assert statuses == {503: 2, 400: MOST_OF_ONE}
    assert inside["most"] == 1
