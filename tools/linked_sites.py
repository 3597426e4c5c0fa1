"""Sites without browsers for a picture of the link board: real sockets and media, told qualities.

Each holds its seat and its media links as `rooms.load` does, and sends the digests that a page on
such a line would send.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from confhub.quality import Devices, Digest, Inbound, Outbound, Path
from rooms.load.synthetic.clip import Clip, ClipPlan, LayerPlan, make_clip
from rooms.load.synthetic.sender import Sender
from rooms.load.synthetic.site import Heights, Site
from rooms.media.port.dtls import Certificate
from rooms.protocol.messages import SendDigest

PLAN = ClipPlan((LayerPlan("q", 320, 180, 150_000),), fps=15, group_frames=15, groups=1, sound_s=1)
DIGEST_S = 5.0
DIGEST_MS = 5000
PACKETS = 250  # of sound in 5 s


def line(
    rtt_ms: float, loss_fraction: float = 0.0, *, up_bps: float = 2_400_000, cpu: bool = False
) -> Digest:
    """What a page tells of a line with this round trip and this loss in both directions."""
    lost = round(PACKETS * loss_fraction)
    sound = Inbound(
        packets_received=PACKETS - lost,
        packets_lost=lost,
        jitter_ms=rtt_ms / 9,
        jitter_buffer_ms=40,
    )
    return Digest(
        interval_ms=DIGEST_MS,
        audio_in=sound,
        audio_out=Outbound(packets_sent=PACKETS, rtt_ms=rtt_ms, loss_fraction=loss_fraction),
        video_out=Outbound(packets_sent=PACKETS, limitation="cpu" if cpu else "none"),
        path=Path(rtt_ms=rtt_ms, available_out_bps=up_bps, transport="udp"),
        devices=Devices(camera=True, microphone=True, speaker=True),
    )


@asynccontextmanager
async def linked_sites(links: Mapping[str, str], lines: Sequence[Digest]) -> AsyncIterator[None]:
    """Sites at these join links, by unit; the first lines go to the first links, then good ones."""
    clip, certificate = await asyncio.to_thread(make_clip, PLAN), Certificate()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for number, address in enumerate(links.values()):
            told = lines[number] if number < len(lines) else line(18 + 3 * (number % 7))
            site = _site(address, certificate, clip)
            stack.push_async_callback(site.leave)
            await site.join(http)
            task = group.create_task(_tell(site, told))
            stack.callback(task.cancel)
        yield


def _site(address: str, certificate: Certificate, clip: Clip) -> Site:
    sender = Sender(clip, ("q",), speaks=False)
    return Site(
        f"{address}/socket", certificate, sender=sender, heights=Heights(180, 180, pictures=3)
    )


async def _tell(site: Site, digest: Digest) -> None:
    while True:
        site.say(SendDigest(digest))
        await asyncio.sleep(DIGEST_S)
