"""Transport-wide feedback, read back by a decoder of its own (draft section 3.1)."""

from __future__ import annotations

from itertools import accumulate
from struct import unpack_from

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.receiving.feedback import (
    DELTA_US,
    HISTORY_US,
    MAX_JUMP,
    MAX_STATUSES,
    ArrivalRecorder,
    encode_chunks,
)


def decode_chunks(data: bytes, count: int) -> tuple[list[int], int]:
    """The first `count` statuses, and where the chunks end."""
    statuses: list[int] = []
    at = 0
    while len(statuses) < count:
        (word,) = unpack_from("!H", data, at)
        at += 2
        if not word & 0x8000:
            statuses += [word >> 13 & 3] * (word & 0x1FFF)
        elif word & 0x4000:
            statuses += [word >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [word >> shift & 1 for shift in range(13, -1, -1)]
    return statuses[:count], at


def decode(packet: bytes) -> dict[int, int | None]:
    """Arrival time in microseconds by sequence number; None for those that did not come."""
    first, kind, words = unpack_from("!BBH", packet)
    assert (first, kind, 4 * words + 4) == (0x80 | 15, 205, len(packet))
    base, count, reference = unpack_from("!HHL", packet, 12)
    assert 0 < count <= MAX_STATUSES
    statuses, at = decode_chunks(packet[20:], count)
    at += 20
    time_us = (reference >> 8) * 64_000
    times: dict[int, int | None] = {}
    for index, status in enumerate(statuses):
        sequence = (base + index) & 0xFFFF
        times[sequence] = None
        if status == 1:
            time_us += packet[at] * DELTA_US
            at += 1
        elif status == 2:
            time_us += unpack_from("!h", packet, at)[0] * DELTA_US
            at += 2
        else:
            assert status == 0
            continue
        times[sequence] = time_us
    assert len(packet) - at < 4, "only padding is left"
    return times


def decode_all(packets: list[bytes]) -> dict[int, int | None]:
    times: dict[int, int | None] = {}
    for packet in packets:
        times.update(decode(packet))
    return times


def told_at_once(arrivals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many as one flush tells: a sender that is further than MAX_JUMP began anew."""
    steps = accumulate(step for step, _wait_us in arrivals[1:])
    return arrivals[: 1 + sum(step <= MAX_JUMP for step in steps)]


ARRIVALS = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 400_000)), min_size=1, max_size=60
).map(told_at_once)


@given(st.integers(0, 0xFFFF), st.integers(0, 10**11), ARRIVALS)
def test_every_arrival_and_every_hole_is_told(
    start: int, start_us: int, arrivals: list[tuple[int, int]]
) -> None:
    recorder = ArrivalRecorder()
    expected: dict[int, int] = {}
    sequence, at_us = start, start_us
    for step, wait_us in arrivals:
        sequence, at_us = sequence + step, at_us + wait_us
        recorder.record(sequence & 0xFFFF, at_us)
        expected[sequence] = at_us
    times = decode_all(recorder.flush(1, 2))
    first, last = min(expected), max(expected)
    assert set(times) == {number & 0xFFFF for number in range(first, last + 1)}
    wrap_us = (1 << 24) * 64_000
    for number in range(first, last + 1):
        told = times[number & 0xFFFF]
        came = expected.get(number)
        assert (told is None) == (came is None)
        if told is not None and came is not None:
            assert 0 <= (came - told) % wrap_us < DELTA_US


@given(st.permutations(range(40)))
def test_the_order_of_arrival_does_not_matter(order: list[int]) -> None:
    recorder = ArrivalRecorder()
    for index, sequence in enumerate(order):
        recorder.record((65_520 + sequence) & 0xFFFF, 1_000_000 + 1_000 * index)
    times = decode_all(recorder.flush(1, 2))
    assert {(number - 65_520) & 0xFFFF for number in times} == set(range(40))
    for index, sequence in enumerate(order):
        assert times[(65_520 + sequence) & 0xFFFF] == 1_000_000 + 1_000 * index


def test_feedback_goes_on_where_it_stopped_and_is_numbered() -> None:
    recorder = ArrivalRecorder()
    recorder.record(10, 0)
    (one,) = recorder.flush(1, 2)
    assert recorder.flush(1, 2) == []
    recorder.record(13, 1_000)
    (two,) = recorder.flush(1, 2)
    assert set(decode(two)) == {11, 12, 13}
    assert (one[19], two[19]) == (0, 1)


def test_a_late_packet_is_told_again_with_its_neighbours() -> None:
    recorder = ArrivalRecorder()
    for sequence in (1, 3):
        recorder.record(sequence, sequence * 1_000)
    recorder.flush(1, 2)
    recorder.record(2, 5_000)
    assert decode_all(recorder.flush(1, 2)) == {2: 5_000, 3: 3_000}


def test_a_packet_too_late_to_tell_is_left_out() -> None:
    recorder = ArrivalRecorder()
    recorder.record(5, 0)
    recorder.flush(1, 2)
    recorder.record(6, 2 * HISTORY_US)
    recorder.flush(1, 2)
    recorder.record(4, 2 * HISTORY_US + 1_000)
    assert recorder.flush(1, 2) == []


def test_a_duplicate_keeps_its_first_time() -> None:
    recorder = ArrivalRecorder()
    recorder.record(5, 1_000)
    recorder.record(5, 9_000)
    assert decode_all(recorder.flush(1, 2)) == {5: 1_000}


def test_a_counter_that_jumps_begins_anew() -> None:
    recorder = ArrivalRecorder()
    recorder.record(5, 0)
    recorder.record(5 + MAX_JUMP + 1, 1_000)
    assert decode_all(recorder.flush(1, 2)) == {5 + MAX_JUMP + 1: 1_000}


@given(st.lists(st.integers(1, MAX_JUMP), min_size=20, max_size=200))
def test_whatever_is_counted_one_flush_and_the_memory_stay_bounded(steps: list[int]) -> None:
    recorder = ArrivalRecorder()
    sequence = 0
    for step in steps:
        sequence += step
        recorder.record(sequence & 0xFFFF, 0)
    assert len(recorder) <= MAX_JUMP + 1
    assert len(recorder.flush(1, 2)) <= MAX_JUMP // MAX_STATUSES + 1


def test_packets_far_apart_in_time_have_references_of_their_own() -> None:
    recorder = ArrivalRecorder()
    recorder.record(1, 0)
    recorder.record(2, 60_000_000)
    packets = recorder.flush(1, 2)
    assert len(packets) == 2
    assert decode_all(packets) == {1: 0, 2: 60_000_000}


@given(st.lists(st.integers(0, 2), min_size=1, max_size=MAX_STATUSES))
def test_chunks_carry_any_statuses(statuses: list[int]) -> None:
    chunks = encode_chunks(statuses)
    assert decode_chunks(chunks, len(statuses)) == (statuses, len(chunks))


def test_runs_are_short_and_the_largest_packet_fits_a_datagram() -> None:
    assert len(encode_chunks([1] * MAX_STATUSES)) == 2
    recorder = ArrivalRecorder()
    for index in range(MAX_STATUSES):
        recorder.record(index, index * 100_000 if index % 2 else index * 100_000 + 99_000)
    assert max(map(len, recorder.flush(1, 2))) <= 1_200
