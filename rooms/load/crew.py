"""The sites of one process, and how late that process is."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

import aiohttp

from rooms.load.plan import Report, Seat, SiteReport
from rooms.load.synthetic.clip import Clip
from rooms.load.synthetic.sender import Sender
from rooms.load.synthetic.site import Heights, Site, SiteFailed
from rooms.media.port.dtls import Certificate

# What one worker reports at most; beyond it a fair sample is drawn.
MAX_DELAYS = 100_000
BEAT_S = 0.01
LOST_MEDIA = "the hub it came back to had lost its media"


class Crew:
    """`join`, `reset`, `collect`, `leave`, as the orders of rooms.load.plan have them."""

    def __init__(self, seats: Sequence[Seat], clip: Clip, together: int) -> None:
        self._seats = seats
        self._clip = clip
        self._gate = asyncio.Semaphore(together)
        self._certificate = Certificate()
        # A socket for each site; aiohttp would let a hundred have one.
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._sites: list[Site] = []
        self._failed: dict[Site, str] = {}
        self._before: dict[Site, tuple[int, int, int]] = {}
        self._cpu_s = time.process_time()
        self._late_ms: list[float] = []
        self._watch = asyncio.get_running_loop().create_task(self._watch_time())

    async def join(self, upto: int) -> None:
        """Take seats until that many are taken; who fails stays out, and is reported."""
        new = [self._make(seat) for seat in self._seats[len(self._sites) : upto]]
        self._sites += new
        await asyncio.gather(*(self._join(site) for site in new))

    def reset(self) -> None:
        self._late_ms.clear()
        self._cpu_s = time.process_time()
        for site in self._sites:
            site.receiver.reset()
            site.backs_s.clear()
            self._before[site] = _sent(site)

    def collect(self) -> Report:
        """What happened since `reset`."""
        delays: list[int] = []
        sites = tuple(self._report(site, delays) for site in self._sites)
        if len(delays) > MAX_DELAYS:
            delays = random.sample(delays, MAX_DELAYS)
        return Report(
            sites,
            tuple(delays),
            tuple(self._late_ms),
            time.process_time() - self._cpu_s,
            next((site.cipher for site in self._sites if site.cipher), ""),
        )

    async def leave(self) -> None:
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)
        await asyncio.gather(*(site.leave() for site in self._sites), return_exceptions=True)
        await self._http.close()

    def _make(self, seat: Seat) -> Site:
        sender = Sender(self._clip, seat.rids, speaks=seat.speaks) if seat.rids else None
        heights = Heights(seat.first_px, seat.other_px, seat.pictures)
        return Site(
            seat.address,
            self._certificate,
            sender=sender,
            heights=heights,
            sampled=seat.sampled,
            comes_back=seat.comes_back,
        )

    async def _join(self, site: Site) -> None:
        async with self._gate:
            try:
                await site.join(self._http)
            except SiteFailed as error:
                self._failed[site] = str(error)

    def _report(self, site: Site, delays: list[int]) -> SiteReport:
        sums = site.receiver.collect()
        delays += sums.delays_us
        sent, nacks, drops = _sent(site)
        before = self._before.get(site, (0, 0, 0))
        failed = self._failed.get(site, "") or (LOST_MEDIA if site.lost_media else "")
        backs, site.backs_s = tuple(site.backs_s), []
        return SiteReport(
            site.joined_s,
            site.first_media_s,
            failed or ("" if site.is_in else "the hub closed the socket"),
            sums.packets,
            sums.bytes,
            sums.expected,
            sums.received,
            drops - before[2],
            sums.key_frame_requests,
            max(sums.jitters_ms, default=0.0),
            sent - before[0],
            nacks - before[1],
            sums.sound_gap_us / 1000,
            backs,
        )

    async def _watch_time(self) -> None:
        due = time.monotonic()
        while True:
            due = max(due + BEAT_S, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            self._late_ms.append(round((time.monotonic() - due) * 1000, 2))


def _sent(site: Site) -> tuple[int, int, int]:
    """Packets it sent, NACKs it got, and datagrams its receiving socket had no room for."""
    sent = site.sender.sent() if site.sender is not None else None
    packets = sum(sent.by_source.values()) if sent is not None else 0
    return packets, sent.nacks if sent is not None else 0, site.own_drops
