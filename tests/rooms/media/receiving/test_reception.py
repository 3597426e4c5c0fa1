from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.receiving.reception import (
    HOLES,
    MAX_MISSING,
    MAX_NACK_TRIES,
    MAX_SEEN,
    MIN_RETRY_S,
    REORDER_GRACE_S,
    MissingPackets,
    StreamReception,
)
from rooms.media.rtp.rtcp import SenderReport


def receive(reception: StreamReception, sequences: list[int]) -> None:
    for sequence in sequences:
        reception.receive(sequence & 0xFFFF, 0, 100, 0.0)


@given(st.integers(0, 0xFFFF), st.sets(st.integers(0, 300), min_size=2))
def test_loss_is_what_is_missing_between_first_and_last(start: int, offsets: set[int]) -> None:
    reception = StreamReception(7, 90_000)
    order = [start + offset for offset in sorted(offsets)]
    receive(reception, order)
    expected = max(offsets) - min(offsets) + 1
    assert reception.measure_loss() == (expected, len(offsets))
    assert reception.measure_loss() == (0, 0)
    block = reception.report(0.0)
    assert block.lost == expected - len(offsets)
    assert block.loss == (block.lost << 8) // expected
    assert block.highest == (order[0] & 0xFFFF) + expected - 1  # turns of the counter included


def test_a_report_covers_the_time_since_the_one_before() -> None:
    reception = StreamReception(7, 90_000)
    receive(reception, [1, 2, 4])
    assert reception.report(0.0).loss == 64
    receive(reception, [5, 6])
    block = reception.report(0.0)
    assert (block.loss, block.lost) == (0, 1)


def test_packets_before_the_first_and_duplicates_give_no_negative_fraction() -> None:
    reception = StreamReception(7, 90_000)
    receive(reception, [10, 9, 10, 10])
    block = reception.report(0.0)
    assert (block.loss, block.lost) == (0, -2)


def test_an_unheard_stream_reports_nothing() -> None:
    block = StreamReception(7, 90_000).report(5.0)
    assert (block.ssrc, block.loss, block.lost, block.last_report, block.delay) == (7, 0, 0, 0, 0)


def test_a_report_echoes_the_senders_last_one() -> None:
    reception = StreamReception(7, 90_000)
    reception.last_report = SenderReport(7, 0x0102030405060708, 0, 0, 0)
    reception.last_report_at = 10.0
    block = reception.report(10.5)
    assert block.last_report == 0x03040506
    assert block.delay == 32_768


def test_jitter_follows_rfc_3550() -> None:
    reception = StreamReception(7, 8_000)
    for index in range(500):
        late_s = 0.010 if index % 2 else 0.0
        reception.receive(index, index * 160, 1, index * 0.020 + late_s)
    assert reception.jitter_ms == pytest.approx(10, rel=0.02)


def test_a_new_timeline_is_no_jitter_and_the_clock_may_wrap() -> None:
    reception = StreamReception(7, 48_000)
    for index, timestamp in enumerate([0xFFFFFFFF - 480, 479, 10_000_000, 10_000_960]):
        reception.receive(index, timestamp, 1, index * 0.020)
    assert reception.jitter_ms < 0.2


@given(st.integers(0, 0xFFFF), st.integers(-1_000, 1_000))
def test_extending_counts_nothing(start: int, offset: int) -> None:
    reception = StreamReception(7, 90_000)
    extended, highest = reception.receive(start, 0, 1, 0.0)
    assert (extended, highest) == (start, start)
    assert reception.extend((start + offset) & 0xFFFF) == start + offset
    assert reception.expected == 1


def arrive(missing: MissingPackets, sequences: list[int], now: float = 0.0) -> list[bool]:
    highest = sequences[0]
    fresh = []
    for sequence in sequences:
        fresh.append(missing.receive(sequence, highest, now))
        highest = max(highest, sequence)
    return fresh


def test_a_hole_is_asked_for_after_a_grace_and_again_evenly() -> None:
    missing = MissingPackets()
    arrive(missing, [1, 2, 5])
    assert missing.due(REORDER_GRACE_S / 2, None) == []
    asked, now = [], REORDER_GRACE_S
    while len(missing):
        if missing.due(now, None) == [3, 4]:
            asked.append(now)
        now += MIN_RETRY_S / 4
    assert len(asked) == MAX_NACK_TRIES
    waits = [later - earlier for earlier, later in pairwise(asked)]
    assert waits == pytest.approx([MIN_RETRY_S] * len(waits), abs=MIN_RETRY_S / 2)
    assert missing.gave_up


