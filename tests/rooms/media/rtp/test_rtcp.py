from __future__ import annotations

from struct import pack

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.rtp import rtcp
from rooms.media.rtp.rtcp import Dlrr, KeyFrameRequest, Nack, Remb, ReportBlock, SenderReport
from tests.rooms.media.packets import asked

U32 = st.integers(0, 0xFFFFFFFF)
U16 = st.integers(0, 0xFFFF)
BLOCKS = st.builds(
    ReportBlock, U32, st.integers(0, 255), st.integers(-0x800000, 0x7FFFFF), U32, U32, U32, U32
)
SENDER_REPORTS = st.builds(SenderReport, U32, st.integers(0, (1 << 64) - 1), U32, U32, U32)


@given(SENDER_REPORTS)
def test_a_sender_report_reads_back_here_and_elsewhere(report: SenderReport) -> None:
    data = rtcp.build_sr(report)
    assert rtcp.parse_compound(data) == [report]
    (other,) = RtcpPacket.parse(data)
    assert isinstance(other, RtcpSrPacket)
    assert (other.ssrc, other.sender_info.ntp_timestamp) == (report.ssrc, report.ntp)


@given(st.lists(BLOCKS, max_size=70))
def test_report_blocks_read_back_here_and_elsewhere(blocks: list[ReportBlock]) -> None:
    data = rtcp.build_rr(9, blocks)
    assert rtcp.parse_compound(data) == blocks
    others = RtcpPacket.parse(data)
    assert all(isinstance(other, RtcpRrPacket) and other.ssrc == 9 for other in others)
    reports = [item for other in others for item in other.reports]  # type: ignore[union-attr]
    assert [(r.ssrc, r.packets_lost, r.dlsr) for r in reports] == [
        (block.ssrc, block.lost, block.delay) for block in blocks
    ]


@pytest.mark.parametrize(("lost", "kept"), [(1 << 30, 0x7FFFFF), (-(1 << 30), -0x800000)])
def test_losses_beyond_24_bits_stop_at_the_limit(lost: int, kept: int) -> None:
    (block,) = rtcp.parse_compound(rtcp.build_rr(1, [ReportBlock(2, 0, lost, 0, 0, 0, 0)]))
    assert isinstance(block, ReportBlock)
    assert block.lost == kept


@given(U16, st.sets(st.integers(0, 400), min_size=1, max_size=60))
def test_a_nack_names_the_same_packets_here_and_elsewhere(start: int, offsets: set[int]) -> None:
    sequences = [(start + offset) & 0xFFFF for offset in sorted(offsets)]
    data = rtcp.build_nack(1, 2, sequences)
    (nack,) = rtcp.parse_compound(data)
    assert isinstance(nack, Nack)
    assert (nack.ssrc, nack.sequences, nack.asks) == (2, tuple(sequences), len(sequences))
    (other,) = RtcpPacket.parse(data)
    assert isinstance(other, RtcpRtpfbPacket)
    assert [number & 0xFFFF for number in other.lost] == sequences  # it does not wrap


def test_a_key_frame_request_reads_back_here_and_elsewhere() -> None:
    data = rtcp.build_pli(1, 2)
    assert rtcp.parse_compound(data) == [KeyFrameRequest(2)]
    (other,) = RtcpPacket.parse(data)
    assert isinstance(other, RtcpPsfbPacket)
    assert (other.fmt, other.media_ssrc) == (1, 2)


@pytest.mark.parametrize(
    ("name", "chunk"),
    [
        ("a", b"\x01\x01a\0"),
        ("ab", b"\x01\x02ab\0\0\0\0"),
        ("abcde", b"\x01\x05abcde\0"),
    ],
)
def test_names_end_with_a_null_on_a_word_and_are_skipped_when_read(name: str, chunk: bytes) -> None:
    data = rtcp.build_sdes([1, 2], name)
    assert data[4:] == b"\0\0\0\1" + chunk + b"\0\0\0\2" + chunk
    assert rtcp.parse_compound(data + rtcp.build_pli(1, 2)) == [KeyFrameRequest(2)]


