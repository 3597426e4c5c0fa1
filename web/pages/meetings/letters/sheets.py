"""/meetings/{meeting_id}/links.pdf and .docx: a sheet for each site, with the codes of its link and
of the page where it says who comes.

As the invitations in words: the same sites for the same viewer, all of them or `?site=` alone, and
what changed where something did.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import msgspec
import segno
from aiohttp import web

from confhub.errors import N_
from confhub.letters import press, word_file
from confhub.letters.sheets import Sheet, Sheets, Way, sheet_of, ways_in
from confhub.long_work import in_turn
from confhub.mail.text import Recipient, body_of
from confhub.meetings.meeting import Meeting
from web.meetings.access import see_meeting
from web.pages.meetings.invited_sites import InvitedSite
from web.pages.meetings.letters.files import Kind, file_answer
from web.pages.meetings.link_code import qr_code
from web.pages.meetings.mail.latest import Latest, latest
from web.rendering.pages import formats, redirect, words
from web.services import SERVICES

# python-docx looks through all pictures before at each: 100 take half a second, 800 twelve.
# Typesetting has a minute (letters/press.py); a province has some 150 sites.
MOST_SHEETS: Mapping[Kind, int] = {"docx": 100, "pdf": 1000}
# Likewise through all lines before at each: 8,000 take two seconds, and a note of 5,000 lines on a
# hundred sheets would take hours. Ordinary sheets have some forty.
MOST_LINES: Mapping[Kind, int] = {"docx": 8_000, "pdf": 60_000}
_LINES_ASIDE = 25  # besides what is typed: heading, facts, hints, whom to call
_NONE = N_("Không có liên kết nào để in.")
_TOO_MANY = N_(
    "Cuộc họp có %(has)s phiếu, tệp này chứa nhiều nhất %(most)s. Xin tải bản PDF, hoặc phiếu của"
    " từng điểm cầu."
)
_TOO_LONG = N_(
    "Ghi chú và chương trình họp dài nên các phiếu có khoảng %(has)s dòng, tệp này chứa nhiều nhất"
    " %(most)s. Xin tải bản PDF hoặc phiếu của từng điểm cầu, hoặc rút gọn ghi chú."
)


async def pdf(request: web.Request) -> web.Response:
    """GET …/links.pdf"""
    return await _answer(request, "pdf")


async def docx(request: web.Request) -> web.Response:
    """GET …/links.docx"""
    return await _answer(request, "docx")


async def _answer(request: web.Request, kind: Kind) -> web.Response:
    seen = await see_meeting(request)
    seen.viewer.require("see_links")
    only, meeting = request.query.get("site", ""), seen.meeting
    told = await latest(request, seen)
    chosen = [one for one in told.sites if not only or one.site.id == only]
    refusal = _refusal(request, meeting, len(chosen), kind)
    if refusal:
        return redirect(request, f"/meetings/{meeting.id}/links", refusal, "info")
    pages = await _sheets(request, told, kind, chosen)
    if kind == "docx":
        data = await in_turn(word_file.sheets, pages)
    else:
        now = request.app[SERVICES].clock()
        data = await press.pdf("sheets-1", Sheets(meeting.title, tuple(pages)), now, "1.7")
    return file_answer(data, f"phieu-moi-{meeting.id}", kind)


def _refusal(request: web.Request, meeting: Meeting, count: int, kind: Kind) -> str:
    """Why there is no such file; empty: there is."""
    gettext = words(request).gettext
    if not count:
        return gettext(_NONE)
    if count > MOST_SHEETS[kind]:
        return gettext(_TOO_MANY) % {"has": count, "most": MOST_SHEETS[kind]}
    lines = count * (_LINES_ASIDE + len(meeting.agenda) + meeting.note.count("\n"))
    # The sheet of one site is always to be had.
    if count > 1 and lines > MOST_LINES[kind]:
        return gettext(_TOO_LONG) % {"has": lines, "most": MOST_LINES[kind]}
    return ""


async def _sheets(
    request: web.Request, told: Latest, kind: Kind, chosen: Sequence[InvitedSite]
) -> list[Sheet]:
    gettext, formatted = words(request).gettext, formats(request)

    def written() -> list[Sheet]:
        made = []
        for one in chosen:
            to = Recipient(one.site.name, one.unit.name, one.address)
            body = body_of(told.kind, told.letter, told.before, to, gettext, formatted)
            ways = tuple(_with_code(way, kind) for way in ways_in(body))
            made.append(sheet_of(to, body, ways))
        return made

    # Some milliseconds each, which live rooms must not wait.
    return await in_turn(written)


def _with_code(way: Way, kind: Kind) -> Way:
    if kind == "pdf":
        return msgspec.structs.replace(way, code=qr_code(way.address).decode())
    return msgspec.structs.replace(way, code_png=_picture(way.address))


def _picture(address: str) -> bytes:
    """The same code in dots, for programs that know no SVG."""
    picture = io.BytesIO()
    segno.make(address, error="m").save(picture, kind="png", scale=8, border=2)
    return picture.getvalue()
