"""/meetings/{meeting_id}/invitations: what each site is told, as text, where there is no mail.

A secretary copies it into Zalo, a text message or a file. After a move, a postponement or a
cancellation it says what changed.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.desks.mail.about import letter_about, paper_of
from confhub.errors import N_
from confhub.mail.letter import Letter, MailKind
from confhub.mail.text import COMES, Recipient, body_of, plain
from confhub.meetings.meeting import Meeting
from confhub.store import AuditEntry
from confhub.words.cells import harmless
from web.meetings.access import Seen, see_meeting
from web.pages.meetings.invited_sites import InvitedSite, invited_sites
from web.rendering.pages import formats, render, words
from web.requests.addresses import own_origin
from web.services import SERVICES

# The last time it was set is among them, but for a meeting that is changed all day.
_LATEST_ACTS = 50
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
    """One for each site whose link the viewer may see, and that is to come."""
    seen = await see_meeting(request)
    seen.viewer.require("see_links")
    services, meeting = request.app[SERVICES], seen.meeting
    letter = await letter_about(
        services.store,
        meeting,
        services.clock(),
        letter_id="",
        origin=own_origin(request),
        early_min=services.settings.join_early_min,
        paper=await paper_of(services.store, meeting),
    )
    acts = await services.store.audit.recent(_LATEST_ACTS, meeting.id, thing="meeting")
    before = _before(letter, acts)
    kind = _kind(meeting, is_moved=before is not None)
    if request.query.get("whole") and kind == "change":
        kind, before = "invite", None
    groups = await invited_sites(request, seen)
    chosen = [
        one
        for group in groups
        for one in group.sites
        if one.link is not None and (one.address or kind not in COMES)
    ]
    gettext, formatted = words(request).gettext, formats(request)

    def written() -> list[Message]:
        made = []
        for one in chosen:
            to = Recipient(one.site.name, one.unit.name, one.address)
            body = body_of(kind, letter, before, to, gettext, formatted)
            made.append(Message(one, plain(body)))
        return made

    # A thousand of them take half a second, which live rooms must not wait.
    return seen, kind, await asyncio.to_thread(written)


def _kind(meeting: Meeting, *, is_moved: bool) -> MailKind:
    if meeting.status == "cancelled":
        return "cancel"
    if meeting.status == "postponed":
        return "hold"
    return "change" if is_moved and meeting.postponed_from is not None else "invite"


def _before(letter: Letter, acts: Iterable[AuditEntry]) -> Letter | None:
    """The meeting as it was before its time was last changed; `acts`: the last first."""
    for act in acts:
        old = [act.changes.get(name, (None, None))[0] for name in ("starts_at", "ends_at")]
        if act.action == "meeting.postponed" and all(isinstance(one, str) for one in old):
            starts_at, ends_at = (dt.datetime.fromisoformat(str(one)) for one in old)
            then = replace(letter.meeting, starts_at=starts_at, ends_at=ends_at)
            return replace(letter, meeting=then)
    return None