def test_a_full_intra_request_names_its_streams() -> None:
    body = pack("!LL", 1, 0) + pack("!LBxxx", 5, 1) + pack("!LBxxx", 6, 1)
    data = rtcp.build_packet(rtcp.PSFB, rtcp.FMT_FIR, body)
    assert rtcp.parse_compound(data) == [KeyFrameRequest(5), KeyFrameRequest(6)]


@given(st.integers(0, 63), st.integers(0, 0x3FFFF))
def test_an_estimate_is_mantissa_and_exponent(exponent: int, mantissa: int) -> None:
    word = exponent << 18 | mantissa
    body = pack("!LL", 1, 0) + b"REMB" + bytes([1]) + word.to_bytes(3, "big") + pack("!L", 7)
    data = rtcp.build_packet(rtcp.PSFB, rtcp.FMT_APP, body)
    assert rtcp.parse_compound(data) == [Remb(mantissa << exponent)]


@given(st.floats(0, 60e9), st.lists(st.integers(0, 0xFFFFFFFF), max_size=40))
def test_a_limit_is_read_as_it_was_meant(bitrate_bps: float, ssrcs: list[int]) -> None:
    (found,) = rtcp.parse_compound(rtcp.build_remb(1, bitrate_bps, ssrcs))
    assert isinstance(found, Remb)
    assert bitrate_bps * (1 - 2**-17) - 1 < found.bitrate_bps <= bitrate_bps


def test_the_answer_to_a_reference_time_is_read_among_other_extended_reports() -> None:
    unknown = pack("!BBHL", 42, 0, 1, 0)
    dlrr = pack("!BBHLLL", 5, 0, 3, 9, 77, 88)
    data = rtcp.build_packet(rtcp.XR, 0, pack("!L", 1) + unknown + dlrr)
    assert rtcp.parse_compound(data) == [Dlrr(77, 88)]
    assert rtcp.parse_compound(rtcp.build_reference_time(1, 5)) == []


def test_a_compound_is_read_in_order_and_unknown_kinds_are_skipped() -> None:
    data = rtcp.build_packet(210, 0, bytes(8)) + rtcp.build_pli(1, 2) + rtcp.build_pli(1, 3)
    assert rtcp.parse_compound(data) == [KeyFrameRequest(2), KeyFrameRequest(3)]
    assert rtcp.parse_compound(b"") == []


