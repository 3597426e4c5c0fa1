"""A synthetic site's receiving side: counts what comes, reports back, times a sample."""

from __future__ import annotations

import asyncio
import secrets
import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct, pack

import pylibsrtp

from rooms.load.counting import StreamCount, VoiceGaps
from rooms.load.synthetic.link import Link
from rooms.load.synthetic.stamp import read_stamp
from rooms.media.receiving.feedback import ArrivalRecorder
from rooms.media.rtp import rtcp
from rooms.media.rtp.rtcp import FMT_APP, PSFB, SenderReport

# libwebrtc reports congestion every 50 to 250 ms, 100 at the rates here.
FEEDBACK_S = 0.1
REPORT_S = 1.0
# What a good line's browser says of itself: more than everything here needs.
REMB_BPS = 10_000_000
# Browsers ask again for a key frame no sooner.
KEY_FRAME_RETRY_S = 0.5

_HEADER = Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class Expectations:
    """What the hub's description says of the streams: clock rates by payload type.

    `repairs` are payload types of retransmissions; `transport_cc_id` is 0 where the hub wants
    REMB instead.
    """

    clock_rates: Mapping[int, int]
    repairs: frozenset[int]
    transport_cc_id: int


@dataclass(slots=True)
class Reception:
    """Sums since the last `reset`. Delays are in microseconds, of sampled packets; jitters are of
    voices: a picture's packets share one timestamp and are paced, which would count as jitter.
    `sound_gap_us`: the longest time between two packets of one voice, less what its sender was
    late; of sampled sites only."""

    packets: int = 0
    bytes: int = 0
    repairs: int = 0
    expected: int = 0
    received: int = 0
    key_frame_requests: int = 0
    jitters_ms: list[float] = field(default_factory=list)
    delays_us: array[int] = field(default_factory=lambda: array("Q"))
    sound_gap_us: int = 0


def read_transport_sequence(datagram: memoryview, wanted: int) -> int | None:
    """The transport-wide number in one-byte extensions (RFC 8285), or None without one."""
    if not datagram[0] & 0x10:
        return None
    at = 12 + 4 * (datagram[0] & 0x0F)
    end = min(len(datagram), at + 4 + 4 * (datagram[at + 2] << 8 | datagram[at + 3]))
    at += 4
    while at < end:
        head = datagram[at]
        if head >> 4 == wanted:
            return datagram[at + 1] << 8 | datagram[at + 2]
        at += 2 + (head & 0x0F) if head else 1
    return None


