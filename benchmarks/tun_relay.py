"""A poor line between this machine and a network namespace: two TUN devices and a relay.

Whatever goes between the two ends takes it: media by UDP or TCP, connectivity checks, a browser's
own choice of candidates. So it is as honest for two browsers that talk to each other as for a hub.
Needs root. `tests.rooms.media.link.Line` is the model of each direction; lines may be changed while
they run.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.namespace import one_chooses_at_a_time, taken_addresses
from tests.rooms.media.link import Line

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MTU = 1_500
# Packets read at once, so that one direction does not hold up the other.
MAX_READ = 64
# TEST-NET-2 (RFC 5737), used nowhere else; apart from those of tests/e2e/namespace.py.
PAIRS = tuple((f"198.51.100.{last}", f"198.51.100.{last + 1}") for last in range(241, 254, 2))


@dataclass(frozen=True)
class PoorSite:
    """`down` goes to the site, `up` comes from it; `name` is its namespace's and `chromium` runs
    Chromium there."""

    name: str
    near: str
    far: str
    down: Line
    up: Line
    chromium: Path

    @property
    def hub_address(self) -> str:
        return self.near


class _Direction:
    """Packets on their way from one device to the other, in order; one timer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, line: Line, source: int, to: int) -> None:
        self._loop, self._line, self._source, self._to = loop, line, source, to
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        loop.add_reader(source, self._read)

    def _read(self) -> None:
        for _ in range(MAX_READ):
            try:
                packet = os.read(self._source, MTU)
            except BlockingIOError:
                return
            arrives = self._line.carry(len(packet), self._loop.time())
            if arrives is None:
                continue
            self._waiting.append((arrives, packet))
            if self._timer is None:
                self._timer = self._loop.call_at(arrives, self._land)

    def _land(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._waiting:
            arrives, packet = self._waiting[0]
            if arrives > now:
                self._timer = self._loop.call_at(arrives, self._land)
                return
            self._waiting.popleft()
            with contextlib.suppress(OSError):  # the device is going down
                os.write(self._to, packet)


class _Relay(threading.Thread):
    """Has a thread to itself, and the processor before all others: what the measured processes do
    must not delay it, or the line would carry less than it says."""

    def __init__(self, near: int, far: int, down: Line, up: Line) -> None:
        super().__init__(name="poor line", daemon=True)
        self._devices = (near, far)
        self._lines = (down, up)
        self._loop = asyncio.new_event_loop()

    def run(self) -> None:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))  # of this thread alone
        (near, far), (down, up) = self._devices, self._lines
        _Direction(self._loop, down, near, far)
        _Direction(self._loop, up, far, near)
        self._loop.run_forever()
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.join(5)


@contextlib.contextmanager
def open_poor_site(folder: Path, down: Line, up: Line) -> Iterator[PoorSite]:
    """A namespace behind two lines. `Line.overhead_bytes` should be 0: headers are carried."""
    name = f"poor{os.getpid() % 100_000}"
    near_name, far_name = f"{name}n", f"{name}f"
    chromium = folder / "chromium-poor"
    chromium.write_text(f'#!/bin/sh\nexec ip netns exec {name} /usr/bin/chromium "$@"\n')
    chromium.chmod(0o755)
    _ip("netns", "add", name)
    devices: list[int] = []
    try:
        devices += [_open_device(near_name), _open_device(far_name)]
        _ip("link", "set", far_name, "netns", name)
        with one_chooses_at_a_time():
            taken = taken_addresses()
            near, far = next(pair for pair in PAIRS if f" {pair[0]} " not in taken)
            _ip("addr", "add", near, "peer", far, "dev", near_name)
        _ip("link", "set", near_name, "up")
        _ip("-n", name, "addr", "add", far, "peer", near, "dev", far_name)
        _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", name, "link", "set", far_name, "up")
        relay = _Relay(devices[0], devices[1], down, up)
        relay.start()
        try:
            yield PoorSite(name, near, far, down, up, chromium)
        finally:
            relay.stop()
    finally:
        for device in devices:
            os.close(device)
        subprocess.run(["ip", "netns", "del", name], check=False, timeout=10)


def _open_device(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=10)
