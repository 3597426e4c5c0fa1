"""What the network brings is handed on to its parser in pieces, so much a turn of the loop.

A chunk, a frame or a header of one byte costs a parser as much as a long one, and one read of a
socket may bring 40,000 of them. Sound waits meanwhile: so whoever sends much waits for a turn, the
others do not, and what nobody will read is not parsed at all. Bytes say little of what they cost: a
turn also ends when it has taken long, each piece counts as some KB at least, and who brings what
takes long is handed on less of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, cast

from aiohttp import web

from confhub.rounds import Lines, Place, Rounds, TurnBudget
from web.wire.leaving import Leaving, in_kernel, throw_away

# Chunks or frames of one byte, as many as fit, take a parser about 1 ms; short requests 8 ms.
PIECE_BYTES = 8 * 1024
# Of a connection at once: what waits for its turn takes no more memory. Loops' own buffers hold
# a quarter of a megabyte.
READ_BYTES = 16 * 1024
# A connection begins with a page's request and its cookies.
FIRST_PIECE_BYTES = 2 * 1024
LEAST_PIECE_BYTES = 512
# A piece that took longer is followed by half as much, one that took a quarter by twice as much.
SLOW_S = 0.001
# Of all connections together. A turn of the loop is no longer than some ms, so the whole is still
# more than a network brings.
TURN_BYTES = 16 * 1024
TURN_S = 0.003
# What a piece counts for, however short: a request of 25 bytes costs as much as one of a page.
LEAST_BYTES = 2 * 1024
# A page's offers are 12 KB, and come one by one; all else that it says, 30 messages a second, less.
SOCKET_BYTES_S = 32 * 1024
SOCKET_BURST_BYTES = 256 * 1024

Stage = Literal["answering", "body", "idle"]


class Pieces:
    """Whose turn it is to be handed on: networks in rotation, the widest first, and the connections
    of each."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` is any steady clock in seconds."""
        self.now = now
        self.handed_bytes = 0
        self.buffer = memoryview(bytearray(READ_BYTES))
        self._budget = TurnBudget(TURN_BYTES, TURN_S, now)
        self._waiting: Lines[Shaped] = Lines()
        self._rounds = Rounds(
            self._budget,
            lambda: bool(self._waiting),
            self._serve,
            lambda call: asyncio.get_running_loop().call_soon(call),
        )

    def take(self, size: int) -> bool:
        """Whether so many bytes may be handed on at once, without waiting."""
        if not self.has_left or self._waiting or size > self._budget.left:
            return False
        self._spend(size)
        return True

    @property
    def has_left(self) -> bool:
        """Whether this turn may bring more."""
        return self._rounds.has_left

    def let_in(self) -> None:
        """Another connection has been accepted."""
        self._budget.spend(LEAST_BYTES)

    def _spend(self, size: int) -> None:
        self.handed_bytes += size
        self._budget.spend(max(size, LEAST_BYTES))

    def wait(self, connection: Shaped) -> None:
        """The connection's next piece is handed on when it is its turn. Once at a time."""
        self._waiting.join(connection.place, connection)
        self._rounds.come()

    def _serve(self) -> None:
        while self._budget.has_left and (connection := self._waiting.next()) is not None:
            size = connection.hand_on(self._budget.left)
            if size:
                self._spend(size)