class Receiver:
    """The sink of a receiving link. `sampled` receivers decrypt and time stamped packets."""

    def __init__(self, *, sampled: bool = False) -> None:
        self.streams: dict[int, StreamCount] = {}
        self.first_audio_at: float | None = None
        self.first_video_at: float | None = None
        self._sampled = sampled
        self._link: Link | None = None
        self._expect = Expectations({}, frozenset(), 0)
        self._arrivals: ArrivalRecorder | None = None
        self._ssrc = secrets.randbelow(0xFFFFFFFE) + 1
        self._sums = Reception()
        self._before: dict[int, tuple[int, int]] = {}
        self._asked_at: dict[int, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._reported_at = 0.0
        self._gaps = VoiceGaps()

    def expect(self, expectations: Expectations) -> None:
        """Before the link connects, and again with each new description."""
        self._expect = expectations
        if expectations.transport_cc_id and self._arrivals is None:
            self._arrivals = ArrivalRecorder()

    def start(self, link: Link) -> None:
        """Begin to report over `link`; the first time at a moment of its own, as sites do."""
        self._link = link
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(secrets.randbelow(1000) / 1000 * FEEDBACK_S, self._tick)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def receive_rtp(self, datagram: memoryview, at_s: float) -> None:
        _, second, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
        sums = self._sums
        sums.packets += 1
        sums.bytes += len(datagram)
        if self._arrivals is not None:
            self._note_arrival(datagram, at_s)
        stream = self.streams.get(ssrc)
        if stream is None:
            payload_type = second & 0x7F
            if payload_type in self._expect.repairs:
                sums.repairs += 1
                return
            stream = self._begin(ssrc, payload_type, sequence, at_s)
            if stream is None:
                return
        if stream.count(sequence, timestamp, at_s) and stream.clock_rate == 90_000:
            self._ask_key_frame(ssrc, at_s)
        if self._sampled and (second & 0x80 or stream.clock_rate == 48_000):
            self._time(datagram, at_s, ssrc if stream.clock_rate == 48_000 else None)

    def receive_rtcp(self, compound: bytes, at_s: float) -> None:
        for message in rtcp.parse_compound(compound):
            if isinstance(message, SenderReport) and message.ssrc in self.streams:
                stream = self.streams[message.ssrc]
                stream.report_ntp, stream.report_at = message.ntp, at_s

    def reset(self) -> None:
        """Begin to count anew; streams go on."""
        self.collect()

    def collect(self) -> Reception:
        """The sums since `reset` or the last `collect`."""
        sums, self._sums = self._sums, Reception()
        sums.sound_gap_us = self._gaps.take()
        for ssrc, stream in self.streams.items():
            expected, received = self._before.get(ssrc, (0, 0))
            sums.expected += stream.expected - expected
            sums.received += stream.received - received
            if stream.received > received and stream.clock_rate == 48_000:
                sums.jitters_ms.append(stream.jitter_ms)
            self._before[ssrc] = stream.expected, stream.received
        return sums

    def _begin(
        self, ssrc: int, payload_type: int, sequence: int, at_s: float
    ) -> StreamCount | None:
        clock_rate = self._expect.clock_rates.get(payload_type)
        if clock_rate is None:
            return None
        if clock_rate == 48_000:
            self.first_audio_at = self.first_audio_at or at_s
        else:
            self.first_video_at = self.first_video_at or at_s
        stream = self.streams[ssrc] = StreamCount(clock_rate, sequence)
        return stream

    def _note_arrival(self, datagram: memoryview, at_s: float) -> None:
        number = read_transport_sequence(datagram, self._expect.transport_cc_id)
        if number is not None and self._arrivals is not None:
            self._arrivals.record(number, int(at_s * 1_000_000))

    def _time(self, datagram: memoryview, at_s: float, voice: int | None) -> None:
        if self._link is None:
            return
        try:
            plain = self._link.unprotect(bytes(datagram))
        except pylibsrtp.Error:
            return
        sent_ns = read_stamp(plain)
        if sent_ns is None:
            return
        arrived_us, sent_us = int(at_s * 1_000_000), sent_ns // 1000
        self._sums.delays_us.append(max(0, arrived_us - sent_us))
        if voice is not None:
            self._gaps.note(voice, arrived_us, sent_us)

    def _ask_key_frame(self, ssrc: int, at_s: float) -> None:
        """As a decoder that lost a packet; without NACKs, so that every loss is seen here."""
        if self._link is None or at_s - self._asked_at.get(ssrc, 0.0) < KEY_FRAME_RETRY_S:
            return
        self._asked_at[ssrc] = at_s
        self._sums.key_frame_requests += 1
        self._link.send_rtcp(rtcp.build_rr(self._ssrc, []) + rtcp.build_pli(self._ssrc, ssrc))

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(FEEDBACK_S, self._tick)
        link, now = self._link, time.monotonic()
        if link is None or not link.is_connected:
            return
        if self._arrivals is not None:
            media = next(iter(self.streams), 0)
            for packet in self._arrivals.flush(self._ssrc, media):
                link.send_rtcp(packet)
        if now - self._reported_at >= REPORT_S and self.streams:
            self._reported_at = now
            link.send_rtcp(self._report(now))

    def _report(self, now: float) -> bytes:
        blocks = [stream.block(ssrc, now) for ssrc, stream in self.streams.items()]
        compound = rtcp.build_rr(self._ssrc, blocks)
        return compound if self._arrivals is not None else compound + self._remb()

    def _remb(self) -> bytes:
        exponent = max(0, REMB_BPS.bit_length() - 18)
        ssrcs = list(self.streams)
        mantissa = REMB_BPS >> exponent
        head = pack("!LL4sB", self._ssrc, 0, b"REMB", len(ssrcs))
        rate = (exponent << 18 | mantissa).to_bytes(3, "big")
        return rtcp.build_packet(PSFB, FMT_APP, head + rate + pack(f"!{len(ssrcs)}L", *ssrcs))
