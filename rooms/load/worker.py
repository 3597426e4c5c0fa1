"""A process of synthetic sites: `python -m rooms.load.worker`, driven over its standard streams.

The first line in is a Job, each further one an Order; each is answered by a line, a Report.
It ends with its input, or when whoever started it is gone.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TypeVar

import msgspec
import uvloop

from rooms.load.crew import Crew
from rooms.load.plan import Job, Order, Report
from rooms.load.synthetic.clip import load_clip

# A job of 500 addresses is 100 KiB.
MAX_LINE_BYTES = 16 << 20

T = TypeVar("T")


async def run() -> None:
    lines = await _input()
    job = await _read(lines, Job)
    if job is None:
        return
    if job.cores:
        os.sched_setaffinity(0, job.cores)
    crew = Crew(job.seats, load_clip(job.clip), job.together)
    _write(Report())
    try:
        while (order := await _read(lines, Order)) is not None:
            _write(await _carry_out(crew, order))
            if order.do == "leave":
                return
    finally:
        await crew.leave()


async def _carry_out(crew: Crew, order: Order) -> Report:
    if order.do == "join":
        await crew.join(order.upto)
    elif order.do == "reset":
        crew.reset()
    elif order.do == "collect":
        return crew.collect()
    return Report()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(MAX_LINE_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def _read(lines: asyncio.StreamReader, kind: type[T]) -> T | None:
    line = await lines.readline()
    return msgspec.json.decode(line, type=kind) if line else None


def _write(report: Report) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


if __name__ == "__main__":
    main()
