"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from web.services import SERVICES

# A load balancer asks every few seconds and gives up after five.
READY_TIMEOUT_S = 2.0


async def alive(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """200 when store and bus both answer within `READY_TIMEOUT_S`, else 503; each part named."""
    services = request.app[SERVICES]
    store, bus = await asyncio.gather(_probe(services.store.ping), _probe(services.bus.ping))
    good = store == bus == "ok"
    body = {"status": "ok" if good else "unavailable", "parts": {"store": store, "bus": bus}}
    return web.json_response(body, status=200 if good else 503)


async def _probe(ping: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            await ping()
    except TimeoutError:
        return "timeout"
    except Exception:  # what is wrong is in the log of the part; here only that it is
        return "error"
    return "ok"
