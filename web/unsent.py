"""Answers that nobody takes: long ones count with what is kept of bodies until they are taken.

A form of half a megabyte may come back as three, which lie in this process for as long as the
other side likes to take nothing; little of it is in the kernel, and a connection that is closed
stays until that is taken too (web/requests/connections.py, web/wire/leaving.py). What lies on one
connection is of one answer: whoever asks ahead waits until the last has been taken.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from confhub.errors import TooMany
from confhub.rounds import Place
from confhub.turns import asker
from web.pages.errors import bare_refusal
from web.requests.form_body import KEPT
from web.wire.shaping import Shaped, shaped_of

# Of each answer, and so of each connection, so much is not counted: files of ours have a fifth of
# it, and all pages but the longest less, so that a province behind one address opens them at once.
UNCOUNTED_BYTES = 128 * 1024
# So much of the answers before may lie about when the next request is answered: half of the
# shortest page, so that whoever takes as fast as it comes never waits.
AHEAD_BYTES = 16 * 1024
FIRST_LOOK_S = 0.02
# How often is looked whether an answer has been taken: a line of 1 Mbit/s takes 120 KB meanwhile.
LOOK_S = 1.0


async def wait_until_taken(request: web.Request) -> None:
    """Until the other side has taken most of what was answered before, or has left."""
    connection, pause = shaped_of(request), FIRST_LOOK_S
    while connection is not None and connection.unsent_bytes > AHEAD_BYTES:
        await asyncio.sleep(pause)
        pause = min(2 * pause, LOOK_S)


def count_unsent(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The answer, counted for whom it was made until it is taken; a short refusal in its place
    where too much lies about of his already."""
    connection = shaped_of(request)
    body = response.body if isinstance(response, web.Response) else None
    size = (len(body) if isinstance(body, bytes | bytearray) else 0) - UNCOUNTED_BYTES
    if connection is None or size <= 0 or response.prepared:
        return response
    who = asker()
    try:
        request.app[KEPT].keep(who, size)
    except TooMany:
        refusal = bare_refusal()
        refusal.force_close()
        return refusal
    _Lying(request.app, who, size, connection)
    return response


class _Lying:
    """What lies about of one answer."""

    def __init__(self, app: web.Application, who: Place, size: int, connection: Shaped) -> None:
        self._app, self._who, self._size, self._connection = app, who, size, connection
        self._said = connection.said_bytes
        self._look_again()

    def _look(self) -> None:
        connection = self._connection
        is_said = connection.said_bytes > self._said
        if connection.is_over or (is_said and not connection.unsent_bytes):
            self._app[KEPT].forget(self._who, self._size)
        else:
            self._look_again()

    def _look_again(self) -> None:
        asyncio.get_running_loop().call_later(LOOK_S, self._look)
