"""Answers that nobody takes: long ones count with what is kept of bodies until they are taken.

A form of half a megabyte may come back as three, which lie in this process and in the kernel for
as long as the other side likes to take nothing (web/requests/connections.py, SEND_TIMEOUT_MS).
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

# Of each answer so much is not counted: files of ours have a tenth of it, and all pages but the
# longest less, so that a province behind one address opens them all at once.
UNCOUNTED_BYTES = 256 * 1024
# How often is looked whether an answer has been taken: a line of 1 Mbit/s takes 120 KB meanwhile.
LOOK_S = 1.0


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
