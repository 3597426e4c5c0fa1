"""What stays open behind a page: sockets and streams, bounded, and ended with their sign-in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator

from aiohttp import web

from confhub.bus.interface import GAP
from confhub.bus.news import ACCOUNTS_TOPIC, decode_account
from confhub.people.grant import next_end
from confhub.supervision import supervise
from rooms.hub.hub import RoomHub
from web.holders import Holders
from web.requests.viewer import Viewer
from web.services import SERVICES, Services

log = logging.getLogger(__name__)

EARLY_S = 0.1  # how much sooner than the wall clock a timer may be


class Live:
    """One per application; `follow` runs beside it, supervised."""

    def __init__(self, services: Services) -> None:
        self._bus = services.bus
        self._now = services.clock
        self._rooms: RoomHub | None = services.rooms
        self._watchers: dict[str, set[Callable[[], None]]] = {}
        self._has_listened = False
        self.holders = Holders()

    @contextlib.contextmanager
    def watch(self, account_id: str, changed: Callable[[], None]) -> Iterator[None]:
        """`changed` is called when the account's sign-ins or rights may have changed."""
        watchers = self._watchers.setdefault(account_id, set())
        watchers.add(changed)
        try:
            yield
        finally:
            watchers.discard(changed)
            if not watchers:
                self._watchers.pop(account_id, None)

    async def follow(self) -> None:
        """Hear what happens to accounts, on whichever hub."""
        async with self._bus.subscribe(ACCOUNTS_TOPIC) as payloads:
            if self._has_listened:  # it failed, and is made anew
                self._ask_everybody()
            self._has_listened = True
            async for payload in payloads:
                if payload == GAP:
                    self._ask_everybody()
                else:
                    self._take(payload)

    def _take(self, payload: bytes) -> None:
        try:
            account_id = decode_account(payload).account_id
        except ValueError as error:
            log.warning("unreadable account news: %s", error)
            return
        self._ask_again(account_id)

    @contextlib.contextmanager
    def until_rights_end(self, viewer: Viewer | None) -> Iterator[None]:
        """Ask all that the viewer's account has open again when the first of its rights ends."""
        ends_at = next_end(viewer.grants) if viewer is not None else None
        if viewer is None or ends_at is None:
            yield
            return
        wait_s = max(0.0, (ends_at - self._now()).total_seconds()) + EARLY_S
        ask = self._ask_again
        timer = asyncio.get_running_loop().call_later(wait_s, ask, viewer.account.id)
        try:
            yield
        finally:
            timer.cancel()

    def _ask_again(self, account_id: str) -> None:
        self._tell(account_id)
        if self._rooms is not None:
            self._rooms.recheck_account(account_id)

    def _ask_everybody(self) -> None:
        """News were lost: whatever is open asks whether its sign-in still holds."""
        for account_id in list(self._watchers):
            self._tell(account_id)
        if self._rooms is not None:
            self._rooms.recheck_accounts()

    def _tell(self, account_id: str) -> None:
        for changed in list(self._watchers.get(account_id, ())):
            try:
                changed()
            except Exception:  # of one page, and no reason to leave the others open
                log.exception("a page did not take account news")


LIVE = web.AppKey("live", Live)


def set_up_live(app: web.Application) -> None:
    live = app[LIVE] = Live(app[SERVICES])

    async def following(_app: web.Application) -> AsyncIterator[None]:
        task = supervise(live.follow, "account news")
        yield
        await task.close()

    app.cleanup_ctx.append(following)
