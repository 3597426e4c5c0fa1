"""What follows every change of a meeting: the audit trail, links in step, news to the rooms."""

from __future__ import annotations

import logging
from typing import Literal

from aiohttp import web

from confhub.bus import news
from confhub.errors import Unavailable
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import Meeting
from web.requests.addresses import client_address
from web.requests.auth import require_viewer
from web.services import SERVICES

log = logging.getLogger(__name__)

What = Literal["changed", "cancelled", "ended", "link_revoked"]


async def after_change(
    request: web.Request, meeting: Meeting, action: str, *, what: What = "changed", detail: str = ""
) -> None:
    """Give every invited site a link that lives as long as the meeting's doors, then tell."""
    if meeting.status != "cancelled":
        await request.app[SERVICES].store.links.ensure(meeting, meeting.ends_at + OPEN_AFTER_END)
    await record(request, meeting.id, action, detail)
    await tell(request, meeting.id, what)


async def record(request: web.Request, meeting_id: str, action: str, detail: str = "") -> None:
    """One line in the audit trail, in the viewer's name."""
    services = request.app[SERVICES]
    await services.store.audit.write(
        action,
        account_id=require_viewer(request).account.id,
        subject=meeting_id,
        detail=detail,
        address=client_address(request),
        at=services.clock(),
    )


async def tell(
    request: web.Request, meeting_id: str, what: What, site_id: str | None = None
) -> None:
    """Whoever runs the meeting's room reads it anew.

    The change is in the record by now: a bus that is away does not make it fail. Rooms read
    their meeting anew when the bus is back, and look after their links every minute.
    """
    message = news.MeetingNews(meeting_id=meeting_id, what=what, site_id=site_id)
    try:
        await request.app[SERVICES].bus.publish(news.MEETINGS_TOPIC, news.encode(message))
    except Unavailable as error:
        log.warning("rooms were not told that meeting %s is %s: %s", meeting_id, what, error)
