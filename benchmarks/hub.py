"""A hub of our own to measure: `confhub serve` on free ports, one meeting, a link for each site."""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from confhub.config import Settings
from confhub.demo.load import load_demo
from confhub.identity import new_id
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.meetings.tokens import JoinTokens, read_key
from confhub.store import Store, open_store
from confhub.units.site import Site
from confhub.units.unit import Unit
from rooms.load.processes import part_of, pin

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MEETING_LENGTH = dt.timedelta(hours=8)


class Hub:
    """`prepare`, `start`, then join `addresses`: sockets of the seats, the chair's first."""

    def __init__(self, folder: Path) -> None:
        self.addresses: list[str] = []
        self.folder = folder
        self._port, self._media_port = _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://localhost:{self._port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def prepare(self, sites: int) -> None:
        """Write the demo province with a meeting of that many sites, which is open now."""
        settings = Settings(data_dir=str(self.folder))
        tokens = JoinTokens(read_key(self.folder))
        store = await open_store(settings)
        try:
            links = await _schedule(store, sites)
        finally:
            await store.close()
        self.addresses = [f"{self.origin}/join/{tokens.sign(link)}/socket" for link in links]

    def start(
        self, cores: Collection[int] = (), *, settings: Mapping[str, str] | None = None
    ) -> None:
        """Serve, on these cores only, with further settings by their environment variables.

        RuntimeError with the log's end when it does not answer.
        """
        own = {
            "CONFHUB_MEDIA_WORKERS": "0",  # all of it in the process that is pinned and counted
            **(settings or {}),
            "CONFHUB_DATA_DIR": str(self.folder),
            "CONFHUB_LISTEN_PORT": str(self._port),
            "CONFHUB_MEDIA_PORT": str(self._media_port),
        }
        others = {k: v for k, v in os.environ.items() if not k.startswith("CONFHUB_")}
        with (self.folder / "hub.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "confhub", "serve"],
                env={**others, **own},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()
        if cores:
            pin(self.pid, cores)

    def part(self, name: str) -> int:
        """One of the processes of a hub with media workers; LookupError while it does not run."""
        return part_of(self.pid, name)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        self._process = None

    def log(self) -> str:
        return (self.folder / "hub.log").read_text("utf-8", errors="replace")

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.origin}/readyz", timeout=2).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise RuntimeError(f"the hub does not answer:\n{self.log()[-2000:]}")


async def _schedule(store: Store, count: int) -> Sequence[JoinLink]:
    now = dt.datetime.now(dt.UTC)
    demo = await load_demo(store, now=now, zone=ZONE)
    host = await store.units.get(demo.meetings[1].host_unit_id, now.astimezone(ZONE).date())
    sites = await _sites(store, host, count)
    start = now - dt.timedelta(minutes=5)
    meeting = Meeting(
        id=new_id(),
        title="Đo máy chủ họp",
        level_id=host.level_id,
        host_unit_id=host.id,
        chair_site_id=sites[0].id,
        starts_at=start,
        ends_at=start + MEETING_LENGTH,
        sites=tuple(site.id for site in sites),
    )
    await store.meetings.add(meeting)
    return await store.links.ensure(meeting, meeting.ends_at + OPEN_AFTER_END)


async def _sites(store: Store, host: Unit, count: int) -> list[Site]:
    """The province's sites from its top down, and as many more of its own as are missing."""
    sites = [site for site in await store.sites.list() if site.code.startswith("dbn")]
    sites.sort(key=lambda site: (site.code.count("-"), site.code))
    more = [
        Site(new_id(), host.id, f"more-{number:03d}", f"Phòng họp {number}")
        for number in range(count - len(sites))
    ]
    await store.sites.add_many(more)
    return [*sites, *more][:count]


def _free_port() -> int:
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        port: int = tcp.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))
        return port
