"""`confhub load`: N synthetic sites in a meeting of a hub on this machine, and what they saw."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import time
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import urlsplit

import aiohttp
import msgspec

from confhub.config import Settings
from confhub.errors import N_, BadInput, Unavailable
from rooms.load import processes
from rooms.load.generator import Broken, Generator
from rooms.load.links import links_by_sign_in, seat_address
from rooms.load.plan import Seat
from rooms.load.summary import summarize
from rooms.load.synthetic.clip import LAYERS
from rooms.load.verdict import Summary, describe

# Time for layers to settle: the hub's estimates grow for some seconds, and key frames come.
SETTLE_S = 5.0
TIMED_SHARE = 10  # one site in so many decrypts and times what it gets


def run(settings: Settings, options: argparse.Namespace) -> int:
    """0 when every site came in and stayed."""
    summary = asyncio.run(_run(settings, options))
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(summary)).decode())
    else:
        print(describe(summary))
    return 1 if summary.failed else 0


def make_seats(addresses: Sequence[str], cameras: int, voices: int) -> list[Seat]:
    """Sites in a lecture: the first sees and sends as the chair, `cameras` of them are seen.

    The last of every TIMED_SHARE sites times what it gets.
    """
    rids = tuple(layer.rid for layer in LAYERS)
    return [
        Seat(
            address,
            rids if index < cameras else (),
            speaks=index < min(voices, cameras),
            sampled=index % TIMED_SHARE == TIMED_SHARE - 1 or index == len(addresses) - 1,
        )
        for index, address in enumerate(addresses)
    ]


async def measure(
    seats: Sequence[Seat], hub_pid: int | None, *, seconds: float, together: int
) -> Summary:
    """Let all in, wait until the pictures have settled, watch for `seconds`, and leave.

    Where there are two cores or more the hub runs on one meanwhile, and the load on the others.
    """
    hub_cores, load_cores = processes.divided_cores()
    with _pinned(hub_pid, hub_cores):
        async with Generator(seats, together=together, cores=load_cores) as generator:
            await generator.join()
            await asyncio.sleep(SETTLE_S)
            cpu_before, began = _cpu_s(hub_pid), time.monotonic()
            report = await generator.measure(seconds)
            window_s, cpu_after = time.monotonic() - began, _cpu_s(hub_pid)
            await generator.leave()
    used = None if cpu_before is None or cpu_after is None else cpu_after - cpu_before
    return summarize(report, window_s, used)


async def _run(settings: Settings, options: argparse.Namespace) -> Summary:
    try:
        links = await _links(settings, options)
        addresses = [seat_address(link) for link in links][: options.sites]
        if not addresses:
            raise BadInput(N_("Không có liên kết nào."))
        parts = urlsplit(addresses[0])
        hub_pid = processes.listener(parts.port or (443 if parts.scheme == "https" else 80))
        seats = make_seats(addresses, options.cameras, options.voices)
        return await measure(seats, hub_pid, seconds=options.seconds, together=options.together)
    except (aiohttp.ClientError, Broken, TimeoutError, OSError) as error:
        raise Unavailable(
            N_("Không phát tải được: %(error)s"), values={"error": f"{error!r}"}
        ) from error


async def _links(settings: Settings, options: argparse.Namespace) -> Sequence[str]:
    links = list(options.links)
    if options.links_file is not None:
        text = await asyncio.to_thread(options.links_file.read_text, "utf-8")
        links += text.split()
    if links:
        return links
    scheme = "http" if settings.tls == "off" else "https"
    origin = (options.origin or f"{scheme}://localhost:{settings.listen_port}").rstrip("/")
    return await links_by_sign_in(origin, options.login, options.password, options.meeting)


@contextlib.contextmanager
def _pinned(pid: int | None, cores: Collection[int]) -> Iterator[None]:
    """The hub's processes on these cores for as long; elsewhere it is left alone."""
    if pid is None:
        yield
        return
    family, before = processes.family(pid), os.sched_getaffinity(pid)
    try:
        for one in family:
            processes.pin(one, cores)
        yield
    finally:
        for one in family:
            with contextlib.suppress(OSError):
                processes.pin(one, before)


def _cpu_s(pid: int | None) -> float | None:
    try:
        return None if pid is None else sum(map(processes.cpu_s, processes.family(pid)))
    except OSError:
        return None
