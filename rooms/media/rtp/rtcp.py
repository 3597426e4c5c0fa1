"""RTCP compounds, read and written (RFC 3550 section 6, RFC 4585, RFC 3611). Pure.

Reading returns what the hub acts on and skips the rest; a broken packet raises ValueError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct, pack, unpack_from
from typing import NamedTuple

SR, RR, SDES, BYE, RTPFB, PSFB, XR = 200, 201, 202, 203, 205, 206, 207
FMT_NACK, FMT_TRANSPORT_CC = 1, 15
FMT_PLI, FMT_FIR, FMT_APP = 1, 4, 15

# A compound within 1,500 bytes holds fewer; more is an attack on our time. What its messages may
# cost is in rtcp_budget.py.
MAX_PACKETS = 64
# Two reports of 31 streams each, as many requests, and feedback: the rest is not read.
MAX_MESSAGES = 128
# Of an extended report; browsers write one or two, with one entry for the hub.
MAX_BLOCKS = 32

# A compound that stays within any path's MTU.
MAX_COMPOUND_BYTES = 1100
# What takes a limit back: more than any line.
NO_LIMIT_BPS = 1e9
MAX_LIMITED = 31  # streams that a limit names

PAIR = Struct("!HH")
PAIR_BYTES = PAIR.size
MASK = b"\0\0\xff\xff"


class SenderReport(NamedTuple):
    """`ntp` is the 64-bit NTP time, `timestamp` the RTP time of the same instant."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    payload_bytes: int


class ReportBlock(NamedTuple):
    """One receiver's view of stream `ssrc`. Jitter in clock ticks; `delay` in 1/65536 s."""

    ssrc: int
    loss: int  # fraction lost since the last report, in 1/256
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


class Nack(NamedTuple):
    """`asked`: pairs of a number and a mask of the 16 after it (RFC 4585 section 6.2.1)."""

    ssrc: int
    asked: bytes

    @property
    def pairs(self) -> int:
        return len(self.asked) // PAIR_BYTES

    @property
    def asks(self) -> int:
        """How many numbers it asks for."""
        masks = int.from_bytes(MASK * self.pairs) & int.from_bytes(self.asked)
        return self.pairs + masks.bit_count()

    @property
    def sequences(self) -> tuple[int, ...]:
        """Each number that is asked for."""
        return tuple(numbers_of(self.asked))


class KeyFrameRequest(NamedTuple):
    """A PLI or a FIR."""

    ssrc: int


class Remb(NamedTuple):
    """Receiver Estimated Maximum Bitrate (draft-alvestrand-rmcat-remb-03)."""

    bitrate_bps: int


class Dlrr(NamedTuple):
    """The answer to our reference time report (RFC 3611 section 4.5), as in ReportBlock."""

    last_report: int
    delay: int


class TransportFeedback(NamedTuple):
    """Transport-wide feedback, to be read by who has sent the packets (arrivals.py)."""

    body: bytes

    @property
    def tells(self) -> int:
        """Of how many packets it says that it tells."""
        return int.from_bytes(self.body[10:12])


RtcpMessage = SenderReport | ReportBlock | Nack | KeyFrameRequest | Remb | Dlrr | TransportFeedback


def numbers_of(asked: bytes) -> Iterator[int]:
    """The numbers that pairs of a NACK name, in order."""
    for packet_id, mask in PAIR.iter_unpack(asked):
        left, sequence = mask << 1 | 1, packet_id
        while left:
            if left & 1:
                yield sequence & 0xFFFF
            left >>= 1
            sequence += 1


