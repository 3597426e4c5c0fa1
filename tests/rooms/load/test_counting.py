"""Counting a stream by its headers."""

from __future__ import annotations

from rooms.load.counting import StreamCount, VoiceGaps
from rooms.load.synthetic.receiver import read_transport_sequence
from tests.rooms.media.packets import rtp


def counted(*sequences: int) -> tuple[StreamCount, list[int]]:
    stream = StreamCount(90_000, sequences[0])
    return stream, [stream.count(item, 0, 0.0) for item in sequences]


def test_nothing_is_missing_from_a_whole_stream_over_the_turn_of_its_numbers() -> None:
    stream, missing = counted(65_534, 65_535, 0, 1)
    assert missing == [0, 0, 0, 0]
    assert (stream.expected, stream.received) == (4, 4)


def test_a_gap_is_told_at_once_and_a_late_packet_fills_it() -> None:
    stream, missing = counted(10, 13, 11)
    assert missing == [0, 2, 0]
    assert (stream.expected, stream.received, stream.late) == (4, 3, 1)


def test_a_stream_that_begins_anew_under_its_old_name_is_no_loss() -> None:
    stream, missing = counted(10, 11, 20_000, 20_001)
    assert missing == [0, 0, 0, 0]
    assert stream.expected == 4


def test_a_block_tells_the_loss_of_its_own_interval() -> None:
    stream, _ = counted(0, 1, 3)
    assert stream.block(7, 1.0).loss == 64
    stream.count(4, 0, 0.0)
    block = stream.block(7, 2.0)
    assert (block.ssrc, block.loss, block.lost, block.highest) == (7, 0, 1, 4)


def test_even_arrivals_have_no_jitter_and_uneven_ones_do() -> None:
    even, uneven = StreamCount(48_000, 0), StreamCount(48_000, 0)
    for number in range(200):
        even.count(number, number * 960, number * 0.02)
        uneven.count(number, number * 960, number * 0.02 + number % 2 * 0.01)
    assert even.jitter_ms < 0.1
    assert 9 < uneven.jitter_ms < 11


def test_the_transport_wide_number_is_found_among_other_extensions() -> None:
    packet = rtp(
        ssrc=1,
        sequence=1,
        timestamp=1,
        payload_type=96,
        payload=b"x",
        extensions={1: b"v0", 2: b"abc", 5: b"\x12\x34"},
    )
    assert read_transport_sequence(memoryview(packet), 5) == 0x1234
    assert read_transport_sequence(memoryview(packet), 6) is None
    bare = rtp(ssrc=1, sequence=1, timestamp=1, payload_type=96, payload=b"x")
    assert read_transport_sequence(memoryview(bare), 5) is None


def test_a_gap_of_a_voice_is_what_lies_between_sender_and_receiver() -> None:
    gaps = VoiceGaps()
    gaps.note(1, 1_000, 0)
    gaps.note(1, 21_000, 20_000)
    gaps.note(1, 121_000, 40_000)  # held up for 80 ms on the way
    assert gaps.take() == 100_000
    gaps.note(1, 321_000, 240_000)  # its sender was late by 180 ms
    assert gaps.take() == 20_000
    assert gaps.take() == 0


def test_a_pause_is_no_gap_and_voices_are_apart() -> None:
    gaps = VoiceGaps()
    gaps.note(1, 0, 0)
    gaps.note(2, 15_000, 14_000)
    gaps.note(1, 5_000_000, 2_000_000)
    assert gaps.take() == 0
