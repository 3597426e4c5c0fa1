"""A synthetic site's sending side: plays a clip over a link as a browser sends a camera."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from struct import pack

from rooms.load.synthetic.clip import SOUND_PACKET_S, Clip, Layer
from rooms.load.synthetic.link import Link
from rooms.load.synthetic.payloads import vp8_payloads
from rooms.load.synthetic.stamp import STAMP_BYTES, make_stamp, padded_opus
from rooms.media.rtp import rtcp
from rooms.media.rtp.packet import abs_send_time
from rooms.media.rtp.rtcp import KeyFrameRequest, SenderReport
from rooms.media.sdp.capabilities import ABS_SEND_TIME, AUDIO_LEVEL, MID, RID, TRANSPORT_CC

AUDIO, VIDEO = 111, 96  # payload types, as libwebrtc numbers them
REPORT_S = 1.0
# libwebrtc's pacer: two and a half times the rate, 40 ms of that at once.
PACE = 2.5
BURST_S = 0.04
PACE_STEP_S = 0.005
# An encoder that is asked for key frames makes at most a few a second.
KEY_FRAME_INTERVAL_S = 0.3
# Behind by more than this (a process that was stopped), the clip goes on from now.
MAX_BEHIND_S = 0.5


@dataclass(slots=True)
class Sent:
    """Totals since the sender was made. `by_source`: packets of sound, and of each layer."""

    by_source: dict[str, int]
    key_frame_requests: int = 0
    nacks: int = 0


@dataclass(slots=True)
class _Payload:
    """What one packet carries; `is_last` of its frame."""

    data: bytes
    timestamp: int
    is_last: bool


class _Stream:
    """One SSRC: its numbers and what reports say of it."""

    def __init__(self, payload_type: int, extensions: bytes, level_at: int) -> None:
        self.ssrc = secrets.randbelow(0xFFFFFFFE) + 1
        self.payload_type = payload_type
        self.sequence = secrets.randbelow(0x7FFF)
        self.timestamp = secrets.randbelow(0xFFFFFFFF)
        self.packets = 0
        self.bytes = 0
        self._extensions = extensions
        self.level_at = level_at

    def packet(self, item: _Payload, send_time: int, transport: int, level: int) -> bytes:
        """The next packet; its extensions begin with abs-send-time and transport-cc."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.bytes += len(item.data)
        block = bytearray(self._extensions)
        block[1:4] = send_time.to_bytes(3, "big")
        block[5:7] = transport.to_bytes(2, "big")
        if self.level_at:
            block[self.level_at] = level
        head = pack(
            "!BBHIIHH",
            0x90,
            item.is_last << 7 | self.payload_type,
            self.sequence,
            item.timestamp & 0xFFFFFFFF,
            self.ssrc,
            0xBEDE,
            len(block) // 4,
        )
        return head + bytes(block) + item.data


class _Picture:
    """One layer's play: the frame to send next, and the packets that wait for the pacer."""

    def __init__(self, layer: Layer, stream: _Stream) -> None:
        self.layer = layer
        self.stream = stream
        self.group = 0
        self.frame = 0
        self.picture_id = secrets.randbelow(0x7FFF)
        self.tl0_index = secrets.randbelow(0xFF)
        self.waiting: deque[_Payload] = deque()
        self.tokens = 0.0
        self.filled_at = 0.0
        self.key_frame_at = 0.0

    def skip_to_key_frame(self, now: float) -> bool:
        """Somebody needs a key frame: the next frame is one, unless one was just sent."""
        if now - self.key_frame_at < KEY_FRAME_INTERVAL_S:
            return False
        self.group = (self.group + 1) % len(self.layer.groups)
        self.frame = 0
        return True

    def next_frame(self, now: float) -> list[bytes]:
        group = self.layer.groups[self.group]
        frame = group[self.frame]
        self.frame += 1
        if self.frame == len(group):
            self.group, self.frame = (self.group + 1) % len(self.layer.groups), 0
        if frame.is_key:
            self.key_frame_at = now
        self.picture_id = (self.picture_id + 1) & 0x7FFF
        self.tl0_index = (self.tl0_index + 1) & 0xFF
        return vp8_payloads(frame.data, self.picture_id, self.tl0_index, STAMP_BYTES)


