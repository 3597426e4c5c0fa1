from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.engine.cache import (
    CACHE_PACKETS,
    MAX_ANSWERS,
    MIN_REPEAT_S,
    KeptPacket,
    PacketCache,
)


def packet(sequence: int) -> KeptPacket:
    return KeptPacket(sequence & 0xFFFF, 0, 0, b"", 0, b"payload")


@given(st.floats(0, 1e7))
def test_a_packet_sent_lately_is_found_at_any_time(now: float) -> None:
    cache = PacketCache()
    cache.store(packet(7))
    assert cache.find(7, now) == packet(7)


def test_what_was_never_sent_or_is_overwritten_is_not_found() -> None:
    cache = PacketCache()
    for sequence in range(CACHE_PACKETS + 1):
        cache.store(packet(sequence))
    assert cache.find(0, 0.0) is None
    assert cache.find(CACHE_PACKETS + 1, 0.0) is None
    assert cache.find(1, 0.0) == packet(1)
    assert cache.find(CACHE_PACKETS, 0.0) == packet(CACHE_PACKETS)


def test_repeats_of_one_request_are_answered_once() -> None:
    cache = PacketCache()
    cache.store(packet(7))
    assert cache.find(7, 1.0) is not None
    assert cache.find(7, 1.0 + MIN_REPEAT_S / 2) is None
    assert cache.find(7, 1.0 + 2 * MIN_REPEAT_S) is not None


def test_a_packet_is_sent_again_a_few_times_only() -> None:
    cache = PacketCache()
    cache.store(packet(7))
    answers = [cache.find(7, float(now)) for now in range(MAX_ANSWERS + 3)]
    assert [answer is not None for answer in answers] == [True] * MAX_ANSWERS + [False] * 3


def test_a_later_packet_of_the_same_number_is_answered_anew() -> None:
    cache = PacketCache()
    cache.store(packet(7))
    for now in range(MAX_ANSWERS + 1):
        cache.find(7, float(now))
    cache.store(packet(7)._replace(payload=b"a turn of the counter later"))
    assert cache.find(7, float(MAX_ANSWERS + 1)) is not None


def test_a_cleared_cache_answers_nothing() -> None:
    cache = PacketCache()
    cache.store(packet(7))
    cache.clear()
    assert cache.find(7, 0.0) is None