def next_piece(most: int, size: int, took_s: float) -> int:
    """How much a connection is handed on at once after a piece of `size`, of at most `most`."""
    if took_s > SLOW_S:
        return max(LEAST_PIECE_BYTES, min(most, size) // 2)
    if size == most and took_s < SLOW_S / 4:
        return min(PIECE_BYTES, 2 * most)
    return most


class Shaped(asyncio.BaseProtocol):
    """Stands before the server's protocol and hands on to it in pieces: one for streams, but no
    asyncio.Protocol, whose kinds uvloop never asks for a buffer to read by."""

    def __init__(
        self, inner: asyncio.Protocol, place: Place, pieces: Pieces, *, is_counted: bool = False
    ) -> None:
        """`place` is where it waits for its turns.

        `is_counted`: what comes was handed on in pieces already, by one that stands before."""
        self.place = place
        self._is_counted = is_counted
        self._inner = inner
        self._pieces = pieces
        self._transport: asyncio.Transport | None = None
        self._backlog = bytearray()
        self._piece = FIRST_PIECE_BYTES  # as much as is handed on at once
        self._waits = False  # for its turn, or for its rate
        self._reads = True  # from the network
        self._inner_reads = True
        self._deaf = False
        self._rate: tuple[int, float] | None = None
        # Told what it is at: a request begins to be answered, awaits its body, has been answered.
        self.on_stage: Callable[[Stage], None] | None = None
        self._allowed, self._at = 0.0, 0.0
        self.below: Shaped | None = None  # the ciphertext's, under TLS
        self._leaving: Leaving | None = None
        self.heard_bytes = 0  # of what the other side sent
        self.said_bytes = 0  # to it, taken or not

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses
        self._inner.connection_made(ShapedTransport(self._transport, self))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._backlog.clear()
        if self._leaving is not None:
            self._leaving.end()
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        size = len(data)
        self.heard_bytes += size
        most = min(self._piece, self._allowance())
        if not self._backlog and size <= most and (self._is_counted or self._pieces.take(size)):
            self._allowed -= size
            self._hand(data)
            return
        self._backlog += data
        self._come_again()

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    @property
    def write_buffer_size(self) -> int:
        own = 0 if self._transport is None else self._transport.get_write_buffer_size()
        return own if self.below is None else own + self.below.write_buffer_size

    @property
    def is_over(self) -> bool:
        """Whether the connection is closed, or was never made."""
        return self._transport is None

    @property
    def unsent_bytes(self) -> int:
        """What the other side has not taken of what was said to it, in the kernel too."""
        own = self.below or self
        return 0 if own._transport is None else self.write_buffer_size + in_kernel(own._transport)

    @property
    def taken_bytes(self) -> int:
        """What the other side took of what was said to it."""
        return self.said_bytes - self.unsent_bytes

    @property
    def is_behind(self) -> bool:
        """Whether something that came waits for us, not for the other side."""
        return bool(self._backlog) or (self.below is not None and self.below.is_behind)

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """A request is being answered: the connection is not one that makes room for others."""
        with self._at_stage("answering", "idle"):
            yield

    @contextlib.contextmanager
    def awaiting_body(self) -> Iterator[None]:
        """Within `answering`: the other side's turn, which makes room while it is slow."""
        with self._at_stage("body", "answering"):
            yield

    @contextlib.contextmanager
    def _at_stage(self, stage: Stage, then: Stage) -> Iterator[None]:
        if self.on_stage is None:
            yield
            return
        self.on_stage(stage)
        try:
            yield
        finally:
            self.on_stage(then)

    def limit(self, bytes_s: int, burst: int) -> None:
        """From now on hand on no more than this: `burst` bytes at once, `bytes_s` in the long run.

        What comes faster waits in the network.
        """
        self._rate, self._allowed = (bytes_s, burst), float(burst)
        self._at = asyncio.get_running_loop().time()

    def stop_hearing(self) -> None:
        """Throw away what comes from now on: it is taken off the network, and nobody parses it."""
        self._deaf = True
        self._backlog.clear()
        self._read_or_not()

    @property
    def is_leaving(self) -> bool:
        return self._leaving is not None

    def hang_up(self) -> None:
        """Close when the other side has taken what was said (web/wire/leaving.py)."""
        if self._transport is None or self._leaving is not None:
            return
        if self.below is not None or not self.unsent_bytes:  # TLS comes to its own by itself
            self._transport.close()
            return
        self.stop_hearing()
        self._leaving = Leaving(self._transport, lambda: self.unsent_bytes)

    def forget_unsent(self) -> None:
        """When it ends, what was not taken ends with it."""
        own = (self.below or self)._transport
        if own is not None and self.unsent_bytes:
            throw_away(own)

    def hear(self, on: bool) -> None:
        """The server takes more, or not."""
        self._inner_reads = on
        self._come_again()

    def hand_on(self, most: int) -> int:
        """The next piece; gives its length."""
        self._waits = False
        piece = b""
        if self._backlog and self._inner_reads and self._transport is not None:
            size = min(most, self._piece, self._allowance())
            piece = bytes(memoryview(self._backlog)[:size])
            del self._backlog[:size]
            self._allowed -= size
            if piece:
                self._hand(piece)
        self._come_again()
        return len(piece)

    def _hand(self, piece: bytes) -> None:
        began = self._pieces.now()
        self._inner.data_received(piece)
        took_s = self._pieces.now() - began
        self._piece = next_piece(self._piece, len(piece), took_s)

    def _come_again(self) -> None:
        self._read_or_not()
        if self._waits or not self._backlog or not self._inner_reads or self._transport is None:
            return
        self._waits = True
        if self._rate is None or self._allowance() >= min(PIECE_BYTES, len(self._backlog)):
            self._pieces.wait(self)
            return
        missing = min(PIECE_BYTES, len(self._backlog)) - self._allowance()
        loop = asyncio.get_running_loop()
        loop.call_later((missing + 1) / self._rate[0], self._pieces.wait, self)

    def _allowance(self) -> int:
        if self._rate is None:
            return PIECE_BYTES
        (bytes_s, burst), now = self._rate, asyncio.get_running_loop().time()
        self._allowed = min(burst, self._allowed + (now - self._at) * bytes_s)
        self._at = now
        return int(self._allowed)

    def _read_or_not(self) -> None:
        reads = self._deaf or (self._inner_reads and not self._backlog)
        if self._transport is None or reads == self._reads:
            return
        self._reads = reads
        with contextlib.suppress(RuntimeError):  # it is closing, or was never told to stop
            if reads:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()


class FromNetwork(Shaped, asyncio.BufferedProtocol):
    """One that is a socket's own: it reads by a buffer that all share, for each is read at once."""

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._pieces.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(self._pieces.buffer[:nbytes]))

    def eof_received(self) -> bool:
        """The other side says no more; it may still take."""
        if self._leaving is not None:
            self._leaving.look()
        elif not self._inner.eof_received():
            self.hang_up()
        return True


