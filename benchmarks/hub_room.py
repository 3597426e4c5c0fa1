"""A meeting of ours as the Janus bench sees it: publishers with one layer, subscribers, no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import aiohttp

from rooms.load.synthetic.clip import Clip
from rooms.load.synthetic.receiver import Receiver
from rooms.load.synthetic.sender import Sender
from rooms.load.synthetic.site import Heights, Site, SiteFailed
from rooms.media.port.dtls import Certificate

TRIES = 3


class HubRoom:
    """Publish first, then subscribe; each takes the next of the meeting's seats."""

    def __init__(
        self, http: aiohttp.ClientSession, addresses: Sequence[str], publishers: int
    ) -> None:
        self.senders: list[Sender] = []
        self._http = http
        self._seats = iter(addresses)
        # Whoever sends one layer is shown as large as can be: that layer.
        self._heights = Heights(720, 720, publishers)
        self._certificate = Certificate()
        self._sites: list[Site] = []
        self._subscribers: list[Site] = []

    async def open(self) -> None:
        """The hub opens its room when the first site comes."""

    @property
    def receivers(self) -> Sequence[Receiver]:
        return [site.receiver for site in self._subscribers]

    @property
    def own_drops(self) -> int:
        return sum(site.own_drops for site in self._subscribers)

    @property
    def cipher(self) -> str:
        return next((site.cipher for site in self._subscribers), "")

    async def publish(self, clip: Clip, rid: str, *, speaks: bool) -> None:
        """One more publisher with one layer of the clip. SiteFailed when the hub refuses."""
        address = next(self._seats)

        def make() -> Site:
            sender = Sender(clip, [rid], speaks=speaks)
            return Site(address, self._certificate, sender=sender)

        site = await self._join(make)
        if site.sender is not None:
            self.senders.append(site.sender)

    async def subscribe(self, *, sampled: bool) -> None:
        """One more subscriber, to everything that is published."""
        address = next(self._seats)

        def make() -> Site:
            return Site(address, self._certificate, heights=self._heights, sampled=sampled)

        self._subscribers.append(await self._join(make))

    async def close(self) -> None:
        for site in self._sites:
            await site.leave()

    async def _join(self, make: Callable[[], Site]) -> Site:
        """As a page: sent away by a busy hub it comes again."""
        for _ in range(TRIES):
            site = make()
            try:
                await site.join(self._http)
            except SiteFailed as error:
                print(f"a site comes again: {error}")
                await site.leave()
            else:
                self._sites.append(site)
                return site
        raise SiteFailed(f"not in after {TRIES} tries")
