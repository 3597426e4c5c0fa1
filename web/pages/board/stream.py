"""/board/stream: the board's changes as server-sent events. Source: WHATWG HTML, section 9.2.

Events, each with JSON (Snapshot, Update, Beat): `snapshot` first, and again when units or sites
changed, holds all the page shows; `rows` holds what changed; `beat` says every 5 s that there was
nothing to say, so that a page can tell a calm board from a dead line. `signed_out` and `refused`
end the stream for good.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Mapping

import msgspec
from aiohttp import web

from confhub.errors import N_, ConfhubError, Forbidden, NotFound, TooMany, Unavailable
from confhub.long_work import beside
from monitoring.board import Changes
from monitoring.overview import Scope, Standing
from web.live import LIVE
from web.pages.board.overview import GroupView, board_of, group_view, look, scope_path
from web.pages.board.rows import Row, RowMaker, Watched, Wording
from web.pages.board.selection import is_full, read_asked, select, settle
from web.rendering.pages import formats, words
from web.requests.auth import load_viewer, require_viewer
from web.requests.route import Answer, Api, Query

# A page calls its numbers old after 12 s of silence: two beats, and one that is late.
BEAT_S = 5.0
# Whether the viewer may still look; a sign-in that was ended shows for no longer than this.
CHECK_S = 15.0
# Nobody reads faster, and 139 sites report twice in 5 s each: changes are gathered.
GATHER_S = 1.0
LARGE_GATHER_S = 3.0
WRITE_TIMEOUT_S = 10.0
# An open page keeps its units and sites this long; loading it anew shows what was just changed.
STALE_S = 300.0
# A watcher costs a few KB and a few ms a second; IT of all units of a province is under 150.
MAX_STREAMS = 300
# Of one account: a desk with several tabs, and screens on a wall.
MOST_BY_ACCOUNT = 12


class Snapshot(msgspec.Struct, frozen=True):
    """`at` is HH:MM where the users are; `cut` rows more than fit were found."""

    at: str
    full: bool
    total: int
    counts: Mapping[Standing, int]
    groups: list[GroupView]
    rows: list[Row]
    cut: int


class Update(msgspec.Struct, frozen=True):
    """`rows` as they are now; `gone` are ids whose rows are told of no longer."""

    at: str
    counts: Mapping[Standing, int]
    groups: Mapping[str, Mapping[Standing, int]]
    rows: list[Row]
    gone: list[str]
    cut: int


class Beat(msgspec.Struct, frozen=True):
    at: str


EVENTS = {
    "snapshot": Snapshot,
    "rows": Update,
    "beat": Beat,
    "signed_out": Beat,
    "refused": Beat,
}
STREAM = Api(
    "The board's links as they change (server-sent events)",
    {200: Answer("One JSON object in each event.", None, "text/event-stream", events=EVENTS)},
    query=(
        Query("unit", "The unit whose sites are told of; else the viewer's own."),
        Query("open", "Of a large board: ids of groups whose sites are told of too."),
        Query("state", "Of a large board: only sites in this state."),
        Query("q", "Of a large board: only sites whose names hold these words."),
    ),
    errors=(404, 429),
)


async def show(request: web.Request) -> web.StreamResponse:
    """Stream the board of `?unit=`.

    A page of few sites is told of all. A larger one is told of those in trouble and of the groups
    named by `?open=`, or of what `?state=` and `?q=` find.
    """
    viewer = require_viewer(request)
    path = await scope_path(request, viewer)
    board = board_of(request)
    if board.watchers >= MAX_STREAMS:
        raise TooMany(int(CHECK_S), N_("Quá nhiều người đang xem. Xin thử lại sau ít phút."))
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "X-Accel-Buffering": "no",  # nginx would hold events back
        }
    )
    account_id, live = viewer.account.id, request.app[LIVE]
    with (
        live.holders.hold(f"board {account_id}", MOST_BY_ACCOUNT),
        board.changes() as changes,
        live.watch(account_id, changes.ask),
        live.until_rights_end(viewer),
    ):
        watched = await look(request, path[-1].id, STALE_S)
        stream = _Stream(request, response, changes, watched)
        await response.prepare(request)
        if request.method == "HEAD":  # for which aiohttp would write the body all the same
            return response
        # The page went or does not read, or its unit was dissolved: it comes back and is told.
        with contextlib.suppress(ConnectionError, TimeoutError, ConfhubError):
            await stream.run()
    return response


class _Stream:
    """One page that watches."""

    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        changes: Changes,
        watched: Watched,
    ) -> None:
        self._request = request
        self._response = response
        self._changes = changes
        self._watched = watched
        self._wording = Wording(words(request), formats(request))
        self._asked = settle(read_asked(request.query), watched)
        self._rows = RowMaker(self._wording)
        self._told: dict[str, Row] = {}

    async def run(self) -> None:
        """Until the page goes, the sign-in ends, or the hub stops."""
        await self._send("snapshot", await beside(self._snapshot))
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        while not self._changes.closed:
            changed = await self._changes.wait(BEAT_S)
            if self._changes.take_question() or loop.time() - checked_at >= CHECK_S:
                checked_at = loop.time()
                if refusal := await self._refusal():
                    await self._send(refusal, Beat(self._at()))
                    return
            await self._tell(bool(changed))
            full = is_full(self._watched.scope)
            await self._changes.rest(GATHER_S if full else LARGE_GATHER_S)

    async def _tell(self, changed: bool) -> None:
        # Time passes for meetings too: who is awaited may have changed without a report.
        before = self._watched.scope
        await self._look()
        after = self._watched.scope
        if before is not after and _outline(before) != _outline(after):
            await self._send("snapshot", await beside(self._snapshot))
            return
        # Eleven thousand standings of a country, which live rooms must not wait.
        update = await beside(self._update)
        if update.rows or update.gone or (changed and not is_full(self._watched.scope)):
            await self._send("rows", update)
        else:
            await self._send("beat", Beat(self._at()))

    async def _refusal(self) -> str:
        """Why the viewer may look no longer, as the name of an event; or empty."""
        try:
            viewer = await load_viewer(self._request)
            if viewer is None:
                return "signed_out"
            await scope_path(self._request, viewer)
        except (Forbidden, NotFound):
            return "refused"
        except Unavailable:
            return ""  # the store cannot tell, and the links go on
        return ""

    async def _look(self) -> None:
        """A store that is away changes no unit: the links go on over what is known."""
        try:
            self._watched = await look(self._request, self._watched.scope.unit.id, STALE_S)
        except Unavailable:
            links = dict(board_of(self._request).sites())
            self._watched = await beside(self._watched.again, links)

    def _snapshot(self) -> Snapshot:
        watched = self._watched
        rows, cut = self._shown()
        self._told = {row.id: row for row in rows}
        counts = watched.group_counts()
        return Snapshot(
            at=self._at(),
            full=is_full(watched.scope),
            total=len(watched.scope.places),
            counts=watched.counts(),
            groups=[group_view(group, counts, self._wording) for group in watched.scope.groups],
            rows=rows,
            cut=cut,
        )

    def _update(self) -> Update:
        """What differs from what the page was told."""
        rows, cut = self._shown()
        shown = {row.id: row for row in rows}
        update = Update(
            at=self._at(),
            counts=self._watched.counts(),
            groups=self._watched.group_counts(),
            rows=[row for row in rows if self._told.get(row.id) != row],
            gone=[site_id for site_id in self._told if site_id not in shown],
            cut=cut,
        )
        self._told = shown
        return update

    def _shown(self) -> tuple[list[Row], int]:
        watched = self._watched
        if is_full(watched.scope):
            return [self._rows.make(watched, site_id) for site_id in watched.scope.places], 0
        selection = select(self._asked, watched)
        ids: Collection[str] = dict.fromkeys(
            [*selection.trouble, *(i for found in selection.by_group.values() for i in found)]
        )
        return [self._rows.make(watched, site_id) for site_id in ids], selection.cut

    def _at(self) -> str:
        return self._wording.time(board_of(self._request).now())

    async def _send(self, event: str, data: msgspec.Struct) -> None:
        # JSON has no raw line feeds, so one data line holds it.
        text = f"event: {event}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._response.write(text)


def _outline(scope: Scope) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(group.unit.id, group.unit.name, group.site_ids) for group in scope.groups]
