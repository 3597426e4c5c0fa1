"""Those whose TLS handshake waits for its turn, and the timer that gives the turns."""

from __future__ import annotations

import asyncio
import socket

from confhub.rounds import Place
from web.wire.handshakes import HandshakeLine

# Who waits for the next turn is looked at no more often: two are due by then.
TURN_S = 0.005
# Of those who have left so many are let go at once: each costs a tenth of a millisecond.
LEFT_AT_ONCE = 16
# tcp(7), the first byte of its information.
TCP_ESTABLISHED = 1


class _Waiting:
    def __init__(self, place: Place, connection: socket.socket) -> None:
        self.place, self.connection = place, connection
        # Whether its handshake begins.
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()


class HandshakeTurns:
    """`wait` before each handshake; `stop` once at the end."""

    def __init__(self) -> None:
        self._line: HandshakeLine[_Waiting] = HandshakeLine()
        self._next: asyncio.TimerHandle | None = None

    async def wait(self, place: Place, connection: socket.socket) -> bool:
        """Until a handshake by this connection may begin; False: the other side has left."""
        one = _Waiting(place, connection)
        self._line.join(place, one, asyncio.get_running_loop().time())
        self._give()
        try:
            return await one.turn
        finally:
            self._line.leave(place, one)

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _give(self) -> None:
        self.stop()
        loop = asyncio.get_running_loop()
        now, left = loop.time(), 0
        while left < LEFT_AT_ONCE and (one := self._line.next(now)) is not None:
            begins = not one.turn.done() and not _has_left(one.connection)
            if begins:
                self._line.begin(one.place, now)
            else:
                left += 1
            if not one.turn.done():
                one.turn.set_result(begins)
        wait_s = self._line.wait_s(now)
        if wait_s is not None:
            self._next = loop.call_later(max(wait_s, TURN_S), self._give)


def _has_left(connection: socket.socket) -> bool:
    """Whether the other side has closed, whatever it sent before."""
    try:
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except OSError:
        return True
    return state != TCP_ESTABLISHED
