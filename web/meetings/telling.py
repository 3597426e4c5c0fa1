"""News of a changed meeting, to whoever runs its room."""

from __future__ import annotations

import logging
from typing import Literal

from aiohttp import web

from confhub.bus import news
from confhub.errors import Unavailable
from web.services import SERVICES

log = logging.getLogger(__name__)

What = Literal["changed", "cancelled", "ended", "link_revoked"]


async def tell(
    request: web.Request, meeting_id: str, what: What = "changed", site_id: str | None = None
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
