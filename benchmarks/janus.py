"""CPU for each forwarded packet: this hub, and Janus 1.1.2, with the same clients in one run.

`make bench-janus`. Each server has one core to itself and the clients another; both forward the
same layer of the same clip over AES-GCM to 20, 80 and 140 subscribers, from one publisher and
from four, of whom three speak. They take turns, each first in every second round.

Janus runs as packaged, and with `event_loops = 1`, its own advice for many connections. The
verdict compares with the cheaper of the two at each size.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import uvloop

from benchmarks.hub import Hub
from benchmarks.hub_room import HubRoom
from benchmarks.janus_room import JanusRoom
from benchmarks.janus_server import JanusServer
from benchmarks.machine import describe_machine, keep
from rooms.load.processes import cpu_s, divided_cores, pin
from rooms.load.summary import spread
from rooms.load.synthetic.clip import USUAL, Clip, load_clip

SIZES = (20, 80, 140)
# What the publishers send: a chair's picture, or four of half its height (Janus keeps up with
# those on one core; four chairs' pictures are more than it can).
LAYERS = {1: "f", 4: "h"}
VOICES = 3
TOGETHER = 8
SETTLE_S = 3.0
TIMED_SHARE = 10

Room = HubRoom | JanusRoom


class Point(msgspec.Struct, frozen=True):
    """One window. `lost` between server and clients, `own_drops` in the clients' sockets."""

    server: str
    publishers: int
    subscribers: int
    window_s: float
    packets: int
    us_per_packet: float
    cores: float
    lost: int
    own_drops: int
    key_frame_requests: int
    delay_p50_ms: float
    delay_p99_ms: float
    load_cores: float
    cipher: str


async def measure(room: Room, pid: int, server: str, seconds: float) -> Point:
    """What the server used and the subscribers got within the window."""
    for receiver in room.receivers:
        receiver.reset()
    drops, used, own, began = room.own_drops, cpu_s(pid), time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    drops, used, own = room.own_drops - drops, cpu_s(pid) - used, time.process_time() - own
    window_s = time.monotonic() - began
    sums = [receiver.collect() for receiver in room.receivers]
    packets = sum(item.packets for item in sums)
    if not packets:
        raise RuntimeError(f"{server} forwarded nothing")
    delay = spread([us / 1000 for item in sums for us in item.delays_us])
    return Point(
        server,
        len(room.senders),
        len(sums),
        window_s,
        packets,
        used * 1e6 / packets,
        used / window_s,
        sum(item.expected - item.received for item in sums),
        drops,
        sum(item.key_frame_requests for item in sums),
        delay.p50,
        delay.p99,
        own / window_s,
        room.cipher,
    )


async def run_server(
    server: str, publishers: int, clip: Clip, seconds: float, sizes: Sequence[int]
) -> list[Point]:
    """One server from its start to its end, measured at each size on the way up."""
    points = []
    async with opened(server, publishers, max(sizes)) as (room, pid):
        for number in range(publishers):
            await room.publish(clip, LAYERS[publishers], speaks=number < VOICES)
        gate = asyncio.Semaphore(TOGETHER)

        async def join(number: int) -> None:
            async with gate:
                await room.subscribe(sampled=number % TIMED_SHARE == 0)

        inside = 0
        for size in sizes:
            await asyncio.gather(*(join(number) for number in range(inside, size)))
            inside = size
            await asyncio.sleep(SETTLE_S)
            points.append(await measure(room, pid, server, seconds))
            print(line(points[-1]), flush=True)
    return points


@asynccontextmanager
async def opened(server: str, publishers: int, most: int) -> AsyncIterator[tuple[Room, int]]:
    """A room on a fresh server that has a core to itself."""
    core, _ = divided_cores()
    with tempfile.TemporaryDirectory(prefix="confhub-bench-") as folder:
        started: Hub | JanusServer
        if server == "confhub":
            started = Hub(Path(folder))
            await started.prepare(publishers + most)
            started.start()
        else:
            started = JanusServer(Path(folder) / "janus", int(server == "janus-loops"))
            started.start()
        pin(started.pid, core)
        connector = aiohttp.TCPConnector(limit=0)
        try:
            async with aiohttp.ClientSession(connector=connector) as http:
                room: Room
                if isinstance(started, Hub):
                    room = HubRoom(http, started.addresses, publishers)
                else:
                    room = JanusRoom(http, started.address)
                await room.open()
                # Janus makes threads as it opens; they too stay on its core.
                pin(started.pid, core)
                try:
                    yield room, started.pid
                finally:
                    await room.close()
        finally:
            started.stop()
            if isinstance(started, Hub) and "ERROR" in (log := started.log()):
                print(f"the hub's log:\n{log[-3000:]}", file=sys.stderr)


