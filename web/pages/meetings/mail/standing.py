"""How a meeting's mails stand, site by site, on its page; sending them, and sending them again.

What came back is replies.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web

from confhub.answers.answer import Answer
from confhub.answers.given import State
from confhub.bucket import Rate
from confhub.desks.mail import sending as desk
from confhub.errors import N_
from confhub.mail.letter import TOLD, Mail, may_be_repeated
from confhub.mail.outcome import parts_of
from confhub.mail.replies import MailReply
from confhub.words.texts import one_line
from web.meetings.access import Seen
from web.meetings.answers import shown_sites
from web.pages.meetings.invited_sites import InvitedSite
from web.rendering.pages import redirect, words
from web.requests.auth import actor_of
from web.requests.form_body import posted_form
from web.services import SERVICES

# Whoever goes through a list of sites that heard nothing presses some dozen times in a row.
PACE = Rate(0.2, 30)
# Words, tone and icon of each state.
STATES: Mapping[str, tuple[str, str, str]] = {
    "sent": (N_("Đã gửi thư"), "good", "mail-check"),
    "waiting": (N_("Chờ gửi thư"), "fair", "mail"),
    "refused": (N_("Thư bị từ chối"), "lost", "mail-x"),
    "none": (N_("Chưa gửi thư"), "absent", "mail"),
    "no_address": (N_("Chưa có địa chỉ thư"), "absent", "mail-x"),
}
# Likewise of what a mail answers.
ANSWERS: Mapping[str, tuple[str, str, str]] = {
    "accepted": (N_("Trả lời: dự họp"), "good", "circle-check"),
    "declined": (N_("Trả lời: không dự"), "lost", "x"),
    "tentative": (N_("Trả lời: chưa chắc dự"), "fair", "circle-help"),
    "": (N_("Đã trả lời"), "fair", "circle-help"),
}
# Of what came and was not read.
UNREAD: Mapping[str, str] = {
    "too_large": N_("Thư lớn hơn 2 MB nên chưa được đọc. Xin mở thư trong hộp thư nhận trả lời."),
    "too_many_lines": N_("Thư quá dài nên chưa được đọc. Xin mở thư trong hộp thư nhận trả lời."),
    "unreadable": N_("Thư bị hỏng nên không đọc được. Xin mở thư trong hộp thư nhận trả lời."),
}
# And of the site's answer, whichever way it came.
_SAID: Mapping[State, tuple[str, str, str]] = {
    "attending": ANSWERS["accepted"],
    "declined": ANSWERS["declined"],
    "unsure": ANSWERS["tentative"],
}


@dataclass(frozen=True, slots=True)
class MailRow:
    """`state`: of STATES. Of one that did not go, also where it is tried again: `told`, a msgid,
    and the server's words."""

    state: str
    address: str = ""
    at: dt.datetime | None = None
    told: str = ""
    error: str = ""
    may_go_again: bool = False
    answer: Answer | None = None
    is_past: bool = False  # that answer is to a time that the meeting has no more


@dataclass(frozen=True, slots=True)
class Mails:
    """Of one meeting. `begun`: its sites hear of changes by mail."""

    begun: bool
    rows: Mapping[str, MailRow]  # by site
    counts: Mapping[str, int]
    may_send: bool  # somebody with an address was not told
    refused: int  # so many of them may go again
    names: Mapping[str, str]  # of the sites' units
    open: Sequence[MailReply] = ()  # what came back and waits for somebody
    states: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: STATES)
    answers: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: ANSWERS)
    unread: Mapping[str, str] = field(default_factory=lambda: UNREAD)
    said: Mapping[State, tuple[str, str, str]] = field(default_factory=lambda: _SAID)


async def mails_of(
    request: web.Request, seen: Seen, invited: Iterable[InvitedSite]
) -> Mails | None:
    """None where no mail is sent, and for who only sees the meeting: a server's words name the
    addresses of sites."""
    services = request.app[SERVICES]
    if not services.settings.mail_host or not seen.may_change:
        return None
    store, meeting = services.store.mail, seen.meeting
    latest, invited = await store.latest(meeting.id), list(invited)
    rows = {one.site.id: _row(one, latest.get(one.site.id), meeting.status) for one in invited}
    shown = shown_sites(seen) & rows.keys()
    answers = await services.store.answers.of_sites(meeting.id, shown)
    for site_id, answer in answers.items():
        is_past = not answer.is_for(meeting)
        rows[site_id] = replace(rows[site_id], answer=answer, is_past=is_past)
    counts = dict.fromkeys(STATES, 0)
    for row in rows.values():
        counts[row.state] += 1
    return Mails(
        begun=await store.mailing(meeting.id) is not None,
        rows=rows,
        counts=counts,
        may_send=counts["none"] > 0 and meeting.status in TOLD,
        refused=sum(row.state == "refused" and row.may_go_again for row in rows.values()),
        names={one.site.id: f"{one.unit.name} ({one.site.name})" for one in invited},
        open=await services.store.replies.open(meeting.id),
    )


def _row(one: InvitedSite, mail: Mail | None, status: str) -> MailRow:
    if mail is None:
        return MailRow("none" if one.site.email else "no_address", one.site.email)
    # A link that the viewer may not see may well live: whoever sends the mail looks.
    may_go_again = may_be_repeated(mail, status, has_link=not one.is_revoked)
    address = mail.address or one.site.email
    return MailRow(mail.state, address, mail.settled_at, *parts_of(mail.error), may_go_again)


async def send_out(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/mail"""
    meeting_id, services = request.match_info["meeting_id"], request.app[SERVICES]
    origin = services.settings.public_origin.rstrip("/")
    await desk.send_out(services.store, actor_of(request), meeting_id, origin)
    return back_to_mails(request, words(request).gettext(N_("Đang gửi thư mời tới các điểm cầu.")))


async def send_again(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/mail/again: to one `site`, else to all that refused theirs."""
    fields = await posted_form(request)
    meeting_id, services = request.match_info["meeting_id"], request.app[SERVICES]
    site_id = one_line(str(fields.get("site", "")))
    early_min = services.settings.join_early_min
    count = await desk.send_again(services.store, actor_of(request), meeting_id, site_id, early_min)
    said = words(request).ngettext("Đang gửi lại %(num)s thư.", "Đang gửi lại %(num)s thư.", count)
    return back_to_mails(request, said % {"num": count})


def back_to_mails(request: web.Request, message: str) -> web.Response:
    """What was planned goes out at once."""
    services = request.app[SERVICES]
    if services.jobs is not None:
        services.jobs.wake()
    return redirect(request, f"/meetings/{request.match_info['meeting_id']}#mail", message)
