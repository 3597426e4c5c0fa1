"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
from aiohttp import web

from confhub.supervision import ledger
from web.rendering.answers import json_answer
from web.requests.route import Answer, Api
from web.services import SERVICES

# A load balancer asks every few seconds and gives up after five.
READY_TIMEOUT_S = 2.0

PartState = Literal["ok", "timeout", "error"]


class Alive(msgspec.Struct, frozen=True):
    status: Literal["ok"] = "ok"


class Parts(msgspec.Struct, frozen=True):
    store: PartState
    bus: PartState
    # "silent": some worker does not answer; its keeper starts it anew, and nobody is turned away.
    media: Literal["ok", "silent"]
    tasks: Literal["ok", "failing"]  # what goes on beside requests; failing turns nobody away


class Readiness(msgspec.Struct, frozen=True):
    status: Literal["ok", "unavailable"]
    parts: Parts
    failing_tasks: tuple[str, ...]  # by name, each once
    silent_workers: tuple[str, ...]  # by name


ALIVE = Api("The process answers", {200: Answer("It does.", Alive)})
READY = Api(
    "The hub can serve",
    {
        200: Answer("All parts answer.", Readiness),
        503: Answer("A part does not answer.", Readiness),
    },
)


async def alive(_request: web.Request) -> web.Response:
    return json_answer(Alive())


async def ready(request: web.Request) -> web.Response:
    """200 when store and bus both answer within `READY_TIMEOUT_S`, else 503; each part named.

    Long-lived tasks that fail are named too, and turn nobody away: a hub that forwards sound and
    answers pages is better than none, and a fault of ours would be on every hub at once.
    """
    services = request.app[SERVICES]
    store, bus = await asyncio.gather(_probe(services.store.ping), _probe(services.bus.ping))
    good = store == bus == "ok"
    failing = tuple(sorted(name for name, number in ledger().failing().items() if number))
    silent = services.media.silent if services.media is not None else ()
    parts = Parts(store, bus, "silent" if silent else "ok", "failing" if failing else "ok")
    said = Readiness("ok" if good else "unavailable", parts, failing, silent)
    return json_answer(said, 200 if good else 503)


async def _probe(ping: Callable[[], Awaitable[None]]) -> PartState:
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            await ping()
    except TimeoutError:
        return "timeout"
    except Exception:  # what is wrong is in the log of the part; here only that it is
        return "error"
    return "ok"
