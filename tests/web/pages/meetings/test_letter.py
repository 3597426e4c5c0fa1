"""The letter of a meeting and the sheets of its sites, as files."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from docx import Document

from confhub.meetings.meeting import Meeting
from tests.web.browser import SignedIn, WebClient, csrf_in
from tests.web.meeting_pages import schedule
from web.pages.meetings.letters import sheets
from web.services import Services


async def form_of(browser: WebClient, path: str) -> dict[str, str]:
    """The form of a letter as its page holds it."""
    html = await (await browser.get(path)).text()
    found = dict(re.findall(r'<input id="f-\w+" name="(\w+)" type="\w+" value="([^"]*)"', html))
    found |= dict(re.findall(r'<textarea id="f-\w+" name="(\w+)"[^>]*>([^<]*)</textarea>', html))
    typed = {name: unescape(text) for name, text in found.items()}
    return {**typed, "annex": "1", "csrf": csrf_in(html)}


async def letter_form(
    signed_in: SignedIn, services: Services
) -> tuple[WebClient, Meeting, dict[str, str]]:
    """A secretary's browser at the form of a new meeting's letter."""
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    return browser, meeting, await form_of(browser, f"/meetings/{meeting.id}/letter")


async def test_a_letter_is_filled_in_from_the_meeting_and_taken_as_pdf_or_docx(
    signed_in: SignedIn, services: Services
) -> None:
    browser, meeting, form = await letter_form(signed_in, services)
    path = f"/meetings/{meeting.id}/letter"
    assert form["subject"] == "Giao ban tháng 12"
    assert form["time"] == "Từ 08 giờ 00 đến 09 giờ 30, ngày 02 tháng 12 năm 2026 (thứ Tư)."
    answer = await browser.post(path, data={**form, "day": "01/12/2026", "as": "docx"})
    assert answer.status == 200, await answer.text()
    assert answer.headers["Cache-Control"] == "no-store"
    made = Document(io.BytesIO(await answer.read()))
    rows = [[cell.text for cell in row.cells] for row in made.tables[2].rows]
    assert [row[1] for row in rows if row[0].isdecimal()] == [
        "Huyện Nậm Pồ",
        "Xã Chà Nưa",
        "Xã Si Pa Phìn",
    ]
    answer = await browser.post(path, data={**form, "as": "pdf"})
    assert answer.content_type == "application/pdf"
    assert (await answer.read()).startswith(b"%PDF-1.7")


async def test_what_is_wrong_in_a_letter_is_said_beside_its_field(
    signed_in: SignedIn, services: Services
) -> None:
    browser, meeting, form = await letter_form(signed_in, services)
    path = f"/meetings/{meeting.id}/letter"
    answer = await browser.post(path, data={**form, "post": "", "day": "31/02/2026", "as": "pdf"})
    page = await answer.text()
    assert answer.status == 400
    assert "Xin ghi mục này." in page
    assert "Lịch không có ngày này" in page
    assert 'value="Giao ban tháng 12"' in page  # the rest stays as typed


async def test_sheets_are_for_those_whose_links_the_viewer_sees(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    secretary = await signed_in("secretary", "nam-po")
    meeting = await schedule(secretary, services)
    path = f"/meetings/{meeting.id}/links"
    whole = Document(io.BytesIO(await (await secretary.get(f"{path}.docx")).read()))
    assert len(whole.inline_shapes) == 6  # into the meeting, and to say who comes
    commune = await signed_in("secretary", "cha-nua")
    own = Document(io.BytesIO(await (await commune.get(f"{path}.docx")).read()))
    assert len(own.inline_shapes) == 2
    said = [one.text for one in own.paragraphs]
    assert "Xã Chà Nưa" in said
    says = next(one for one in said if one.startswith("Xác nhận người dự tại: http"))
    assert says.endswith("/answer")
    answer = await secretary.get(f"{path}.pdf?site=cha-nua-room")
    assert answer.content_type == "application/pdf"
    assert (await answer.read()).startswith(b"%PDF")
    foreign = await signed_in("secretary", "lai-chau")
    assert (await foreign.get(f"{path}.pdf")).status == 404
    monkeypatch.setattr(sheets, "MOST_SHEETS", {"docx": 2, "pdf": 2})
    for kind in ("docx", "pdf"):
        many = await (await secretary.get(f"{path}.{kind}")).text()
        assert "Cuộc họp có 3 phiếu, tệp này chứa nhiều nhất 2." in many
    nothing = await secretary.get(f"{path}.pdf?site=none", allow_redirects=False)
    assert nothing.headers["Location"] == path


async def test_sheets_of_many_lines_are_not_all_in_one_file(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """python-docx takes the square of the lines: for a long note on many sheets hours of a core."""
    secretary = await signed_in("secretary", "nam-po")
    meeting = await schedule(secretary, services, note="n\n" * 5000)
    path = f"/meetings/{meeting.id}/links"
    page = await (await secretary.get(f"{path}.docx")).text()
    assert "các phiếu có khoảng 15072 dòng, tệp này chứa nhiều nhất 8000" in page
    one = await secretary.get(f"{path}.docx?site=cha-nua-room")
    assert one.content_type.endswith("wordprocessingml.document")
    monkeypatch.setattr(sheets, "MOST_LINES", {"docx": 100, "pdf": 100})
    assert "nhiều nhất 100" in await (await secretary.get(f"{path}.pdf")).text()