def test_a_long_round_trip_spaces_the_requests() -> None:
    missing = MissingPackets()
    arrive(missing, [1, 3])
    assert missing.due(1.0, 400.0) == [2]
    assert missing.due(1.49, 400.0) == []
    assert missing.next_at == pytest.approx(1.5)
    assert missing.due(1.51, 400.0) == [2]


def test_there_is_hope_while_what_is_missing_was_asked_for_a_short_while_ago() -> None:
    missing = MissingPackets()
    assert not missing.is_hopeful
    arrive(missing, [1, 3])
    assert missing.is_hopeful
    for at in (1.0, 2.0):
        missing.due(at, None)
        assert missing.is_hopeful
    missing.due(3.0, None)
    assert not missing.is_hopeful
    assert missing.next_at > 3.0
    arrive(missing, [2])
    assert not missing.is_hopeful


def test_a_packet_that_comes_is_asked_for_no_more_and_its_duplicate_is_known() -> None:
    missing = MissingPackets()
    assert arrive(missing, [1, 3, 2, 2, 3]) == [True, True, True, False, False]
    assert missing.due(1.0, None) == []


def test_numbers_wrap_in_requests() -> None:
    missing = MissingPackets()
    arrive(missing, [65_535, 65_538])
    assert missing.due(1.0, None) == [0, 1]


def test_a_wide_hole_is_an_outage() -> None:
    missing = MissingPackets()
    arrive(missing, [1, 3, MAX_MISSING + 5])
    assert len(missing) == 0
    assert missing.gave_up


def test_a_sender_that_leaves_holes_all_the_time_is_not_asked_for_each() -> None:
    missing, noted, times = MissingPackets(), 0, 2_500
    for nth in range(times):
        before = len(missing)
        number = (MAX_MISSING + 1) * nth
        missing.receive(number, number - MAX_MISSING - 1, nth / times)
        noted += max(0, len(missing) - before)
        missing.forget_before(number)
    assert noted <= HOLES.burst + HOLES.per_s
    missing.receive(number + 3, number, 10.0)
    assert missing.due(11.0, None) == [number + 1 & 0xFFFF, number + 2 & 0xFFFF]


def test_a_lossy_line_is_mended_without_end() -> None:
    missing = MissingPackets()
    for nth in range(20_000):  # every third of 800 a second
        if nth % 3 != 1:
            missing.receive(nth, nth - 1 - (nth % 3 == 2), nth / 800)
        assert not missing.gave_up
        missing.due(nth / 800, 20.0)
        missing.forget_before(nth - 50)


def test_a_key_frame_forgets_the_holes_before_it_and_none_after() -> None:
    missing = MissingPackets()
    arrive(missing, [1, 3, 7, 9])
    missing.forget_before(7)
    assert missing.due(1.0, None) == [8]
    assert not missing.gave_up


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=1_500))
def test_memory_is_bounded_whatever_comes(sequences: list[int]) -> None:
    missing = MissingPackets()
    arrive(missing, sequences)
    assert len(missing) <= MAX_MISSING
    assert missing._seen._used.bit_length() <= MAX_SEEN


def test_a_retransmission_mends_only_what_came_before() -> None:
    missing = MissingPackets()
    assert not missing.mend(5, 0.0)  # nothing has come yet
    arrive(missing, [5, 7])
    assert missing.mend(6, 0.1)
    assert not missing.mend(6, 0.2)
    assert not missing.mend(8, 0.2)
    assert missing.receive(8, 7, 0.3)


def test_what_is_older_than_the_memory_of_arrivals_is_refused() -> None:
    missing = MissingPackets()
    arrive(missing, [0, 2])
    arrive(missing, list(range(3, MAX_SEEN + 1)))
    assert missing.mend(1, 1.0)
    arrive(missing, [MAX_SEEN + 1, MAX_SEEN + 2])
    assert not missing.mend(1, 2.0)
    assert not missing.mend(2, 2.0)
    assert not missing.receive(2, MAX_SEEN + 2, 2.0)