def test_padding_is_left_out() -> None:
    data = bytearray(rtcp.build_nack(1, 2, [5]) + b"\0\0\0\4")
    data[0] |= 0x20
    data[3] += 1
    assert rtcp.parse_compound(bytes(data)) == [Nack(2, asked(5))]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x80", "header is truncated"),
        (b"\x40\xc9\x00\x00", "version"),
        (b"\x80\xc9\x00\x02" + bytes(4), "packet is truncated"),
        (b"\x80\xc8\x00\x01" + bytes(4), "sender report is truncated"),
        (b"\x82\xc9\x00\x01" + bytes(4), "report blocks are truncated"),
        (b"\x81\xcd\x00\x01" + bytes(4), "feedback is truncated"),
        (b"\x81\xce\x00\x01" + bytes(4), "feedback is truncated"),
        (b"\x80\xcf\x00\x02" + bytes(4) + b"\x05\x00\x00\x09", "extended report is truncated"),
        (b"\xa0\xc9\x00\x01" + b"\0\0\0\0", "padding"),
        (b"\xa0\xc9\x00\x01" + b"\0\0\0\x09", "padding"),
        (b"\x80\xd2\x00\x00" * (rtcp.MAX_PACKETS + 1), "too many"),
    ],
)
def test_malformed_compounds_raise_value_error(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rtcp.parse_compound(data)


@given(st.lists(st.tuples(U16, U16), max_size=300))
def test_what_is_asked_for_is_counted_without_being_listed(pairs: list[tuple[int, int]]) -> None:
    body = pack("!LL", 1, 2) + b"".join(pack("!HH", *pair) for pair in pairs)
    (nack,) = rtcp.parse_compound(rtcp.build_packet(rtcp.RTPFB, rtcp.FMT_NACK, body))
    assert isinstance(nack, Nack)
    assert nack.pairs == len(pairs)
    assert nack.asks == len(nack.sequences) == sum(1 + mask.bit_count() for _, mask in pairs)


COMPOUND = (
    rtcp.build_sr(SenderReport(1, 2, 3, 4, 5))
    + rtcp.build_rr(1, [ReportBlock(1, 2, 3, 4, 5, 6, 7)])
    + rtcp.build_nack(1, 2, [1, 5, 40])
    + rtcp.build_pli(1, 2)
    + rtcp.build_packet(rtcp.XR, 0, pack("!LBBHLLL", 1, 5, 0, 3, 9, 7, 8))
)


@given(st.lists(st.tuples(st.integers(0, len(COMPOUND) - 1), st.integers(0, 255)), max_size=6))
def test_any_change_of_a_compound_is_read_or_raises_value_error(
    changes: list[tuple[int, int]],
) -> None:
    data = bytearray(COMPOUND)
    for at, value in changes:
        data[at] = value
    for candidate in (bytes(data), bytes(data[: changes[0][0]]) if changes else b""):
        try:
            rtcp.parse_compound(candidate)
        except ValueError:
            continue


@given(st.binary(max_size=120), st.integers(200, 207), st.integers(0, 31))
def test_any_bytes_are_read_or_raise_value_error(data: bytes, kind: int, count: int) -> None:
    data += bytes(-len(data) % 4)
    for candidate in (data[:-1], rtcp.build_packet(kind, count, data)):
        try:
            rtcp.parse_compound(candidate)
        except ValueError:
            continue


@given(st.floats(0, 1e6), st.floats(0.0005, 10), st.floats(0, 60))
def test_a_round_trip_is_the_time_without_the_peers_delay(
    sent: float, trip_s: float, delay_s: float
) -> None:
    last_report = rtcp.ntp_middle(rtcp.ntp_time(sent))
    now = rtcp.ntp_time(sent + trip_s + delay_s)
    found = rtcp.round_trip_ms(now, last_report, int(delay_s * 65536))
    if last_report:
        assert found == pytest.approx(trip_s * 1000, abs=0.1)
    else:
        assert found is None


def test_a_report_of_none_of_ours_and_one_from_the_future_tell_no_round_trip() -> None:
    now = rtcp.ntp_time(100.0)
    assert rtcp.round_trip_ms(now, 0, 0) is None
    assert rtcp.round_trip_ms(now, rtcp.ntp_middle(rtcp.ntp_time(100.5)), 0) is None


def test_a_compound_says_a_bounded_number_of_things() -> None:
    many = rtcp.build_packet(rtcp.PSFB, rtcp.FMT_FIR, bytes(8) + bytes(8) * 300)
    assert len(rtcp.parse_compound(many * 3)) == rtcp.MAX_MESSAGES


def test_of_an_extended_report_a_bounded_number_of_blocks_is_read() -> None:
    answer = pack("!BBHLLL", 5, 0, 3, 9, 77, 88)
    for unknown, read in ((rtcp.MAX_BLOCKS - 1, [Dlrr(77, 88)]), (rtcp.MAX_BLOCKS, [])):
        blocks = pack("!BBH", 42, 0, 0) * unknown + answer
        assert rtcp.parse_compound(rtcp.build_packet(rtcp.XR, 0, bytes(4) + blocks)) == read
    entries = pack("!BBH", 5, 0, 3 * 100) + bytes(12) * 100
    data = rtcp.build_packet(rtcp.XR, 0, bytes(4) + entries)
    assert len(rtcp.parse_compound(data)) == rtcp.MAX_BLOCKS