def parse_compound(data: bytes) -> list[RtcpMessage]:
    """What a compound says, in order. Raises ValueError when it is malformed."""
    messages: list[RtcpMessage] = []
    at = 0
    for _ in range(MAX_PACKETS):
        if at == len(data) or len(messages) >= MAX_MESSAGES:
            return messages[:MAX_MESSAGES]
        if at + 4 > len(data):
            raise ValueError("RTCP header is truncated")
        first, kind, words = unpack_from("!BBH", data, at)
        if first >> 6 != 2:
            raise ValueError("RTCP version is not 2")
        end = at + 4 + 4 * words
        if end > len(data):
            raise ValueError("RTCP packet is truncated")
        body = data[at + 4 : end]
        if first & 0x20 and body:
            if not 0 < body[-1] <= len(body):
                raise ValueError("RTCP padding is wrong")
            body = body[: -body[-1]]
        reader = READERS.get(kind)
        if reader is not None:
            reader(messages, first & 0x1F, body)
        at = end
    raise ValueError("RTCP compound has too many packets")


def _read_sr(messages: list[RtcpMessage], count: int, body: bytes) -> None:
    if len(body) < 24:
        raise ValueError("sender report is truncated")
    messages.append(SenderReport(*unpack_from("!LQLLL", body)))
    _read_blocks(messages, count, body, 24)


def _read_rr(messages: list[RtcpMessage], count: int, body: bytes) -> None:
    _read_blocks(messages, count, body, 4)


def _read_blocks(messages: list[RtcpMessage], count: int, body: bytes, at: int) -> None:
    if len(body) < at + 24 * count:
        raise ValueError("report blocks are truncated")
    for start in range(at, at + 24 * count, 24):
        ssrc, word, highest, jitter, last_report, delay = unpack_from("!LLLLLL", body, start)
        lost = word & 0xFFFFFF
        lost -= (lost & 0x800000) << 1
        messages.append(ReportBlock(ssrc, word >> 24, lost, highest, jitter, last_report, delay))


def _read_rtpfb(messages: list[RtcpMessage], fmt: int, body: bytes) -> None:
    if len(body) < 8:
        raise ValueError("feedback is truncated")
    if fmt == FMT_TRANSPORT_CC:
        messages.append(TransportFeedback(body))
    elif fmt == FMT_NACK:
        messages.append(Nack(unpack_from("!L", body, 4)[0], body[8 : len(body) & ~3]))


def _read_psfb(messages: list[RtcpMessage], fmt: int, body: bytes) -> None:
    if len(body) < 8:
        raise ValueError("feedback is truncated")
    if fmt == FMT_PLI:
        messages.append(KeyFrameRequest(unpack_from("!L", body, 4)[0]))
    elif fmt == FMT_FIR:
        messages += [
            KeyFrameRequest(unpack_from("!L", body, at)[0])
            for at in range(8, min(len(body) - 7, 8 * MAX_MESSAGES), 8)
        ]
    elif fmt == FMT_APP and body[8:12] == b"REMB" and len(body) >= 16:
        exponent = body[13] >> 2
        mantissa = (body[13] & 3) << 16 | body[14] << 8 | body[15]
        messages.append(Remb(mantissa << exponent))


def _read_xr(messages: list[RtcpMessage], _count: int, body: bytes) -> None:
    at = 4
    for _ in range(MAX_BLOCKS):
        if at + 4 > len(body):
            return
        kind, _, words = unpack_from("!BBH", body, at)
        end = at + 4 + 4 * words
        if end > len(body):
            raise ValueError("extended report is truncated")
        if kind == 5:
            entries = range(at + 4, end - 11, 12)[:MAX_BLOCKS]
            messages += [Dlrr(*unpack_from("!LL", body, start + 4)) for start in entries]
        at = end


READERS = {SR: _read_sr, RR: _read_rr, RTPFB: _read_rtpfb, PSFB: _read_psfb, XR: _read_xr}


def join(packets: Iterable[bytes]) -> Iterator[bytes]:
    """These in compounds, each as long as may be."""
    compound = b""
    for packet in packets:
        if compound and len(compound) + len(packet) > MAX_COMPOUND_BYTES:
            yield compound
            compound = b""
        compound += packet
    if compound:
        yield compound


def build_packet(kind: int, count: int, body: bytes) -> bytes:
    return pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def build_block(block: ReportBlock) -> bytes:
    lost = max(-0x800000, min(block.lost, 0x7FFFFF)) & 0xFFFFFF
    return pack(
        "!LLLLLL",
        block.ssrc,
        block.loss << 24 | lost,
        block.highest & 0xFFFFFFFF,
        block.jitter & 0xFFFFFFFF,
        block.last_report,
        block.delay & 0xFFFFFFFF,
    )