HEAD = (
    f"{'server':<12} {'pub':>3} {'sub':>4} {'packets/s':>9} {'us/packet':>9} {'cores':>6}"
    f" {'lost':>8} {'own':>5} {'delay p50/p99 ms':>17} {'load':>5}"
)


def line(point: Point) -> str:
    per_s = point.packets / point.window_s
    delay = f"{point.delay_p50_ms:.2f}/{point.delay_p99_ms:.2f}"
    return (
        f"{point.server:<12} {point.publishers:>3} {point.subscribers:>4} {per_s:>9.0f}"
        f" {point.us_per_packet:>9.2f} {point.cores:>6.3f} {point.lost:>8} {point.own_drops:>5}"
        f" {delay:>17} {point.load_cores:>5.2f}"
    )


def cost(points: Sequence[Point], server: str, publishers: int, size: int) -> float:
    """Median over the rounds."""
    return statistics.median(
        point.us_per_packet
        for point in points
        if (point.server, point.publishers, point.subscribers) == (server, publishers, size)
    )


def judge(points: Sequence[Point], publishers: Sequence[int], sizes: Sequence[int]) -> None:
    """A table of medians, and the ratios: the last line is the verdict."""
    servers = list(dict.fromkeys(point.server for point in points))
    against = [server for server in servers if server != "confhub"]
    ratios: dict[str, list[float]] = {name: [] for name in [*against, "cheaper"]}
    print("\nCPU microseconds for each forwarded packet, median of the rounds")
    print(f"{'pub':>3} {'sub':>4} " + " ".join(f"{name:>12}" for name in servers) + "   ratio")
    for count in publishers:
        for size in sizes:
            costs = {name: cost(points, name, count, size) for name in servers}
            for name in against:
                ratios[name].append(costs["confhub"] / costs[name])
            ratios["cheaper"].append(max(ratios[name][-1] for name in against))
            cells = " ".join(f"{costs[name]:>12.2f}" for name in servers)
            print(f"{count:>3} {size:>4} {cells}  {ratios['cheaper'][-1]:>6.3f}")
    for name in against:
        print(f"against {name}: {statistics.geometric_mean(ratios[name]):.3f} (geometric mean)")
    print(f"worst, against the cheaper of them: {max(ratios['cheaper']):.3f}")
    print(f"confhub/janus cpu per packet: {statistics.geometric_mean(ratios['cheaper']):.3f}")


async def run(options: argparse.Namespace, machine: dict[str, Any]) -> list[Point]:
    """All rounds; what is known is kept after each server, so that a break loses little."""
    clip = load_clip(USUAL)
    points: list[Point] = []
    print(HEAD)
    for number in range(options.rounds):
        order = options.servers if number % 2 == 0 else list(reversed(options.servers))
        for publishers in options.publishers:
            for server in order:
                points += await run_server(server, publishers, clip, options.seconds, options.sizes)
                keep("janus", machine, points)
    return points


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--publishers", type=int, nargs="+", default=[1, 4], choices=list(LAYERS))
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument(
        "--servers", nargs="+", default=["confhub", "janus", "janus-loops"], help="in which order"
    )
    options = parser.parse_args()
    if shutil.which("janus") is None:
        print("Janus is not here: bash tools/bench_packages.sh", file=sys.stderr)
        return 1
    machine = describe_machine()
    print(f"{machine}")
    os.sched_setaffinity(0, divided_cores()[1])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        points = runner.run(run(options, machine))
    if {"confhub"} < set(options.servers):
        judge(points, options.publishers, options.sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
