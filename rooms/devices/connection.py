"""A seat's connection where a device sits: what a room says to a page, a device cannot read.

Only the answer to its offer, the welcome and the goodbye count here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from confhub.errors import ConfhubError, Unavailable
from rooms.protocol import messages as p
from rooms.protocol.farewell import Translate
from rooms.sockets.connection import Connection
from rooms.sockets.counts import Tally
from rooms.state.seat import Seat


class DeviceConnection(Connection):
    """`goodbye` is why the room closed it; None while it is open."""

    takes_offers = False

    def __init__(self, seat: Seat, translate: Translate, tally: Tally) -> None:
        super().__init__(seat, translate, tally)
        self.resume = ""
        self.resumed = False
        self.goodbye: p.CloseReason | None = None
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(self) -> str:
        """The room's answer to the one `publish`, or the error it refused it with."""
        return await self._answer

    def send(self, message: p.HubMessage) -> None:
        if isinstance(message, p.Welcome):
            self.resume, self.resumed = message.resume, message.resumed
        elif isinstance(message, p.Published) and not self._answer.done():
            self._answer.set_result(message.sdp)

    def send_text(self, text: str, key: Hashable | None) -> None:
        """News of the room, for people."""

    def refuse(self, error: ConfhubError, about: str | None, request: str | None = None) -> None:
        self._tally.rejected[error.code] += 1
        if about == "publish" and not self._answer.done():
            self._answer.set_exception(error)

    def close(
        self,
        reason: p.CloseReason,
        error: ConfhubError | None = None,
        *,
        drop_waiting: bool = False,
    ) -> None:
        if self.goodbye is None:
            self.goodbye = reason
        if not self._answer.done():
            self._answer.set_exception(error or Unavailable())
            self._answer.exception()  # perhaps nobody waits for it any more
        self.recheck()
