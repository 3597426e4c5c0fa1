"""Invitations as text, for who sends them by Zalo or by telephone."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io

import pytest
from docx import Document

from confhub.desks import meetings as desk
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor
from tests.web.browser import SignedIn
from tests.web.meeting_pages import ROOMS, schedule
from web.services import Services

REASON = "Mưa lũ"


async def test_each_site_has_a_text_with_its_own_link_and_all_that_is_needed(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, note="Mang báo cáo")
    page = await (await browser.get(f"/meetings/{meeting.id}/invitations")).text()
    assert "Sao chép cả 3 tin" in page
    for shown in (
        "mời Xã Chà Nưa dự cuộc họp",
        "08:00–09:30, Thứ Tư, 02/12/2026",
        "Người chủ trì: Nguyễn Văn Hùng",
        "Mở từ 07:00",
        "Mang báo cáo",
    ):
        assert shown in page
    links = await services.store.links.living(meeting.id, list(ROOMS.values()))
    for link in links.values():
        own = f"/join/{services.tokens.sign(link)}"
        assert (page.count(f"{own}/answer"), page.count(own)) == (1, 2)
    assert page.count("data-message>") == len(links) == 3


async def test_after_a_move_the_text_says_what_changed_and_the_whole_is_one_click_away(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    length = meeting.ends_at - meeting.starts_at
    moved = await desk.move(
        services.store,
        Actor(services.clock()),
        meeting.id,
        meeting.version,
        meeting.starts_at + 2 * length,
        meeting.ends_at + 3 * length,
        REASON,
    )
    path = f"/meetings/{meeting.id}/invitations"
    page = await (await browser.get(path)).text()
    assert "Thời gian: 11:00–14:00, Thứ Tư, 02/12/2026 (trước đây: 08:00–09:30" in page
    assert f"Lý do: {REASON}" in page
    whole = await (await browser.get(f"{path}?whole=1")).text()
    assert "trước đây" not in whole
    assert "mời Xã Chà Nưa dự cuộc họp" in whole
    await desk.hold_over(services.store, Actor(services.clock()), meeting.id, moved.version, REASON)
    page = await (await browser.get(path)).text()
    assert "hoãn, chờ giờ mới" in page
    assert "/join/" not in page
    await desk.cancel(services.store, Actor(services.clock()), meeting.id, None, "Trùng lịch")
    page = await (await browser.get(path)).text()
    assert page.count("cuộc họp sau đây đã hủy") == 3
    assert page.count("Lý do: Trùng lịch") == 3


@pytest.mark.parametrize("after", ["hold", "stretch", "same time again"])
async def test_a_time_that_changed_by_another_way_than_a_move_is_told_in_texts_and_on_sheets(
    signed_in: SignedIn, services: Services, after: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    store, actor = services.store, Actor(services.clock())
    if after == "stretch":
        later = dataclasses.replace(meeting, ends_at=meeting.ends_at + dt.timedelta(hours=1))
        await desk.change(store, actor, meeting.id, meeting.version, Draft.of(later))
        told = ("Thay đổi cuộc họp", "08:00–10:30, Thứ Tư, 02/12/2026 (trước đây: 08:00–09:30")
    else:
        held = await desk.hold_over(store, actor, meeting.id, meeting.version, REASON)
        told = ("Hoãn họp", f"Lý do: {REASON}")
        if after == "same time again":
            times = meeting.starts_at, meeting.ends_at
            await desk.move(store, actor, meeting.id, held.version, *times, "Đã tạnh")
            told = ("Thay đổi cuộc họp", "(trước đây: hoãn, chờ giờ mới)")
    page = await (await browser.get(f"/meetings/{meeting.id}/invitations")).text()
    assert page.count(told[1]) == 3
    answer = await browser.get(f"/meetings/{meeting.id}/links.docx")
    made = Document(io.BytesIO(await answer.read()))
    said = "\n".join(one.text for one in made.paragraphs)
    assert said.count(told[0].upper()) == said.count(told[1]) == 3
    assert len(made.inline_shapes) == (0 if after == "hold" else 6)
    pdf = await browser.get(f"/meetings/{meeting.id}/links.pdf")
    assert pdf.content_type == "application/pdf"


async def test_the_file_opens_in_a_spreadsheet_and_runs_nothing(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, title="=HYPERLINK(1)")
    site = await services.store.sites.get(ROOMS["cha-nua"])
    await services.store.sites.update(dataclasses.replace(site, name="+Phòng"))
    answer = await browser.get(f"/meetings/{meeting.id}/invitations.csv")
    body = await answer.read()
    assert body.startswith(b"\xef\xbb\xbf")
    assert f"loi-moi-{meeting.id}.csv" in answer.headers["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert head[0] == "Đơn vị"
    assert {row[1] for row in rows} >= {"'+Phòng"}
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert all(row[5] in row[6] for row in rows)


async def test_a_site_reads_no_links_here(signed_in: SignedIn, services: Services) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    site = await signed_in("site", "cha-nua")
    for path in ("invitations", "invitations.csv"):
        assert (await site.get(f"/meetings/{meeting.id}/{path}")).status == 403
