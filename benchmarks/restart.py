"""kill -9 of the hub in the middle of a meeting whose media a worker forwards.

`make bench-restart`. Each round the hub's process is killed and its keeper starts it anew; sites
make their sockets anew as pages do, and count every packet of the streams that go on meanwhile. A
stretch as long, in which nobody is killed, says what the machine itself loses.

The last line: packets that did not come over all rounds, and from the loss of a socket to its
welcome by the next hub.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from benchmarks.hub import Hub
from benchmarks.machine import describe_machine, keep
from confhub.hub.keeper import STEADY_S
from rooms.load.generator import Generator
from rooms.load.plan import Report, Seat
from rooms.load.processes import divided_cores
from rooms.load.synthetic.clip import LAYERS
from tests.waiting import until

SITES = 60
SEEN = 3  # the chair and two thumbnails, who speak too
TOGETHER = 10
SETTLE_S = 8.0
LOOK_S = 1.0
# Imports, migrations looked at, a port taken over: two seconds on an idle core.
BACK_WITHIN_S = 60.0
_TOKEN = re.compile(r'"resume_hash":"([^"]+)"')


class Round(msgspec.Struct, frozen=True):
    """Of all sites together; `own_drops` are the load's and no loss of the hub's."""

    expected: int
    lost: int
    own_drops: int
    backs_s: Sequence[float]


def seats(addresses: Sequence[str]) -> list[Seat]:
    layers = tuple(layer.rid for layer in LAYERS)
    return [
        Seat(
            address,
            layers if index == 0 else layers[:1] if index < SEEN else (),
            speaks=index < SEEN,
            first_px=360,
            pictures=SEEN,
            comes_back=True,
        )
        for index, address in enumerate(addresses)
    ]


async def run(options: argparse.Namespace, folder: Path) -> tuple[Round, list[Round]]:
    hub = Hub(folder)
    await hub.prepare(options.sites)
    hub.start(settings={"CONFHUB_MEDIA_WORKERS": "1"})
    try:
        meeting = seats(hub.addresses)
        async with Generator(meeting, together=TOGETHER, cores=divided_cores()[1]) as sites:
            await sites.join()
            await asyncio.sleep(SETTLE_S)
            quiet = _round([await sites.measure(SETTLE_S)])
            print(f"nobody is killed: {_line(quiet)}", flush=True)
            worker, rounds = hub.part("media:0"), []
            for number in range(options.rounds):
                # A hub that dies again before it was steady is started only after a pause.
                await asyncio.sleep(STEADY_S)
                rounds.append(await kill(hub, sites, len(meeting)))
                print(f"round {number + 1}: {_line(rounds[-1])}", flush=True)
            if hub.part("media:0") != worker:
                raise RuntimeError("the worker was started anew too")
            await sites.leave()
    finally:
        hub.stop()
    return quiet, rounds


def tokens_on_record(folder: Path) -> set[str]:
    """By which pages show the next hub that their media are theirs, as rooms were last saved."""
    with closing(sqlite3.connect(folder / "confhub.db")) as database:
        rows = database.execute("SELECT state FROM room_snapshot").fetchall()
    return {token for (state,) in rows for token in _TOKEN.findall(bytes(state).decode())}


async def kill(hub: Hub, sites: Generator, count: int) -> Round:
    """Until every site is back, and a while longer. A hub that dies within a second of a page's
    first welcome has not saved its token yet, so that is waited for."""

    async def are_saved() -> bool:
        return len(tokens_on_record(hub.folder)) == count

    await until(are_saved, BACK_WITHIN_S)
    await sites.begin()
    os.kill(hub.part("hub"), signal.SIGKILL)
    found: list[Report] = []
    deadline = time.monotonic() + BACK_WITHIN_S
    while sum(len(site.backs_s) for report in found for site in report.sites) < count:
        if time.monotonic() > deadline:
            raise RuntimeError("not everybody came back")
        await asyncio.sleep(LOOK_S)
        found.append(await sites.collect())
    await asyncio.sleep(LOOK_S)
    found.append(await sites.collect())
    return _round(found)


def _round(reports: Sequence[Report]) -> Round:
    failed = [site.failed for site in reports[-1].sites if site.failed]
    if failed:
        raise RuntimeError(f"not everybody is in: {failed[0]}")
    told = [site for report in reports for site in report.sites]
    drops = sum(site.own_drops for site in told)
    expected = sum(site.expected for site in told)
    missing = expected - sum(site.received for site in told)
    return Round(
        expected,
        max(0, missing - drops),
        drops,
        [back for site in told for back in site.backs_s],
    )


def _line(one: Round) -> str:
    backs = f", back within {max(one.backs_s):.2f} s" if one.backs_s else ""
    return f"{one.lost} of {one.expected} packets lost, {one.own_drops} by the load itself{backs}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=SITES)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    machine = describe_machine()
    print(f"{machine}")
    with tempfile.TemporaryDirectory(prefix="confhub-bench-") as folder:
        quiet, rounds = asyncio.run(run(options, Path(folder)))
    keep("restart", machine, msgspec.to_builtins({"quiet": quiet, "rounds": rounds}))
    backs = sorted(back for one in rounds for back in one.backs_s)
    p95 = backs[min(len(backs) - 1, int(len(backs) * 0.95))]
    print(f"lost_packets: {sum(one.lost for one in rounds)} socket_back_p95_s: {p95:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
