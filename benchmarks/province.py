"""One meeting of a whole province: 1 + 10 + 129 sites on one core of the hub.

`make bench-province`. Everybody sees the chair at 1.2 Mbit/s and four others as thumbnails, and
hears three voices. The five who are seen send three simulcast layers, the others only receive;
with `--all-cameras` they send their smallest layer too, as pages do that nobody looks at.

A tenth of the sites decrypts what comes and times it, by the kernel's clock at arrival: a late
load generator measures no delay. Loss is told apart from what the load's own sockets dropped.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.hub import Hub
from benchmarks.machine import describe_machine, keep
from benchmarks.profile import Profile
from rooms.load.generator import Generator
from rooms.load.plan import Seat
from rooms.load.processes import cpu_s, divided_cores, pin, resident_bytes
from rooms.load.summary import summarize
from rooms.load.synthetic.clip import LAYERS
from rooms.load.verdict import Summary, describe

SITES = 1 + 10 + 129
SEEN = 5  # the chair and four thumbnails
VOICES = 3
TOGETHER = 10
SETTLE_S = 8.0
TIMED_SHARE = 10


def province(addresses: Sequence[str], *, all_cameras: bool) -> list[Seat]:
    """The seats: the chair first, then those who are seen."""
    all_layers = tuple(layer.rid for layer in LAYERS)
    unseen = all_layers[:1] if all_cameras else ()
    return [
        Seat(
            address,
            all_layers if index < SEEN else unseen,
            speaks=index < VOICES,
            pictures=SEEN,
            sampled=index % TIMED_SHARE == TIMED_SHARE - 1,
        )
        for index, address in enumerate(addresses)
    ]


async def run(options: argparse.Namespace, folder: Path) -> list[Summary]:
    hub = Hub(folder)
    await hub.prepare(options.sites)
    core, others = divided_cores()
    hub.start(core)
    try:
        seats = province(hub.addresses, all_cameras=options.all_cameras)
        async with Generator(seats, together=TOGETHER, cores=others) as generator:
            empty = resident_bytes(hub.pid)
            await generator.join()
            pin(hub.pid, core)  # threads that were made meanwhile
            await asyncio.sleep(SETTLE_S)
            found = []
            for number in range(options.rounds):
                watched = options.profile and number == 0
                profile = Profile(hub.pid, folder) if watched else None
                used, began = cpu_s(hub.pid), time.monotonic()
                report = await generator.measure(options.seconds)
                window_s, used = time.monotonic() - began, cpu_s(hub.pid) - used
                found.append(summarize(report, window_s, used))
                print(f"\nround {number + 1}\n{describe(found[-1])}", flush=True)
                if profile is not None:
                    print(profile.end(), flush=True)
            full = resident_bytes(hub.pid)
            print(f"memory: {full / 2**20:.0f} MiB, {empty / 2**20:.0f} with nobody in")
            await generator.leave()
    finally:
        hub.stop()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=SITES)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--all-cameras", action="store_true")
    parser.add_argument("--profile", action="store_true", help="watch the hub in the first round")
    options = parser.parse_args()
    machine = describe_machine()
    print(f"{machine}")
    with tempfile.TemporaryDirectory(prefix="confhub-bench-") as folder:
        found = asyncio.run(run(options, Path(folder)))
    name = "province-all-cameras" if options.all_cameras else "province"
    keep(name, machine, [msgspec.to_builtins(item) for item in found])
    missing = sorted({reason for item in found for reason in item.failed})
    if missing:
        print(f"not everybody was in: {missing}", file=sys.stderr)
    cores = statistics.median(item.hub_cores or 0.0 for item in found)
    loss = statistics.fmean(item.loss for item in found)
    delay = statistics.median(item.delay_ms.p99 for item in found)
    print(f"cores: {cores:.2f} loss: {loss:.4%} delay_p99_ms: {delay:.2f}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
