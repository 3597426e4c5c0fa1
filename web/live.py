"""What stays open behind a page: sockets and streams, bounded, and ended with their sign-in."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator

from aiohttp import web

from confhub.bus.news import ACCOUNTS_TOPIC, AccountNews, decode_account, encode
from confhub.errors import ConfhubError
from confhub.supervision import supervise
from rooms.hub.hub import RoomHub
from web.holders import Holders
from web.services import SERVICES, Services

log = logging.getLogger(__name__)


class Live:
    """One per application; `follow` runs beside it, supervised."""

    def __init__(self, services: Services) -> None:
        self._bus = services.bus
        self._rooms: RoomHub | None = services.rooms
        self._watchers: dict[str, set[Callable[[], None]]] = {}
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
            async for payload in payloads:
                self._take(payload)

    def _take(self, payload: bytes) -> None:
        try:
            account_id = decode_account(payload).account_id
        except ValueError as error:
            log.warning("unreadable account news: %s", error)
            return
        for changed in list(self._watchers.get(account_id, ())):
            try:
                changed()
            except Exception:  # of one page, and no reason to leave the others open
                log.exception("a page did not take account news")
        if self._rooms is not None:
            self._rooms.recheck_account(account_id)


LIVE = web.AppKey("live", Live)


def set_up_live(app: web.Application) -> None:
    live = app[LIVE] = Live(app[SERVICES])

    async def following(_app: web.Application) -> AsyncIterator[None]:
        task = supervise(live.follow, "account news")
        yield
        await task.close()

    app.cleanup_ctx.append(following)


async def tell_account_changed(request: web.Request, account_id: str) -> None:
    """End at once what the account may no longer have open, on every hub.

    Should the bus be away, each socket and stream finds out by its own checks.
    """
    try:
        news = encode(AccountNews(account_id))
        await request.app[SERVICES].bus.publish(ACCOUNTS_TOPIC, news)
    except ConfhubError as error:
        log.warning("not told that an account changed: %s", error)