class Sender:
    """The sink of a sending link. `start` plays until `stop`; a loop without end."""

    def __init__(self, clip: Clip, rids: Sequence[str], *, speaks: bool = True) -> None:
        """`rids`: layers of the clip to send, lowest first; one alone goes without simulcast.

        A sender that does not speak sends no sound at all, as Opus with DTX does.
        """
        self.clip = clip
        self.rids = tuple(rids)
        self.speaks = speaks
        self._link: Link | None = None
        self._cname = secrets.token_hex(8)
        self._transport_sequence = 0
        self._sums = Sent({})
        self._tasks: list[asyncio.Task[None]] = []
        self._pacer: asyncio.TimerHandle | None = None
        self._sound = _Stream(AUDIO, *_audio_extensions("0"))
        layers = {layer.plan.rid: layer for layer in clip.layers}
        many = len(self.rids) > 1
        self._pictures = [
            _Picture(layers[rid], _Stream(VIDEO, _video_extensions("1", rid if many else ""), 0))
            for rid in self.rids
        ]

    @property
    def ssrcs(self) -> Mapping[str, int]:
        """By "sound" or rid; for descriptions that name them."""
        pictures = {item.layer.plan.rid: item.stream.ssrc for item in self._pictures}
        return {"sound": self._sound.ssrc, **pictures}

    @property
    def cname(self) -> str:
        return self._cname

    def sent(self) -> Sent:
        """Totals so far."""
        counts = {item.layer.plan.rid: item.stream.packets for item in self._pictures}
        self._sums.by_source = {"sound": self._sound.packets, **counts}
        return self._sums

    def start(self, link: Link) -> None:
        self._link = link
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._show()), loop.create_task(self._report())]
        if self.speaks:
            self._tasks.append(loop.create_task(self._speak()))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._pacer is not None:
            self._pacer.cancel()

    def receive_rtp(self, datagram: memoryview, at_s: float) -> None:
        """Nothing is received on this side."""

    def receive_rtcp(self, compound: bytes, at_s: float) -> None:
        for message in rtcp.parse_compound(compound):
            if isinstance(message, KeyFrameRequest):
                self._sums.key_frame_requests += 1
                for picture in self._pictures:
                    if picture.stream.ssrc == message.ssrc:
                        picture.skip_to_key_frame(at_s)
            elif isinstance(message, rtcp.Nack):
                self._sums.nacks += message.asks

    async def _speak(self) -> None:
        sounds = [(item.level, padded_opus(item.data)) for item in self.clip.sounds]
        number = 0
        async for late in _beats(SOUND_PACKET_S):
            level, data = sounds[number % len(sounds)]
            number += 1
            self._sound.timestamp += int(48_000 * SOUND_PACKET_S * (1 + late))
            payload = _Payload(data, self._sound.timestamp, number == 1)
            self._send(self._sound, payload, level, stamped=True)

    async def _show(self) -> None:
        fps = self.clip.plan.fps
        async for late in _beats(1 / fps):
            now = time.monotonic()
            for picture in self._pictures:
                picture.stream.timestamp += 90_000 // fps * (1 + late)
                payloads = picture.next_frame(now)
                last = len(payloads) - 1
                picture.waiting.extend(
                    _Payload(data, picture.stream.timestamp, index == last)
                    for index, data in enumerate(payloads)
                )
            self._pace()

    def _pace(self) -> None:
        """Send what the pacer allows now; come back for the rest."""
        if self._pacer is not None:
            self._pacer.cancel()
            self._pacer = None
        now = time.monotonic()
        for picture in self._pictures:
            rate = PACE * picture.layer.plan.bitrate_bps / 8
            picture.tokens += (now - picture.filled_at) * rate
            picture.tokens, picture.filled_at = min(picture.tokens, BURST_S * rate), now
            while picture.waiting and picture.tokens > 0:
                payload = picture.waiting.popleft()
                picture.tokens -= len(payload.data)
                self._send(picture.stream, payload, 0, stamped=payload.is_last)
        if any(picture.waiting for picture in self._pictures):
            self._pacer = asyncio.get_running_loop().call_later(PACE_STEP_S, self._pace)

    def _send(self, stream: _Stream, payload: _Payload, level: int, *, stamped: bool) -> None:
        if self._link is None:
            return
        self._transport_sequence = (self._transport_sequence + 1) & 0xFFFF
        now_ns = time.monotonic_ns()
        if stamped:
            payload.data += make_stamp(now_ns)
        send_time = abs_send_time(now_ns / 1e9)
        self._link.send_rtp(stream.packet(payload, send_time, self._transport_sequence, level))

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            streams = [picture.stream for picture in self._pictures]
            if self.speaks:
                streams.insert(0, self._sound)
            if self._link is not None:
                ntp = rtcp.ntp_time(time.monotonic())
                compound = b"".join(
                    rtcp.build_sr(
                        SenderReport(
                            item.ssrc, ntp, item.timestamp & 0xFFFFFFFF, item.packets, item.bytes
                        )
                    )
                    for item in streams
                )
                names = rtcp.build_sdes([item.ssrc for item in streams], self._cname)
                self._link.send_rtcp(compound + names)


async def _beats(period_s: float) -> AsyncIterator[int]:
    """Wake at a steady beat; yields how many beats were left out before this one."""
    due = time.monotonic() + secrets.randbelow(1000) / 1000 * period_s
    while True:
        wait_s = due - time.monotonic()
        await asyncio.sleep(max(0.0, wait_s))
        left_out = int(-wait_s / period_s) if wait_s < -MAX_BEHIND_S else 0
        due += period_s * (1 + left_out)
        yield left_out


# Extension ids, as in the offers of rooms.load.synthetic.descriptions.
EXTENSION_IDS = {ABS_SEND_TIME: 2, TRANSPORT_CC: 3, MID: 4, AUDIO_LEVEL: 5, RID: 10}


def _audio_extensions(mid: str) -> tuple[bytes, int]:
    """The block, and where the audio level stands in it."""
    head = _common()
    level = bytes([EXTENSION_IDS[AUDIO_LEVEL] << 4, 127])
    block = head + level + _named(MID, mid)
    return _aligned(block), len(head) + 1


def _video_extensions(mid: str, rid: str) -> bytes:
    return _aligned(_common() + _named(MID, mid) + (_named(RID, rid) if rid else b""))


def _common() -> bytes:
    return bytes([EXTENSION_IDS[ABS_SEND_TIME] << 4 | 2, 0, 0, 0]) + bytes(
        [EXTENSION_IDS[TRANSPORT_CC] << 4 | 1, 0, 0]
    )


def _named(uri: str, value: str) -> bytes:
    return bytes([EXTENSION_IDS[uri] << 4 | len(value) - 1]) + value.encode()


def _aligned(block: bytes) -> bytes:
    return block + bytes(-len(block) % 4)
