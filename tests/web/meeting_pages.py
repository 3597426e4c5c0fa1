"""What tests of the schedule's pages do: fill in the form, read the store, hear the bus."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientResponse

from confhub.bus import news
from confhub.meetings.meeting import Meeting
from tests.waiting import until
from tests.web.browser import WebClient, csrf_in
from web.services import Services

ROOMS = {
    "central": "central-room",
    "dien-bien": "dien-bien-room",
    "nam-po": "nam-po-room",
    "cha-nua": "cha-nua-room",
    "si-pha": "si-pha-room",
    "lai-chau": "lai-chau-room",
}

FORM = {
    "title": "Giao ban tháng 12",
    "level_id": "district",
    "host_unit_id": "nam-po",
    "chair_site_id": ROOMS["nam-po"],
    "chair_name": "Nguyễn Văn Hùng",
    "date": "2026-12-02",
    "start": "08:00",
    "end": "09:30",
    "note": "",
    "sites": f"{ROOMS['cha-nua']} {ROOMS['si-pha']}",
}


def of_nam_po(
    starts_at: dt.datetime, length: dt.timedelta = dt.timedelta(hours=2), **changed: Any
) -> Meeting:
    """A district's with one commune, as it stands in the store: for who needs no form."""
    fields: dict[str, Any] = {
        "id": "briefing",
        "title": "Giao ban tháng 11",
        "level_id": "district",
        "host_unit_id": "nam-po",
        "chair_site_id": ROOMS["nam-po"],
        "starts_at": starts_at,
        "ends_at": starts_at + length,
        "sites": (ROOMS["nam-po"], ROOMS["cha-nua"]),
    }
    return Meeting(**(fields | changed))


async def hidden(browser: WebClient, path: str) -> dict[str, str]:
    """The hidden fields of a form's page."""
    html = await (await browser.get(path)).text()
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    return {**found, "csrf": csrf_in(html)}


async def fill_in(browser: WebClient, path: str, **changes: object) -> ClientResponse:
    """Post the meeting form as a page of ours would, following no redirect."""
    form = {**FORM, **await hidden(browser, path), "sites": FORM["sites"], **changes}
    return await browser.post(path, data=form, allow_redirects=False)


async def schedule(browser: WebClient, services: Services, **changes: object) -> Meeting:
    """A meeting of Nậm Pồ with two communes, made through the form."""
    answer = await fill_in(browser, "/meetings/new", **changes)
    assert answer.status == 303, await answer.text()
    return await services.store.meetings.get(answer.headers["Location"].rsplit("/", 1)[1])


@contextlib.asynccontextmanager
async def heard(services: Services) -> AsyncIterator[list[news.MeetingNews]]:
    """News of meetings that were made within the block."""
    told: list[news.MeetingNews] = []

    async def all_are_delivered() -> bool:
        return (await services.store.outbox.backlog(services.clock())).waiting == 0

    await until(all_are_delivered)
    async with services.bus.subscribe(news.MEETINGS_TOPIC) as messages:
        yield told
        await until(all_are_delivered)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while True:
                    told.append(news.decode_meeting(await anext(messages)))