class ShapedTransport(asyncio.Transport):
    """The connection as the server sees it: reading is the shaper's, the rest its own."""

    def __init__(self, transport: asyncio.Transport, shaped: Shaped) -> None:
        super().__init__()
        self._own = transport
        self.shaped = shaped

    def pause_reading(self) -> None:
        self.shaped.hear(False)

    def resume_reading(self) -> None:
        self.shaped.hear(True)

    def is_reading(self) -> bool:
        return self._own.is_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._own.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self.shaped.is_leaving or self._own.is_closing()

    def close(self) -> None:
        self.shaped.hang_up()

    def abort(self) -> None:
        self.shaped.forget_unsent()
        self._own.abort()

    def _force_close(self, exc: BaseException | None) -> None:
        """For the TLS layer, which knows no other way to say why."""
        self.shaped.forget_unsent()
        cast("Any", self._own)._force_close(exc)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        raise NotImplementedError

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.shaped

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._own.set_write_buffer_limits(high, low)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._own.get_write_buffer_limits()

    def get_write_buffer_size(self) -> int:
        return self._own.get_write_buffer_size()

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self.shaped.is_leaving:
            return
        self.shaped.said_bytes += len(data)
        self._own.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        if self.shaped.is_leaving:
            return
        parts = list(list_of_data)
        self.shaped.said_bytes += sum(map(len, parts))
        self._own.writelines(parts)

    def write_eof(self) -> None:
        self._own.write_eof()

    def can_write_eof(self) -> bool:
        return self._own.can_write_eof()


def shaped_of(request: web.BaseRequest) -> Shaped | None:
    """The request's connection; None where it is over, or none of ours (tests)."""
    transport = request.transport
    return transport.shaped if isinstance(transport, ShapedTransport) else None
