"""/meetings/{meeting_id}/answers: what the sites answered, for the host, and for upper units of
theirs; also as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from aiohttp import web

from confhub.answers.answer import Answer
from confhub.answers.summary import Standing, standing_of
from confhub.desks import rights
from confhub.desks.answers.deadlines import due
from confhub.errors import N_
from confhub.long_work import beside
from confhub.meetings.meeting import Meeting
from confhub.words.cells import harmless
from confhub.words.texts import fold
from web.meetings.access import Seen, see_meeting
from web.meetings.answers import STANDINGS, WAYS, answers_seen, say_summary, shown_sites
from web.pages.answers.fields import PART_WORDS
from web.pages.meetings.invited_sites import InvitedSite, invited_sites
from web.rendering.pages import formats, render, words
from web.requests.auth import local_date
from web.services import SERVICES

_COLUMNS = (
    N_("Đơn vị cấp trên"),
    N_("Đơn vị"),
    N_("Tên điểm cầu"),
    N_("Mã điểm cầu"),
    N_("Trả lời"),
    N_("Họ tên"),
    N_("Chức vụ"),
    N_("Tư cách"),
    N_("Lý do cử thay"),
    N_("Họ tên cán bộ kỹ thuật"),
    N_("Điện thoại cán bộ kỹ thuật"),
    N_("Tham gia nội dung"),
    N_("Đã nhận tài liệu"),
    N_("Ghi chú"),
    N_("Trả lời lúc"),
    N_("Trả lời bằng"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A site with its answer. `items`: of the agenda those it takes part in, empty: all of them."""

    invited: InvitedSite
    answer: Answer | None
    standing: Standing
    may_answer: bool
    items: Sequence[str]


async def show(request: web.Request) -> web.Response:
    """GET …/answers"""
    seen, lines = await _lines(request)
    services = request.app[SERVICES]
    answers = {line.answer.site_id: line.answer for line in lines if line.answer}
    by_upper = groupby(lines, lambda one: one.invited.upper)
    return await render(
        request,
        "answers/table.html",
        meeting=seen.meeting,
        due_at=await due(services.store, seen.meeting, services.zone),
        said=say_summary(request, answers, [line.invited.site.id for line in lines], seen.meeting),
        groups=[(upper, list(rows)) for upper, rows in by_upper],
        standings=STANDINGS,
        ways=WAYS,
        parts=PART_WORDS,
    )


async def table(request: web.Request) -> web.Response:
    """GET …/answers.csv: a line for each person, or for the site where nobody is named."""
    seen, lines = await _lines(request)
    gettext, formatted = words(request).gettext, formats(request)

    def written() -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([gettext(column) for column in _COLUMNS])
        for line in lines:
            answer = line.answer
            when = formatted.datetime(answer.answered_at) if answer else ""
            for row in _rows(line, when):
                cells = [gettext(cell) if translated else cell for cell, translated in row]
                writer.writerow([harmless(cell) for cell in cells])
        return text.getvalue().encode("utf-8-sig")

    # Thousands of lines, which live rooms must not wait for.
    body = await beside(written)
    return web.Response(
        body=body,
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="xac-nhan-{seen.meeting.id}.csv"',
        },
    )


def _rows(line: Line, when: str) -> Iterator[list[tuple[str, bool]]]:
    """Cells, each with whether it is a text of ours, to be translated."""
    one, answer = line.invited, line.answer
    head = [one.upper, one.unit.name, one.site.name, one.site.code]
    start = [(cell, False) for cell in head] + [(STANDINGS[line.standing][0], True)]
    if answer is None:
        yield start
        return
    given = answer.given
    end = [
        (given.technician_name, False),
        (given.technician_phone, False),
        ("; ".join(line.items), False) if line.items else (N_("Toàn bộ cuộc họp"), True),
        (N_("có"), True) if given.has_documents else ("", False),
        (given.remark, False),
        (when, False),
        (WAYS[answer.by.way], True),
    ]
    for person in given.people:
        middle = [(person.name, False), (person.title, False)]
        yield [*start, *middle, (PART_WORDS[person.part], True), (person.reason, False), *end]
    if not given.people:
        yield [*start, *[("", False)] * 4, *end]


async def _lines(request: web.Request) -> tuple[Seen, Sequence[Line]]:
    """By the unit above, then as invited."""
    seen = await see_meeting(request)
    store, meeting = request.app[SERVICES].store, seen.meeting
    shown = shown_sites(seen)
    own = await rights.answered_sites(
        store, seen.viewer, meeting, seen.host_path, local_date(request)
    )
    answers = await answers_seen(request, seen)
    titles = {item.id: item.title for item in meeting.agenda}
    found = [
        _line(one, answers.get(one.site.id), meeting, titles, may_answer=one.site.id in own)
        for group in await invited_sites(request, seen)
        for one in group.sites
        if one.site.id in shown
    ]
    return seen, sorted(found, key=lambda line: fold(line.invited.upper))


def _line(
    one: InvitedSite,
    answer: Answer | None,
    meeting: Meeting,
    titles: dict[str, str],
    *,
    may_answer: bool,
) -> Line:
    chosen = answer.given.items or () if answer else ()
    items = [titles[item] for item in chosen if item in titles]
    return Line(one, answer, standing_of(answer, meeting), may_answer, items)
