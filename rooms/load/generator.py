"""Synthetic sites in processes of their own, so that the hub shares its core with none of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self

import msgspec

from rooms.load.plan import Job, Order, Report, Seat
from rooms.load.synthetic.clip import USUAL, ClipPlan, load_clip
from rooms.load.worker import MAX_LINE_BYTES

# Longer than any step takes: joins have their own limit, and come a few at a time.
STEP_TIMEOUT_S = 600.0
END_TIMEOUT_S = 20.0


class Broken(Exception):
    """A process of sites ended before its time; the text is its last words."""


class Generator:
    """An async context: processes start on entry and end, whatever happened, at exit."""

    def __init__(
        self,
        seats: Sequence[Seat],
        *,
        together: int,
        cores: Collection[int] = (),
        clip: ClipPlan = USUAL,
    ) -> None:
        """`seats` join in this order, `together` at once; one process for each of `cores`."""
        self._seats = seats
        self._clip = clip
        count = max(1, min(len(cores), len(seats)))
        self._jobs = [
            Job(tuple(seats[index::count]), max(1, together // count), clip, tuple(cores))
            for index in range(count)
        ]
        self._workers: list[_Worker] = []

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(load_clip, self._clip)  # once, before all read it
        try:
            for job in self._jobs:
                worker = await _Worker.start()
                self._workers.append(worker)
                worker.tell(job)
            await self._answers()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def join(self, upto: int | None = None) -> None:
        """Let sites in until that many of `seats` are; all by default."""
        total = len(self._seats) if upto is None else min(upto, len(self._seats))
        count = len(self._workers)
        # Seats were dealt in turn, so the first of them are the first of each process.
        await self._all([Order("join", len(range(i, total, count))) for i in range(count)])

    async def measure(self, window_s: float) -> Report:
        """Let everything run for that long; one report of all processes."""
        await self.begin()
        await asyncio.sleep(window_s)
        return await self.collect()

    async def begin(self) -> None:
        """Count from now on, for the next `collect`."""
        await self._all([Order("reset")] * len(self._workers))

    async def collect(self) -> Report:
        """What happened since `begin`; one report of all processes."""
        return merge(await self._all([Order("collect")] * len(self._workers)))

    async def leave(self) -> None:
        await self._all([Order("leave")] * len(self._workers))

    async def _all(self, orders: Sequence[Order]) -> list[Report]:
        for worker, order in zip(self._workers, orders, strict=True):
            worker.tell(order)
        return await self._answers()

    async def _answers(self) -> list[Report]:
        async with asyncio.timeout(STEP_TIMEOUT_S):
            return list(await asyncio.gather(*(worker.answer() for worker in self._workers)))

    async def _end(self) -> None:
        await asyncio.gather(*(worker.end() for worker in self._workers))


def merge(reports: Sequence[Report]) -> Report:
    """What several processes tell as if it were one."""
    return Report(
        tuple(site for report in reports for site in report.sites),
        tuple(delay for report in reports for delay in report.delays_us),
        tuple(late for report in reports for late in report.late_ms),
        sum(report.cpu_s for report in reports),
        next((report.cipher for report in reports if report.cipher), ""),
    )


class _Worker:
    """One process and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a worker needs pipes")
        self._process, self._in, self._out = process, process.stdin, process.stdout

    @classmethod
    async def start(cls) -> Self:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "rooms.load.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=MAX_LINE_BYTES,
            )
        )

    def tell(self, message: Job | Order) -> None:
        self._in.write(msgspec.json.encode(message) + b"\n")

    async def answer(self) -> Report:
        line = await self._out.readline()
        if not line:
            raise Broken(f"a process of sites ended with status {await self._process.wait()}")
        return msgspec.json.decode(line, type=Report)

    async def end(self) -> None:
        self._in.close()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
