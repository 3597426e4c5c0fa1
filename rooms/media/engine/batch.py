"""What one reading of a socket brought, and the runs in it.

A *run* is what follows in order of one picture's stream. The compiled core takes one in a single
call (native/runs.c); what ends it, and all else, is taken packet by packet in Python, which is what
a hub without the core does with everything, to the same end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rooms.media.engine.interface import Address, Datagram, Fan
from rooms.media.engine.srtp import SrtpSession

if TYPE_CHECKING:
    from rooms.media.engine.compiled import NativeEngine, NativeFan

# `arrived`, and of `run` what goes in and what comes back, as core.h has them.
ARRIVED = Struct("=qii32s")
TAKEN_AT = 12
GIVEN = Struct("=d8q11d")
BACK = Struct("=5q11d8q")
BACK_AT = 8 * 4
NO_STREAM = -1
# Of one reading: DATAGRAMS of native/parts.h.
MAX_DATAGRAMS = 64


class Given(NamedTuple):
    """What is known of a stream before a run, and what may still pass of it.

    `next`: the sequence number that follows; `made`, `least_s`: see Uplink; `shares`: see
    TemporalShares. `transit` and `made` hold nothing where `has_` says 0.
    """

    ssrc: int
    clock_rate: int
    wide_id: int
    next: int
    has_transit: int
    transit: int
    has_made: int
    made: int
    jitter: float
    least_s: float
    media_packets: float
    media_bits: float
    picture_packets: float
    picture_bits: float
    share0: float
    share1: float
    share2: float
    share3: float
    share_total: float


class Run(NamedTuple):
    """The same after it, and what came: `bytes` decrypted. `plain_at`: which of the batch ended the
    run after it was decrypted, else -1; `datagram_bytes`: of all that were, as they came."""

    next: int
    has_transit: int
    transit: int
    has_made: int
    made: int
    jitter: float
    least_s: float
    media_packets: float
    media_bits: float
    picture_packets: float
    picture_bits: float
    share0: float
    share1: float
    share2: float
    share3: float
    share_total: float
    taken: int
    frames: int
    bytes: int
    payload_bytes: int
    datagram_bytes: int
    numbered: int
    plain_at: int
    plain_size: int

    @property
    def datagrams(self) -> int:
        """How many it took, the one that ended it too."""
        return self.taken + (self.plain_at >= 0)


class Batch(Protocol):
    """Valid until the next reading."""

    has_runs: bool

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Datagram]: ...
    def datagram(self, at: int) -> Datagram: ...
    def address(self, at: int) -> Address: ...
    def waited_s(self, at: int) -> float: ...
    def ssrc(self, at: int) -> int:
        """Which stream it says it is of with others of the batch; NO_STREAM for what is no RTP, or
        by itself: that is no run."""

    def is_taken(self, at: int) -> bool:
        """Whether it went with a run."""

    def run(self, at: int, srtp: SrtpSession, fan: Fan, now: float, given: Given) -> Run:
        """Take datagram `at` and what follows it; only where the batch has runs."""

    def plain(self, run: Run) -> bytes:
        """The packet that ended this run, which is the last one."""

    def numbers(self, run: Run) -> Iterator[tuple[int, int]]:
        """Transport-wide numbers of the last run's packets, and when each came (microseconds)."""


class PlainBatch:
    """Of the engine in Python."""

    has_runs = False

    def __init__(self, datagrams: Sequence[Datagram]) -> None:
        self._datagrams = datagrams

    def __len__(self) -> int:
        return len(self._datagrams)

    def __iter__(self) -> Iterator[Datagram]:
        return iter(self._datagrams)

    def datagram(self, at: int) -> Datagram:
        return self._datagrams[at]

    def address(self, at: int) -> Address:
        return self._datagrams[at].address

    def waited_s(self, at: int) -> float:
        return self._datagrams[at].waited_s

    def ssrc(self, at: int) -> int:
        return NO_STREAM

    def is_taken(self, at: int) -> bool:
        return False

    def run(self, at: int, srtp: SrtpSession, fan: Fan, now: float, given: Given) -> Run:
        raise NotImplementedError

    def plain(self, run: Run) -> bytes:
        raise NotImplementedError

    def numbers(self, run: Run) -> Iterator[tuple[int, int]]:
        raise NotImplementedError


class NativeBatch:
    """Of the compiled core, which has one reading at a time: made once, `read` for each."""

    has_runs = True

    def __init__(self, engine: NativeEngine) -> None:
        ffi, lib, self._core = engine.ffi, engine.lib, engine.core
        self._engine, self._ffi, self._lib = engine, ffi, lib
        self._run = ffi.new("run *")
        self._fields = ffi.buffer(self._run)
        self._arrived = ffi.buffer(lib.core_arrived(engine.core), MAX_DATAGRAMS * ARRIVED.size)
        self._known: list[tuple[int, Address]] = []

    def read(self, count: int) -> None:
        address = self._engine.address
        self._known = [
            (ssrc, address(raw[:length]))
            for ssrc, length, _taken, raw in ARRIVED.iter_unpack(
                self._arrived[: count * ARRIVED.size]
            )
        ]

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Datagram]:
        return map(self.datagram, range(len(self._known)))

    def datagram(self, at: int) -> Datagram:
        lib, core = self._lib, self._core
        data = self._ffi.buffer(lib.core_datagram(core, at), lib.core_length(core, at))
        return Datagram(bytes(data), self._known[at][1], self.waited_s(at))

    def address(self, at: int) -> Address:
        return self._known[at][1]

    def waited_s(self, at: int) -> float:
        waited_us: int = self._lib.core_waited_us(self._core, at)
        return waited_us / 1e6

    def ssrc(self, at: int) -> int:
        return self._known[at][0]

    def is_taken(self, at: int) -> bool:
        return bool(self._arrived[at * ARRIVED.size + TAKEN_AT] != b"\0")

    def run(self, at: int, srtp: SrtpSession, fan: NativeFan, now: float, given: Given) -> Run:
        fields = self._fields
        GIVEN.pack_into(fields, 0, now, *given)
        rx = self._ffi.cast("void *", srtp.rx_address)
        to = fan.c if len(fan) else self._ffi.NULL
        self._lib.core_run(self._core, at, rx, to, self._run)
        return Run._make(BACK.unpack_from(fields, BACK_AT))

    def plain(self, run: Run) -> bytes:
        return bytes(self._ffi.buffer(self._lib.run_plain(self._core), run.plain_size))

    def numbers(self, run: Run) -> Iterator[tuple[int, int]]:
        unpack, count = self._ffi.unpack, run.numbered
        return zip(unpack(self._run.wide, count), unpack(self._run.came_us, count), strict=True)
