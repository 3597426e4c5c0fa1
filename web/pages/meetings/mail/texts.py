"""/meetings/{meeting_id}/invitations: what each site is told, as text, where there is no mail.

A secretary copies it into Zalo, a text message or a file. After a move, a postponement or a
cancellation it says what changed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.errors import N_
from confhub.long_work import beside
from confhub.mail.letter import MailKind
from confhub.mail.text import Recipient, body_of, plain
from confhub.words.cells import harmless
from web.meetings.access import Seen, see_meeting
from web.pages.meetings.invited_sites import InvitedSite
from web.pages.meetings.mail.latest import latest
from web.rendering.pages import formats, render, words

_COLUMNS = (
    N_("Đơn vị"),
    N_("Tên điểm cầu"),
    N_("Mã điểm cầu"),
    N_("Điện thoại phòng họp"),
    N_("Thư điện tử"),
    N_("Liên kết vào họp"),
    N_("Lời mời"),
)


@dataclass(frozen=True, slots=True)
class Message:
    invited: InvitedSite
    text: str


async def show(request: web.Request) -> web.Response:
    """GET. `?whole=1`: the whole invitation also where something changed since."""
    seen, kind, messages = await _messages(request)
    return await render(
        request, "meetings/invitations.html", meeting=seen.meeting, kind=kind, messages=messages
    )


async def table(request: web.Request) -> web.Response:
    """GET …/invitations.csv: a line for each site."""
    seen, _kind, messages = await _messages(request)
    gettext = words(request).gettext
    rows = [
        (
            one.invited.unit.name,
            one.invited.site.name,
            one.invited.site.code,
            one.invited.site.room_phone,
            one.invited.site.email,
            one.invited.address,
            one.text,
        )
        for one in messages
    ]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([gettext(column) for column in _COLUMNS])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return web.Response(
        body=text.getvalue().encode("utf-8-sig"),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="loi-moi-{seen.meeting.id}.csv"',
        },
    )


async def _messages(request: web.Request) -> tuple[Seen, MailKind, Sequence[Message]]:
    """One for each site whose link the viewer may see, and that is to hear of it."""
    seen = await see_meeting(request)
    seen.viewer.require("see_links")
    told = await latest(request, seen)
    gettext, formatted = words(request).gettext, formats(request)

    def written() -> list[Message]:
        made = []
        for one in told.sites:
            to = Recipient(one.site.name, one.unit.name, one.address)
            body = body_of(told.kind, told.letter, told.before, to, gettext, formatted)
            made.append(Message(one, plain(body)))
        return made

    # A thousand of them take half a second, which live rooms must not wait.
    return seen, told.kind, await beside(written)
