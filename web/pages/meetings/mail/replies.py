"""What came back to a meeting's invitations: posted by a secretary, seen to, taken as its time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import get_args

from aiohttp import web

from confhub.desks.mail import intake as desk
from confhub.errors import N_, NotFound
from confhub.long_work import in_turn
from confhub.mail.intake.found import Answer
from confhub.mail.intake.mime import MOST_BYTES
from confhub.mail.intake.read import read_posted
from confhub.mail.replies import Standing
from confhub.meetings import changes
from confhub.meetings.meeting import Meeting
from confhub.words.texts import one_line
from web.meetings.access import see_meeting
from web.pages.meetings.mail.standing import back_to_mails
from web.pages.meetings.typed_times import typed_span
from web.rendering.pages import words
from web.requests.auth import actor_of
from web.requests.form_body import posted_form
from web.services import SERVICES

_ASKED = N_("Theo đề nghị của điểm cầu")
_WAITS = N_("Đã nhận; câu trả lời này chờ xử lý ở mục Thư mời.")
_POSTED: Mapping[Standing, str] = {
    "counts": N_("Đã ghi câu trả lời."),
    "open": _WAITS,
    "past": _WAITS,
    "late": N_("Đã nhận nhưng không tính: điểm cầu đã có câu trả lời mới hơn."),
    "done": N_("Đã nhận; thư này không phải câu trả lời của điểm cầu."),
}


async def post(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/mail/replies: a file or words, in the name of one `site`."""
    # Before a mail is taken apart, which takes a second of what all pages share.
    meeting_id = (await see_meeting(request, to_change=True)).meeting.id
    fields, services = await posted_form(request), request.app[SERVICES]
    file, text = fields.get("file"), str(fields.get("text", "")).strip()
    data = text.encode()
    if isinstance(file, web.FileField) and file.filename:
        data = file.file.read(MOST_BYTES + 1)
    said = str(fields.get("answer", ""))
    answer: Answer | None = next((one for one in get_args(Answer) if one == said), None)
    incoming = await in_turn(read_posted, data, services.zone)
    site_id = one_line(str(fields.get("site", "")))
    # Of words the same may be said by many, and again.
    own = f"{meeting_id} {site_id} {services.clock().isoformat()} ".encode() if text else b""
    digest = hashlib.sha256(own + data).hexdigest()
    actor = actor_of(request)
    stands = await desk.post(services.store, actor, meeting_id, site_id, incoming, digest, answer)
    return back_to_mails(request, words(request).gettext(_POSTED[stands]))


async def settle(request: web.Request) -> web.Response:
    """POST /meetings/{meeting_id}/mail/replies/{reply_id}: read, or its time is not taken."""
    services, info = request.app[SERVICES], request.match_info
    early_min = services.settings.join_early_min
    actor = actor_of(request)
    await desk.settle(services.store, actor, info["meeting_id"], info["reply_id"], early_min)
    return back_to_mails(request, words(request).gettext(N_("Đã xử lý thư trả lời.")))


async def proposed(request: web.Request, meeting: Meeting) -> dict[str, str]:
    """`?propose=site&reply=`: the time that a site proposed, and why, for the form of a move."""
    services = request.app[SERVICES]
    try:
        reply = await services.store.replies.get(one_line(request.query.get("reply", "")))
    except NotFound:
        return {}
    if reply.meeting_id != meeting.id or reply.starts_at is None:
        return {}
    ends_at = reply.ends_at or reply.starts_at + (meeting.ends_at - meeting.starts_at)
    reason = one_line(reply.remark) or words(request).gettext(_ASKED)
    span = typed_span(reply.starts_at, ends_at, services.zone)
    return {**span, "reason": reason[: changes.REASON_LENGTH]}
