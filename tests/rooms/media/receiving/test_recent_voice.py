from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.receiving.recent_voice import MAX_KEPT, MAX_RED_BYTES, RecentVoice
from rooms.media.rtp.red import Copy, RedPayload, parse_red

OPUS = 111


def say(voice: RecentVoice, *numbers: int) -> None:
    for number in numbers:
        assert voice.receive(number, number * 960, b"%d" % number)


def red(number: int, *ticks: int) -> RedPayload:
    copies = tuple(Copy(item, b"copy of %d" % (number - item // 960)) for item in ticks)
    return RedPayload(b"%d" % number, copies)


def test_duplicates_and_what_comes_too_late_are_not_taken() -> None:
    voice = RecentVoice()
    say(voice, 1, 3, 2)
    assert not voice.receive(3, 2_880, b"3")
    say(voice, 3 + MAX_KEPT)
    assert not voice.receive(3, 2_880, b"3")
    assert voice.receive(4, 3_840, b"late")


def test_copies_fill_what_was_lost_in_the_order_of_speech() -> None:
    voice = RecentVoice()
    say(voice, 1, 2)
    assert voice.fill(5, 4_800, red(5, 1_920, 960)) == [
        (3, 2_880, b"copy of 3"),
        (4, 3_840, b"copy of 4"),
    ]
    say(voice, 4)
    assert voice.fill(5, 4_800, red(5, 1_920, 960)) == [(3, 2_880, b"copy of 3")]


def test_nothing_is_filled_that_was_never_awaited() -> None:
    voice = RecentVoice()
    assert voice.fill(5, 4_800, red(5, 960)) == []
    say(voice, 5)
    assert voice.fill(6, 5_760, red(6, 960)) == []


def test_copies_whose_time_tells_that_they_are_others_are_left_out() -> None:
    voice = RecentVoice()
    say(voice, 1, 2)
    # The last but one packet, which is known, where the last would be.
    assert voice.fill(4, 3_840, red(4, 1_920)) == []
    assert voice.fill(4, 3_840, RedPayload(b"4", (Copy(0, b"no time passed"),))) == []


def test_times_wrap() -> None:
    voice = RecentVoice()
    voice.receive(1, 0xFFFFFFFF - 959, b"1")
    assert voice.fill(3, 960, RedPayload(b"3", (Copy(960, b"2"),))) == [(2, 0, b"2")]
    voice.receive(2, 0, b"2")
    assert parse_red(voice.repeat(2, 0, b"2", 1, OPUS), OPUS) == (b"2", (Copy(960, b"1"),))


def test_a_packet_repeats_those_right_before_it() -> None:
    voice = RecentVoice()
    say(voice, 1, 2, 3)
    assert parse_red(voice.repeat(3, 2_880, b"3", 2, OPUS), OPUS) == (
        b"3",
        (Copy(1_920, b"1"), Copy(960, b"2")),
    )
    say(voice, 5)  # without 4 there is nothing right before it
    assert parse_red(voice.repeat(5, 4_800, b"5", 2, OPUS), OPUS) == (b"5", ())


def test_a_pause_is_not_repeated_across() -> None:
    voice = RecentVoice()
    voice.receive(1, 0, b"1")
    voice.receive(2, 400 * 48, b"2")  # 400 ms of silence: more than an offset can say
    assert parse_red(voice.repeat(2, 400 * 48, b"2", 1, OPUS), OPUS) == (b"2", ())


def test_copies_never_make_a_packet_too_long_for_a_path() -> None:
    voice = RecentVoice()
    long = bytes(600)
    for number in range(3):
        voice.receive(number, number * 960, long)
    assert len(voice.repeat(2, 1_920, long, 2, OPUS)) <= MAX_RED_BYTES
    voice.receive(3, 2_880, bytes(1_300))
    voice.receive(4, 3_840, b"4")
    assert parse_red(voice.repeat(4, 3_840, b"4", 1, OPUS), OPUS) == (b"4", ())


@given(st.lists(st.tuples(st.integers(-70_000, 70_000), st.integers(0, 0xFFFFFFFF)), max_size=300))
def test_whatever_comes_memory_is_bounded(packets: list[tuple[int, int]]) -> None:
    voice = RecentVoice()
    for extended, timestamp in packets:
        payload = RedPayload(b"voice", (Copy(960, b"before"),))
        for lost, stamp, copy in voice.fill(extended, timestamp, payload):
            voice.receive(lost, stamp, copy)
        voice.receive(extended, timestamp, b"voice")
        voice.repeat(extended, timestamp, b"voice", 2, OPUS)
        assert len(voice._kept) <= MAX_KEPT
