"""/meetings/{meeting_id}/answers/stream: that sites answered, as server-sent events.

Events, each with JSON: `answers` says that the table is another by now, at the start too, since it
may have changed before; `beat` says every 5 s that there was nothing to say. `signed_out` and
`refused` end the stream for good. What was answered is asked of the table, not told here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
from aiohttp import web

from confhub.bus.interface import GAP
from confhub.bus.news import ANSWERS_TOPIC, decode_answer
from confhub.errors import ConfhubError, Forbidden, NotFound, Unavailable
from web.live import LIVE
from web.meetings.access import Seen, see_meeting
from web.meetings.answers import shown_sites
from web.requests.auth import load_viewer
from web.requests.route import Answer, Api
from web.services import SERVICES

BEAT_S = 5.0
# Whether the viewer may still look.
CHECK_S = 15.0
# Sites of a province answer within the same minutes; nobody reads a table faster.
GATHER_S = 1.0
WRITE_TIMEOUT_S = 10.0
# Of one account: a desk with several tabs.
MOST_BY_ACCOUNT = 12


class Said(msgspec.Struct, frozen=True):
    meeting_id: str


STREAM = Api(
    "That sites answered to a meeting's invitation (server-sent events)",
    {
        200: Answer(
            "One JSON object in each event.",
            None,
            "text/event-stream",
            events=dict.fromkeys(("answers", "beat", "signed_out", "refused"), Said),
        )
    },
    errors=(404, 429),
)


async def show(request: web.Request) -> web.StreamResponse:
    """GET: of the sites whose answers the viewer sees."""
    seen, live = await see_meeting(request), request.app[LIVE]
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "X-Accel-Buffering": "no",  # nginx would hold events back
        }
    )
    account_id = seen.viewer.account.id
    asked = asyncio.Event()
    with (
        live.holders.hold(f"answers {account_id}", MOST_BY_ACCOUNT),
        live.watch(account_id, asked.set),
        live.until_rights_end(seen.viewer),
    ):
        async with request.app[SERVICES].bus.subscribe(ANSWERS_TOPIC) as news:
            await response.prepare(request)
            if request.method == "HEAD":  # for which aiohttp would write the body all the same
                return response
            # The page went or does not read: it comes back and is told.
            with contextlib.suppress(ConnectionError, TimeoutError, ConfhubError):
                await _run(request, response, seen, news, asked)
    return response


async def _run(
    request: web.Request,
    response: web.StreamResponse,
    seen: Seen,
    news: AsyncIterator[bytes],
    asked: asyncio.Event,
) -> None:
    """Until the page goes, the sign-in ends, or the hub stops. `asked`: whether they still may.
    Sites that are invited meanwhile are among those seen within CHECK_S."""
    loop, name = asyncio.get_running_loop(), "answers"
    checked_at = loop.time()
    while name:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            data = msgspec.json.encode(Said(seen.meeting.id))
            await response.write(f"event: {name}\ndata: ".encode() + data + b"\n\n")
        if name in ("signed_out", "refused"):
            return
        name = await _heard(seen, news)
        if asked.is_set() or loop.time() - checked_at >= CHECK_S:
            asked.clear()
            checked_at = loop.time()
            refused, seen = await _looked(request, seen)
            name = refused or name


async def _heard(seen: Seen, news: AsyncIterator[bytes]) -> str:
    """The name of the next event; empty once the hub stops."""
    loop, shown, name = asyncio.get_running_loop(), shown_sites(seen), "beat"
    try:
        async with asyncio.timeout(BEAT_S) as end:
            async for payload in news:
                if name == "beat" and _concerns(payload, seen.meeting.id, shown):
                    name = "answers"
                    end.reschedule(loop.time() + GATHER_S)
    except TimeoutError:
        return name
    return ""


def _concerns(payload: bytes, meeting_id: str, shown: frozenset[str]) -> bool:
    """What was lost, or is said by a newer hub, may be of any."""
    if payload == GAP:
        return True
    try:
        told = decode_answer(payload)
    except ValueError:
        return True
    return told.meeting_id == meeting_id and told.site_id in shown


async def _looked(request: web.Request, before: Seen) -> tuple[str, Seen]:
    """Why the viewer may look no longer, as the name of an event, or empty; what they see now."""
    try:
        if await load_viewer(request) is None:
            return "signed_out", before
        seen = await see_meeting(request)
    except (Forbidden, NotFound):
        return "refused", before
    except Unavailable:
        return "", before  # the store cannot tell
    return "answers" if shown_sites(seen) != shown_sites(before) else "", seen
