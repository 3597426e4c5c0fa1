"""Handshakes that wait for their turn: whoever has left waits no longer, and spends none."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from confhub.bucket import Rate
from web.wire import handshakes
from web.wire.handshake_turns import LEFT_AT_ONCE, HandshakeTurns


class Door:
    def __init__(self) -> None:
        self.turns = HandshakeTurns()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(self._listener)

    def knock(self, place: tuple[str, ...]) -> tuple[socket.socket, asyncio.Task[bool]]:
        """The other side's end, and whether the handshake with it begins."""
        far = self._stack.enter_context(socket.create_connection(self._listener.getsockname()))
        near = self._stack.enter_context(self._listener.accept()[0])
        return far, asyncio.create_task(self.turns.wait(place, near))

    def close(self) -> None:
        self.turns.stop()
        self._stack.close()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


async def test_those_who_have_left_wait_no_longer_and_leave_their_turns(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "TOGETHER", Rate(1_000, 100))
    monkeypatch.setattr(handshakes, "EACH", Rate(20, 1))
    _, first = door.knock(("a",))
    assert await first
    crowd = [door.knock(("a",)) for _ in range(3 * LEFT_AT_ONCE)]
    _, honest = door.knock(("a",))
    for far, _ in crowd:
        far.close()
    async with asyncio.timeout(30):
        begun = await asyncio.gather(*(waiting for _, waiting in crowd), honest)
    assert begun.count(True) == 1  # and none of those who left had to wait for the rate
    assert honest.result()


async def test_who_gives_up_waiting_leaves_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "EACH", Rate(1e-6, 1))
    _, first = door.knock(("a",))
    assert await first
    _, waiting = door.knock(("a",))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not door.turns._line._lines["a"]
