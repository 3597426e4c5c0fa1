"""The page that tells what was done to a meeting."""

from __future__ import annotations

import dataclasses
import re

from confhub.people.actor import Actor
from confhub.trail.story import ACTS_ON
from tests.web.browser import Clock, SignedIn
from tests.web.meeting_pages import ROOMS, fill_in, hidden, schedule
from web.pages.history import paged as page
from web.pages.history.thing_words import _ACTS as THING_ACTS
from web.pages.history.words import _ACTS as MEETING_ACTS
from web.services import Services


def told(html: str) -> list[str]:
    """The sentences and what they changed, without marks."""
    main = html[html.index("<main") : html.index("</main>")]
    lines = re.findall(r"<p>(.*?)</p>|<li>([^<]*)</li>", main[main.index("</h1>") :], re.DOTALL)
    return ["".join(line).strip() for line in lines][1:]


async def test_it_reads_like_a_history_with_names_reasons_and_both_values(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, note="")
    path = f"/meetings/{meeting.id}"
    clock.pass_by(minutes=1)
    changed = {"title": "Giao ban quý IV", "sites": ROOMS["cha-nua"], "note": "Mang số liệu"}
    assert (await fill_in(browser, f"{path}/edit", **changed)).status == 303
    clock.pass_by(minutes=1)
    form = {**await hidden(browser, f"{path}/postpone"), "mode": "move", "date": "2026-12-04"}
    form |= {"start": "14:00", "end": "15:30", "reason": "Chủ tịch đi công tác"}
    assert (await browser.post(f"{path}/postpone", data=form, allow_redirects=False)).status == 303
    clock.pass_by(minutes=1)
    form = {**await hidden(browser, f"{path}/postpone"), "mode": "hold", "reason": "Bão số 9"}
    assert (await browser.post(f"{path}/postpone", data=form, allow_redirects=False)).status == 303
    clock.pass_by(minutes=1)
    form = {**await hidden(browser, f"{path}/cancel"), "reason": "Không cần họp nữa"}
    assert (await browser.post(f"{path}/cancel", data=form, allow_redirects=False)).status == 303
    assert f"{path}/history" in await (await browser.get(path)).text()
    who = (await services.store.accounts.get("secre-nam-po")).name
    before, after = "08:00–09:30, Thứ Tư, 02/12/2026", "14:00–15:30, Thứ Sáu, 04/12/2026"
    assert told(await (await browser.get(f"{path}/history")).text()) == [
        f"{who} lên lịch cuộc họp vào {before}.",
        "Thêm 3 điểm cầu: Phòng họp Huyện Nậm Pồ, Phòng họp Xã Chà Nưa, Phòng họp Xã Si Pa Phìn",
        f"{who} sửa cuộc họp.",
        "Tên cuộc họp: “Giao ban tháng 12” → “Giao ban quý IV”",
        "Ghi chú: — → “Mang số liệu”",
        "Bớt 1 điểm cầu: Phòng họp Xã Si Pa Phìn",
        f"{who} dời cuộc họp từ {before} sang {after}, vì “Chủ tịch đi công tác”.",
        f"{who} hoãn cuộc họp, chưa có giờ mới, vì “Bão số 9”.",
        f"{who} hủy cuộc họp, vì “Không cần họp nữa”.",
    ]


async def test_it_is_told_in_english_too_and_what_no_account_did(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    house = Actor(services.clock())
    async with services.store.work(house) as work:
        for action, detail in (
            ("meeting.live", ""),
            ("link.renewed", ROOMS["cha-nua"]),
            ("meeting.sent_out", "Xã Chà Nưa: ồn"),
            ("meeting.ended", "nobody ended it"),
            ("meeting.postponed", "as it was once written"),
            ("meeting.new", "of another version"),
        ):
            await work.audit(action, subject=meeting.id, detail=detail)
    html = await (await browser.get(f"/meetings/{meeting.id}/history")).text()
    for text in (
        "Cuộc họp bắt đầu: có người vào phòng họp.",
        "Máy chủ cấp liên kết mới cho Phòng họp Xã Chà Nưa.",
        "Điểm cầu chủ trì mời Xã Chà Nưa ra khỏi phòng họp, vì “ồn”.",
        "Cuộc họp tự kết thúc vì quá giờ mà không ai bấm kết thúc.",
        "Máy chủ dời hoặc hoãn cuộc họp, vì “as it was once written”.",
        "Máy chủ: meeting.new of another version",
    ):
        assert text in html
    account = await services.store.accounts.get("secre-nam-po")
    await services.store.accounts.update(dataclasses.replace(account, language="en"))
    html = await (await browser.get(f"/meetings/{meeting.id}/history")).text()
    who, name = account.name, "Phòng họp Xã Chà Nưa"
    assert f"{who} scheduled the meeting for 08:00–09:30, Wednesday, 2 December 2026." in html
    assert f"The hub issued a new link to {name}." in html


async def test_only_who_may_change_the_meeting_reads_it_page_by_page(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    async with services.store.work(Actor(services.clock())) as work:
        for number in range(page.PAGE_ACTS):
            await work.audit("link.renewed", subject=meeting.id, detail=f"number-{number}")
    path = f"/meetings/{meeting.id}/history"
    first = await (await browser.get(path)).text()
    assert first.count("<time") == page.PAGE_ACTS
    assert f"?start={page.PAGE_ACTS}" in first
    assert (await (await browser.get(f"{path}?start={page.PAGE_ACTS}")).text()).count("<time") == 1
    assert (await browser.get(f"{path}?start=9999")).status == 200
    site = await signed_in("site", "cha-nua")
    assert (await site.get(path)).status == 403
    other = await signed_in("secretary", "lai-chau")
    assert (await other.get(path)).status == 404


async def test_nobody_writes_into_it_or_reads_by_it_what_is_of_something_else(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    async with services.store.work(Actor(services.clock())) as work:
        for action in (
            "account.password_reset",
            "signin.failed",
            "agreement.rule",
            "pattern.added",
        ):
            await work.audit(action, subject=meeting.id, detail="của người khác")
    html = await (await browser.get(f"/meetings/{meeting.id}/history")).text()
    assert html.count("<time") == 1
    assert "của người khác" not in html
    # A meeting's id is never one that somebody has chosen.
    chosen = "0123456789abcdef"
    other = {"key": chosen, "start": "14:00", "end": "15:00"}
    answer = await fill_in(browser, "/meetings/new", **other)
    assert answer.status == 303
    made = answer.headers["Location"]
    assert made != f"/meetings/{chosen}"
    again = await fill_in(browser, "/meetings/new", **other)
    assert again.headers["Location"] == made  # sent twice it is saved once


def test_every_act_that_has_words_is_of_a_thing() -> None:
    things = ACTS_ON["account"] + ACTS_ON["site"] + ACTS_ON["unit"]
    assert [one for one in MEETING_ACTS if not one.startswith(ACTS_ON["meeting"])] == []
    # The subject of a sign-in is what somebody typed.
    assert [one for one in THING_ACTS if not one.startswith(things)] == ["signin.ok"]
