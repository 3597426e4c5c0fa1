"""Senders that play a clip over real connections: pictures and voices without an encoder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache

from rooms.load.synthetic.clip import Clip, ClipPlan, LayerPlan, make_clip
from rooms.load.synthetic.descriptions import send_offer
from rooms.load.synthetic.link import Link, read_remote
from rooms.load.synthetic.sender import Sender
from rooms.media.conference import Conference
from rooms.media.port.dtls import Certificate
from rooms.media.source import Source

SOURCES: dict[str, Source] = {"0": "microphone", "1": "camera"}
RIDS = ("q", "h", "f")
# Three simulcast layers, somewhat under the rates of the meeting page.
PLAN = ClipPlan(
    (
        LayerPlan("q", 320, 180, 60_000),
        LayerPlan("h", 640, 360, 400_000),
        LayerPlan("f", 1280, 720, 1_000_000),
    ),
    fps=25,
    group_frames=100,
    groups=1,
    sound_s=2.0,
)


@cache
def three_layers() -> Clip:
    """Encoded once for all tests of a run; a few seconds."""
    return make_clip(PLAN)


@asynccontextmanager
async def play(
    conference: Conference, member_id: str, *, speaks: bool = True, rids: Sequence[str] = RIDS
) -> AsyncIterator[Sender]:
    """A member whose camera and voice are a clip, until the end of the block."""
    sender = Sender(three_layers(), rids, speaks=speaks)
    link = Link(Certificate(), sender)
    offer = send_offer(sender, link.transport_lines("actpass"))
    answer = await conference.publisher(member_id).answer(offer, SOURCES)
    try:
        await link.connect(read_remote(answer))
        sender.start(link)
        yield sender
    finally:
        await sender.stop()
        await link.close()
