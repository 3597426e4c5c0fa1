"""The one promise of the rewriter: what goes out looks like one sender without faults."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.media.engine.rewriter import (
    MAX_AHEAD,
    MAX_DROPS,
    MAX_MARKS,
    SENT_WINDOW,
    Rewriter,
    Rewritten,
)
from rooms.media.rtp.vp8 import Vp8Descriptor
from tests.rooms.media.packets import vp8

STARTS = st.tuples(
    st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0x7FFF), st.integers(0, 255)
)


@dataclass
class Frame:
    """Packets of one picture, whether it is sent on, and the time since the one before."""

    packets: int
    is_sent: bool
    ticks: int


FRAMES = st.lists(
    st.builds(Frame, st.integers(1, 4), st.booleans(), st.integers(1, 90_000)),
    min_size=1,
    max_size=12,
)


class Camera:
    """A source that counts from anywhere; each of its sent frames is of the base layer."""

    def __init__(self, start: tuple[int, int, int, int]) -> None:
        self.sequence, self.timestamp, self.picture, self.tl0 = start

    def packets(self, frame: Frame) -> list[tuple[int, int, Vp8Descriptor]]:
        self.timestamp = (self.timestamp + frame.ticks) & 0xFFFFFFFF
        self.picture = (self.picture + 1) & 0x7FFF
        self.tl0 = (self.tl0 + frame.is_sent) & 0xFF
        result = []
        for index in range(frame.packets):
            self.sequence = (self.sequence + 1) & 0xFFFF
            payload = vp8(picture=self.picture, tl0=self.tl0, start=index == 0)
            result.append((self.sequence, self.timestamp, Vp8Descriptor(payload)))
        return result


def descriptor_of(out: Rewritten) -> Vp8Descriptor:
    return Vp8Descriptor(out.head + b"body")


def send(
    rewriter: Rewriter, sequence: int, timestamp: int, vp8: Vp8Descriptor | None = None
) -> Rewritten | None:
    """What goes out for a packet, which is sent."""
    out = rewriter.rewrite(sequence, timestamp, vp8)
    if out is not None:
        rewriter.sent(out)
    return out


@given(STARTS, st.lists(st.tuples(STARTS, st.integers(-5, 200_000), FRAMES), max_size=5))
def test_switches_and_dropped_frames_leave_no_seam(
    start: tuple[int, int, int, int],
    sources: list[tuple[tuple[int, int, int, int], int, list[Frame]]],
) -> None:
    rewriter = Rewriter(*start)
    last = Rewritten(start[0], start[1], b"", 0, start[0], True)
    last_picture, last_tl0 = start[2], start[3]
    for camera_start, elapsed, frames in sources:
        camera = Camera(camera_start)
        frames[0].is_sent = True  # a switch waits for a key frame, and sends it
        step: int | None = None  # of the outgoing timestamp; None until the first packet
        for frame in frames:
            if step is not None:
                step += frame.ticks
            for index, (sequence, timestamp, described) in enumerate(camera.packets(frame)):
                if step is None:
                    rewriter.switch(sequence, timestamp, elapsed, described)
                    step = max(elapsed, 1)
                if not frame.is_sent:
                    rewriter.drop(sequence, described)
                    continue
                out = send(rewriter, sequence, timestamp, described)
                assert out is not None
                assert out.sequence == (last.sequence + 1) & 0xFFFF
                assert out.timestamp == (last.timestamp + step) & 0xFFFFFFFF
                assert out.skip == described.size
                head = descriptor_of(out)
                last_picture = (last_picture + (index == 0)) & 0x7FFF
                last_tl0 = (last_tl0 + (index == 0)) & 0xFF
                assert (head.picture_id, head.tl0_index) == (last_picture, last_tl0)
                last, step = out, 0
        assert rewriter.last_sequence == last.sequence
        assert rewriter.last_timestamp == last.timestamp


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.lists(st.integers(-20, 40), min_size=1, max_size=60, unique=True),
)
def test_lost_and_reordered_packets_keep_their_distances(
    start: int, base: int, offsets: list[int]
) -> None:
    """A hole of the network stays one, so that the receiver can ask for what is missing."""
    rewriter = Rewriter(start, 0, 0, 0)
    rewriter.switch(base, 0, 1)
    send(rewriter, base, 0)
    for offset in offsets:
        out = send(rewriter, (base + offset) & 0xFFFF, offset & 0xFFFFFFFF)
        if offset <= 0:
            assert out is None, "from before the switch, or sent"
        else:
            assert out is not None
            assert out.sequence == (start + 1 + offset) & 0xFFFF
            assert out.timestamp == (1 + offset) & 0xFFFFFFFF


@given(
    st.integers(0, 0xFFFF),
    st.permutations(range(1, 30)),
    st.sets(st.integers(1, 29), max_size=15),
)
def test_any_order_of_packets_and_drops_gives_each_kept_packet_a_number_of_its_own(
    base: int, arrivals: list[int], dropped: set[int]
) -> None:
    rewriter = Rewriter(0, 0, 0, 0)
    rewriter.switch(base, 0, 1)
    outs = {0: send(rewriter, base, 0)}
    for offset in arrivals:
        sequence = (base + offset) & 0xFFFF
        if offset in dropped:
            rewriter.drop(sequence)
            assert send(rewriter, sequence, 0) is None
        else:
            outs[offset] = send(rewriter, sequence, offset)
    numbers = [out.sequence for _, out in sorted(outs.items()) if out is not None]
    assert len(numbers) == len(outs) == 30 - len(dropped)
    assert all(before < after for before, after in pairwise(numbers))


def test_a_drop_that_is_repeated_counts_once() -> None:
    rewriter = Rewriter(0, 0, 0, 0)
    rewriter.switch(10, 0, 1)
    for _ in range(3):
        rewriter.drop(10)
    out = send(rewriter, 11, 0)
    assert out is not None
    assert out.sequence == 1


def test_what_comes_later_than_the_memory_of_drops_has_no_place() -> None:
    rewriter = Rewriter(0, 0, 0, 0)
    rewriter.switch(0, 0, 1)
    for sequence in range(2, 4 * MAX_MARKS, 2):
        rewriter.drop(sequence)
        send(rewriter, sequence + 1, 0)
    assert send(rewriter, 1, 0) is None
    assert len(rewriter._marks) <= MAX_MARKS
    assert len(rewriter._dropped) <= MAX_DROPS


def test_a_number_is_given_once() -> None:
    rewriter = Rewriter(0, 0, 0, 0)
    rewriter.switch(10, 0, 1)
    assert send(rewriter, 10, 0) is not None
    assert send(rewriter, 10, 0) is None
    rewriter.drop(10)  # too late: its number is out
    out = send(rewriter, 11, 0)
    assert out is not None
    assert out.sequence == 2


def test_a_late_packet_counts_as_sent_where_another_source_goes_on() -> None:
    rewriter = Rewriter(0, 0, 0, 0)
    rewriter.switch(10, 0, 1)
    send(rewriter, 10, 0)
    rewriter.drop(12)
    late = send(rewriter, 11, 0)
    rewriter.switch(700, 0, 1)
    after = send(rewriter, 700, 0)
    assert late is not None
    assert after is not None
    assert after.sequence == late.sequence + 1


@pytest.mark.parametrize("later", [0, 1, SENT_WINDOW - 1, SENT_WINDOW, 30_000, 66_560])
def test_what_comes_later_than_the_memory_of_numbers_has_no_place(later: int) -> None:
    rewriter = Rewriter(0, 0, 0, 0)
    rewriter.switch(0, 0, 1)
    send(rewriter, 0, 0)
    for sequence in range(2, later + 2):
        send(rewriter, sequence & 0xFFFF, 0)
    out = send(rewriter, 1, 0)
    assert (out is not None) == (later < SENT_WINDOW)


@given(st.integers(0, 0xFFFF), st.lists(st.integers(1, 0x7FFF), min_size=1, max_size=20))
def test_a_wide_hole_is_drawn_together(start: int, steps: list[int]) -> None:
    """However far a source jumps: the receiver must know which turn of the counter it is in."""
    rewriter = Rewriter(start, 0, 0, 0)
    rewriter.switch(0, 0, 1)
    last = send(rewriter, 0, 0)
    sequence = 0
    for step in steps:
        sequence = (sequence + step) & 0xFFFF
        out = send(rewriter, sequence, 0)
        assert out is not None
        assert last is not None
        hole = (out.sequence - last.sequence) & 0xFFFF
        assert hole == (step if step <= MAX_AHEAD else 2)
        last = out


def test_what_is_not_sent_in_the_end_uses_up_no_number() -> None:
    rewriter = Rewriter(0, 0, 500, 7)
    described = Vp8Descriptor(vp8(picture=9, tl0=9))
    rewriter.switch(0, 5, 1, described)
    first = rewriter.rewrite(0, 5, described)
    assert first == rewriter.rewrite(0, 5, described)
    for sequence in range(200, 0x10000, 200):
        rewriter.rewrite(sequence, 90, described)
    assert (rewriter.last_sequence, rewriter.last_timestamp) == (0, 0)
    out = send(rewriter, 0, 99, described)
    assert out is not None
    assert out.sequence == 2


@pytest.mark.parametrize("ahead", [0, -1, -5_000])
def test_a_dropped_frame_of_a_picture_that_was_counted_moves_no_pictures(ahead: int) -> None:
    rewriter = Rewriter(0, 0, 500, 7)
    rewriter.switch(0, 0, 1, Vp8Descriptor(vp8(picture=9)))
    send(rewriter, 0, 0, Vp8Descriptor(vp8(picture=9)))
    rewriter.drop(1, Vp8Descriptor(vp8(picture=10)))
    rewriter.drop(2, Vp8Descriptor(vp8(picture=10 + ahead)))
    out = send(rewriter, 3, 0, Vp8Descriptor(vp8(picture=11)))
    assert out is not None
    assert (out.sequence, descriptor_of(out).picture_id) == (2, 502)


def test_before_the_first_switch_nothing_has_a_place() -> None:
    rewriter = Rewriter(0, 0, 0, 0)
    rewriter.drop(5)
    assert send(rewriter, 6, 0) is None


def test_a_7_bit_picture_id_goes_on_in_15_bits() -> None:
    rewriter = Rewriter(0, 0, 500, 0)
    pictures = []
    for sequence, picture in enumerate([126, 127, 0, 1]):
        described = Vp8Descriptor(bytes([0x90, 0x80, picture, 1, 2]))
        if sequence == 0:
            rewriter.switch(sequence, 0, 1, described)
        out = send(rewriter, sequence, 0, described)
        assert out is not None
        pictures.append(descriptor_of(out).picture_id)
    assert pictures == [501, 502, 503, 504]


def test_a_source_without_picture_ids_gets_none_and_the_next_goes_on_counting() -> None:
    rewriter = Rewriter(0, 0, 500, 7)
    bare = Vp8Descriptor(b"\x10\x01")
    rewriter.switch(1, 0, 1, bare)
    out = send(rewriter, 1, 0, bare)
    assert out is not None
    assert (descriptor_of(out).picture_id, descriptor_of(out).tl0_index) == (None, None)
    full = Vp8Descriptor(vp8(picture=9, tl0=9))
    rewriter.switch(50, 0, 1, full)
    out = send(rewriter, 50, 0, full)
    assert out is not None
    assert (descriptor_of(out).picture_id, descriptor_of(out).tl0_index) == (501, 8)