def build_rr(ssrc: int, blocks: Sequence[ReportBlock]) -> bytes:
    """Receiver reports for up to 31 streams each, as many packets as needed."""
    parts = [blocks[i : i + 31] for i in range(0, len(blocks), 31)] or [blocks]
    return b"".join(
        build_packet(RR, len(part), pack("!L", ssrc) + b"".join(map(build_block, part)))
        for part in parts
    )


def build_sr(report: SenderReport) -> bytes:
    return build_packet(
        SR,
        0,
        pack(
            "!LQLLL",
            report.ssrc,
            report.ntp,
            report.timestamp,
            report.packets & 0xFFFFFFFF,
            report.payload_bytes & 0xFFFFFFFF,
        ),
    )


def build_sdes(ssrcs: Iterable[int], cname: str) -> bytes:
    """One CNAME chunk per stream, 31 at most (RFC 3550 section 6.5)."""
    name = cname.encode()
    item = bytes([1, len(name)]) + name
    chunks = [pack("!L", ssrc) + item + bytes(4 - len(item) % 4) for ssrc in list(ssrcs)[:31]]
    return build_packet(SDES, len(chunks), b"".join(chunks))


def build_pli(sender: int, ssrc: int) -> bytes:
    return build_packet(PSFB, FMT_PLI, pack("!LL", sender, ssrc))


def build_nack(sender: int, ssrc: int, sequences: Iterable[int]) -> bytes:
    """Generic NACK (RFC 4585 section 6.2.1). `sequences` in stream order, 16 bits each."""
    items: list[list[int]] = []
    for sequence in sequences:
        if items:
            ahead = (sequence - items[-1][0] - 1) & 0xFFFF
            if ahead < 16:
                items[-1][1] |= 1 << ahead
                continue
        items.append([sequence, 0])
    body = b"".join(pack("!HH", packet_id, mask) for packet_id, mask in items)
    return build_packet(RTPFB, FMT_NACK, pack("!LL", sender, ssrc) + body)


def build_remb(sender: int, bitrate_bps: float, ssrcs: Sequence[int]) -> bytes:
    """Rounded down to what 18 bits hold (draft-alvestrand-rmcat-remb-03 section 2.2)."""
    mantissa = max(0, int(bitrate_bps))
    exponent = max(0, mantissa.bit_length() - 18)
    mantissa >>= exponent
    told = list(ssrcs)[:MAX_LIMITED]
    body = pack("!LL4sB", sender, 0, b"REMB", len(told)) + pack("!L", exponent << 18 | mantissa)[1:]
    return build_packet(PSFB, FMT_APP, body + b"".join(pack("!L", ssrc) for ssrc in told))


def build_reference_time(sender: int, ntp: int) -> bytes:
    """Receiver Reference Time Report: asks a sender for a DLRR, from which comes its RTT."""
    return build_packet(XR, 0, pack("!LBBHQ", sender, 4, 0, 2, ntp))


def ntp_time(seconds: float) -> int:
    """Seconds as a 64-bit NTP time.

    The hub counts from its start of time and not from 1900, as RFC 3550 section 4 allows:
    a clock that is set during a meeting then disturbs no round trip.
    """
    return int(seconds * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def ntp_middle(ntp: int) -> int:
    """The middle 32 bits, which reports echo as LSR."""
    return ntp >> 16 & 0xFFFFFFFF


def round_trip_ms(now_ntp: int, last_report: int, delay: int) -> float | None:
    """Round trip from an echoed report time (RFC 3550 section 6.4.1), or None if unusable."""
    if not last_report:
        return None
    ticks = (ntp_middle(now_ntp) - last_report - delay) & 0xFFFFFFFF
    # A clock that ran backwards by a little reads as an enormous number: no measurement.
    return ticks / 65.536 if ticks < 0x80000000 else None
