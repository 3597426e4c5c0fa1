"""Uploads as they come: one request at a time writes to each, and a newer one ends an older.

A line that broke leaves its request waiting for bytes that never come, for as long as nobody says
so; whoever comes back for the same upload is not made to wait for that.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from confhub.errors import N_, Conflict, TooMany
from confhub.networks import within
from confhub.papers.disk import at_disk
from confhub.papers.paper import Upload
from confhub.papers.vault import Vault
from web.requests.addresses import client_address
from web.requests.form_body import Patience, hand_on

# Each has some 200 KB in hand: 64 of them 13 MB. A secretary sends three files at once from two
# tabs; an office of ten secretaries stands behind one address.
MOST = 64
MOST_OF_ONE = 6
MOST_OF_ADDRESS = 24
RETRY_S = 15
_BUSY = N_("Đang nhận nhiều tệp cùng lúc. Tệp sẽ tự gửi tiếp sau ít giây.")


class OtherOffset(Conflict):
    code = "other_offset"
    message = N_("Tệp được gửi tiếp từ chỗ khác với chỗ đã nhận. Xin gửi lại từ chỗ đã nhận.")


class Receivers:
    """Who writes to which upload in this hub."""

    def __init__(self) -> None:
        self._writing: dict[str, tuple[Patience, asyncio.Event]] = {}
        self._count: Counter[str] = Counter()

    async def end(self, upload_id: str) -> None:
        """Whoever writes to it in this hub comes to an end."""
        while upload_id in self._writing:
            patience, over = self._writing[upload_id]
            patience.cut()
            await over.wait()

    @asynccontextmanager
    async def alone(self, request: web.Request, upload: Upload) -> AsyncIterator[Patience]:
        """Nobody else in this hub writes to it meanwhile; TooMany."""
        await self.end(upload.id)
        shares = {
            "all": MOST,
            f"account {upload.account_id}": MOST_OF_ONE,
            f"address {within(client_address(request))[-1]}": MOST_OF_ADDRESS,
        }
        if any(self._count[one] >= most for one, most in shares.items()):
            raise TooMany(RETRY_S, _BUSY)
        mine, over = Patience(), asyncio.Event()
        self._writing[upload.id] = mine, over
        self._count.update(shares.keys())
        try:
            yield mine
        finally:
            del self._writing[upload.id]
            self._count.subtract(shares.keys())
            self._count += Counter()  # forget who has none
            over.set()


RECEIVERS = web.AppKey("receivers", Receivers)


async def receive(
    request: web.Request, vault: Vault, upload: Upload, offset: int, patience: Patience
) -> int:
    """How much of it there is, with what the request brings from `offset` on. OtherOffset,
    Locked, Unavailable; BadInput where it breaks off, and what came is kept."""
    writing = await at_disk(vault.write, upload.id)
    try:
        if writing.size != offset or offset + (request.content_length or 0) > upload.size:
            raise OtherOffset

        async def take(piece: bytes) -> None:
            await at_disk(writing.write, piece)

        try:
            await hand_on(request, patience, take)
        finally:
            await at_disk(writing.settle)
        return writing.size
    finally:
        await at_disk(writing.close)
