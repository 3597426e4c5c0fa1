"""/units/{unit_id}/record.{form}: what was done in a unit and below it, as a file.

Who administers the accounts of a unit takes away its part of the record: whoever administers all
takes everything, also what belongs to nobody, such as sign-ins in vain. Lines that are not sealed
yet are not in it. `confhub audit verify --file` checks a file of JSON, each of whose lines has all
that its seal is over; the table tells names instead, and no addresses. That somebody took one is on
record.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence

from aiohttp import web

from confhub.bucket import Rate
from confhub.desks.registry import record
from confhub.errors import N_, BadInput, ConfhubError, NotFound
from confhub.long_work import beside
from confhub.people.grant import period
from confhub.trail import export
from confhub.trail.chain import Sealed
from confhub.words.dates import read_date
from web.pages.history.subjects import account_names, subject_names
from web.pages.registry.shared import path_in_reach
from web.requests.auth import actor_of, local_date
from web.services import SERVICES

# A year of a province is some hundred thousand lines; who wants more takes several files.
MOST_DAYS = 366
USUAL_DAYS = 30
# Each reads through a part of the record; people take one a month.
PACE = Rate(0.05, 10)
# A line that takes no thousand rows of text in this time is down.
WRITE_TIMEOUT_S = 30.0

_FORMS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson; charset=utf-8",
}
_TURNED = N_("Ngày cuối phải từ ngày đầu trở đi.")
_TOO_LONG = N_("Mỗi tệp chứa nhiều nhất %(most)s ngày. Xin chọn khoảng ngắn hơn.")


async def download(request: web.Request) -> web.StreamResponse:
    """GET. `?first=` and `?last=`: days, both counted; without, the last USUAL_DAYS. BadInput."""
    path = await path_in_reach(request, request.match_info["unit_id"], "manage_accounts")
    ending = request.match_info["form"]
    if ending not in _FORMS:
        raise NotFound
    content_type = _FORMS[ending]
    first, last = asked_days(request)
    name = f"nhat-ky-{path[-1].id}-{first:%Y%m%d}-{last:%Y%m%d}.{ending}"
    response = web.StreamResponse(
        headers={
            "Content-Type": content_type,
            "Content-Disposition": f'attachment; filename="{name}"',
        }
    )
    pages = _pages(request, path[-1].id, first, last)
    page = await anext(pages)  # a busy database is told before anything is sent
    if request.method == "HEAD":  # for which aiohttp would write the body all the same
        await response.prepare(request)
        return response
    store, days = request.app[SERVICES].store, (first, last)
    await record.take(store, actor_of(request), path[-1].id, ending, days)
    await response.prepare(request)
    try:
        await _write(response, export.table_head() if ending == "csv" else "")
        while page:
            await _write(response, await _worded(request, ending, page))
            page = await anext(pages)
        await response.write_eof()
    except (ConnectionError, TimeoutError, ConfhubError):
        if request.transport is not None:  # or the file would look whole
            request.transport.abort()
    return response


def asked_days(request: web.Request) -> tuple[dt.date, dt.date]:
    """BadInput for what is no day, or too many."""
    last = read_date(request.query.get("last", "")) or local_date(request)
    usual = last - dt.timedelta(days=USUAL_DAYS)
    first = read_date(request.query.get("first", "")) or usual
    if last < first:
        raise BadInput(_TURNED)
    if (last - first).days >= MOST_DAYS:
        raise BadInput(_TOO_LONG, values={"most": MOST_DAYS})
    return first, last


async def _pages(
    request: web.Request, unit_id: str, first: dt.date, last: dt.date
) -> AsyncIterator[list[Sealed]]:
    """The lines, and an empty page behind them."""
    services = request.app[SERVICES]
    since, until = period(first, last, services.zone)
    is_whole = await services.store.search.is_whole(unit_id)
    of = None if is_whole else (unit_id, local_date(request))
    async for page in services.store.seals.pages(since, until, of):
        yield page
    yield []


async def _worded(request: web.Request, ending: str, page: Sequence[Sealed]) -> str:
    if ending != "csv":
        return await beside(export.piece, "lines", page, is_first=True)
    accounts = await account_names(request, page)
    subjects = await subject_names(request, page)
    return await beside(export.table_rows, page, accounts, subjects)


async def _write(response: web.StreamResponse, text: str) -> None:
    if text:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await response.write(text.encode())
