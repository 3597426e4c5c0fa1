"""Memory and CPU of a hub as a meeting grows from 10 to 500 sites.

`make bench-sites`. Everybody sees the chair at 360 lines and hears three voices; the chair sends
three layers. The hub has one core. Writes docs/sites.svg.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.chart import Line, draw
from benchmarks.hub import Hub
from benchmarks.machine import describe_machine, keep
from rooms.load.generator import Generator
from rooms.load.plan import Seat
from rooms.load.processes import cpu_s, divided_cores, pin, resident_bytes
from rooms.load.summary import summarize
from rooms.load.synthetic.clip import LAYERS
from rooms.load.verdict import Summary

SIZES = (10, 50, 100, 150, 200, 300, 400, 500)
VOICES = 3
TOGETHER = 10
SETTLE_S = 6.0
TIMED_SHARE = 10
DRAWING = Path(__file__).parents[1] / "docs" / "sites.svg"
MIB = 2**20


class Point(msgspec.Struct, frozen=True):
    """One size of the meeting."""

    sites: int
    memory_mib: float
    summary: Summary


def seats(addresses: Sequence[str]) -> list[Seat]:
    all_layers = tuple(layer.rid for layer in LAYERS)
    return [
        Seat(
            address,
            # Who speaks without being looked at sends the smallest picture, as pages do.
            all_layers if index == 0 else all_layers[:1] if index < VOICES else (),
            speaks=index < VOICES,
            first_px=360,
            pictures=1,
            sampled=index % TIMED_SHARE == TIMED_SHARE - 1,
        )
        for index, address in enumerate(addresses)
    ]


async def run(sizes: Sequence[int], seconds: float, folder: Path) -> tuple[float, list[Point]]:
    """The memory with nobody in, in MiB, and a point for each size."""
    hub = Hub(folder)
    await hub.prepare(max(sizes))
    core, others = divided_cores()
    hub.start(core)
    points: list[Point] = []
    try:
        empty = resident_bytes(hub.pid) / MIB
        print(f"nobody: {empty:.0f} MiB")
        async with Generator(seats(hub.addresses), together=TOGETHER, cores=others) as generator:
            for size in sizes:
                await generator.join(size)
                pin(hub.pid, core)
                await asyncio.sleep(SETTLE_S)
                used, began = cpu_s(hub.pid), time.monotonic()
                report = await generator.measure(seconds)
                window_s, used = time.monotonic() - began, cpu_s(hub.pid) - used
                summary = summarize(report, window_s, used)
                points.append(Point(size, resident_bytes(hub.pid) / MIB, summary))
                print(row(points[-1], empty), flush=True)
            await generator.leave()
    finally:
        hub.stop()
    return empty, points


HEAD = (
    "sites   in   MiB  KiB/site  packets/s  cores  us/packet     loss  own loss"
    "  delay p50/p99 ms  join p50/p95 ms"
)


def row(point: Point, empty_mib: float) -> str:
    found = point.summary
    each_kib = (point.memory_mib - empty_mib) * 1024 / point.sites
    rate = found.packets_out / found.window_s
    delay = f"{found.delay_ms.p50:.1f}/{found.delay_ms.p99:.1f}"
    join = f"{found.join_ms.p50:.0f}/{found.join_ms.p95:.0f}"
    return (
        f"{point.sites:>5} {found.sites:>4} {point.memory_mib:>5.0f} {each_kib:>9.0f} {rate:>10.0f}"
        f" {found.hub_cores or 0:>6.2f} {found.hub_us_per_packet or 0:>10.2f} {found.loss:>8.4%}"
        f" {found.own_loss:>9.4%} {delay:>17} {join:>16}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    machine = describe_machine()
    print(f"{machine}\n{HEAD}")
    with tempfile.TemporaryDirectory(prefix="confhub-bench-") as folder:
        empty, points = asyncio.run(run(options.sizes, options.seconds, Path(folder)))
    keep("sites", machine, {"empty_mib": empty, "points": points})
    memory = [(float(point.sites), point.memory_mib) for point in points]
    cpu = [(float(point.sites), 100 * (point.summary.hub_cores or 0)) for point in points]
    text = draw(
        "sites in the meeting",
        [
            Line("memory, MiB", [(0.0, empty), *memory], "#1d4f91"),
            Line("CPU, percent of one core", [(0.0, 0.0), *cpu], "#b3541e"),
        ],
    )
    DRAWING.write_text(text, "utf-8")
    print(row(points[-1], empty))
    return 0 if points[-1].summary.sites == points[-1].sites else 1


if __name__ == "__main__":
    sys.exit(main())
