"""Issued letters at their meeting, and the register of their unit."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
from docx import Document

from confhub.letters import press
from tests.web.browser import SignedIn, csrf_in, submit
from tests.web.meeting_pages import schedule
from tests.web.pages.meetings.test_letter import form_of, letter_form
from web.services import Services


async def test_a_letter_is_issued_printed_the_same_again_and_corrected(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, meeting, form = await letter_form(signed_in, services)
    path = f"/meetings/{meeting.id}/letter"
    html = await (await browser.get(path)).text()
    key = dict(re.findall(r'<input type="hidden" name="(key)" value="([^"]*)"', html))
    await browser.post(path, data={**form, **key, "as": "docx"})  # takes no number
    for _twice in range(2):
        answer = await browser.post(
            path, data={**form, **key, "as": "issue"}, allow_redirects=False
        )
        assert answer.status == 303, await answer.text()
        assert answer.headers["Location"] == f"/meetings/{meeting.id}#letters"
    (issued,) = await services.store.letters.of_meeting(meeting.id)
    assert issued.said == "01/GM-UBND"
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert "Số 01/GM-UBND" in page
    file = f"/meetings/{meeting.id}/letters/{issued.id}"
    first = await (await browser.get(f"{file}.pdf")).read()
    assert first.startswith(b"%PDF-1.7")
    assert await (await browser.get(f"{file}.pdf")).read() == first
    docx = Document(io.BytesIO(await (await browser.get(f"{file}.docx")).read()))
    assert "Số: 01/GM-UBND" in [one.text for one in docx.tables[0].rows[0].cells[0].paragraphs]
    story = await (await browser.get(f"/meetings/{meeting.id}/history")).text()
    assert "phát hành Giấy mời số 01/GM-UBND." in story

    new = await form_of(browser, f"{path}?corrects={issued.id}")
    assert new["closing"].startswith("Giấy mời này thay thế Giấy mời số 01/GM-UBND ngày ")
    answer = await submit(browser, path, {**new, "corrects": issued.id, "as": "issue"})
    assert answer.status == 303, await answer.text()
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert "Đã thay bằng số 02/GM-UBND" in page
    assert "Thay số 01/GM-UBND" in page
    assert page.count("?corrects=") == 1

    other = dataclasses.replace(issued.template, digest="0" * 64)
    monkeypatch.setattr(press, "template", lambda _name: other)
    answer = await browser.get(f"{file}.pdf")
    assert answer.status == 503
    assert "Mẫu in của giấy mời này đã bị sửa" in await answer.text()


async def test_what_a_register_gives_is_not_typed_and_said_beside_its_field(
    signed_in: SignedIn, services: Services
) -> None:
    browser, meeting, form = await letter_form(signed_in, services)
    path = f"/meetings/{meeting.id}/letter"
    wrong = {**form, "number": "7", "day": "01/01/2026", "as": "issue"}
    answer = await browser.post(path, data=wrong)
    page = await answer.text()
    assert answer.status == 400
    assert "Số do sổ đăng ký cấp khi phát hành" in page
    assert "mang ngày hôm nay" in page
    assert await services.store.letters.of_meeting(meeting.id) == []


async def test_files_of_letters_are_for_who_may_change_the_meeting(
    signed_in: SignedIn, services: Services
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    meeting = await schedule(secretary, services)
    path = f"/meetings/{meeting.id}/letter"
    form = await form_of(secretary, path)
    assert (await submit(secretary, path, {**form, "as": "issue"})).status == 303
    (issued,) = await services.store.letters.of_meeting(meeting.id)
    file = f"/meetings/{meeting.id}/letters/{issued.id}.docx"
    invited = await signed_in("secretary", "cha-nua")
    assert (await invited.get(file)).status == 403
    assert "Số 01/GM-UBND" not in await (await invited.get(f"/meetings/{meeting.id}")).text()
    foreign = await signed_in("secretary", "lai-chau")
    assert (await foreign.get(file)).status == 404
    assert (await secretary.get(f"/meetings/{meeting.id}/letters/none.docx")).status == 404


async def test_an_administrator_sets_where_a_register_begins(
    signed_in: SignedIn, services: Services
) -> None:
    admin = await signed_in("admin", "nam-po")
    path = "/units/nam-po/letters"
    html = await (await admin.get(path)).text()
    refused = await admin.post(path, data={"csrf": csrf_in(html), "first": "không"})
    assert refused.status == 400
    assert "Xin ghi một số từ 1 đến" in await refused.text()
    assert (await submit(admin, path, {"first": "58"})).status == 303
    page = await (await admin.get(path)).text()
    assert "Chưa cấp số nào" in page
    assert 'name="first"' not in page
    assert (await submit(admin, path, {"first": "60"})).status == 409
    story = await (await admin.get("/units/nam-po/history")).text()
    assert "đặt số đầu của sổ giấy mời." in story
    assert "Số đầu: 58" in story
