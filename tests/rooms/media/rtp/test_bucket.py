from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.rtp.bucket import Bucket, Rate

RATE = Rate(packets_per_s=100, bits_per_s=512_000, burst_s=2.0)
LARGEST = 1_500
PACKETS = st.lists(st.tuples(st.integers(1, LARGEST), st.floats(0, 0.1)), max_size=400)


@given(PACKETS)
def test_what_passes_is_bounded_in_packets_and_in_bits(packets: list[tuple[int, float]]) -> None:
    bucket = Bucket(RATE)
    now = 0.0
    passed: list[int] = []
    for size, later_s in packets:
        now += later_s
        if bucket.take(size, now):
            passed.append(size)
        assert len(passed) <= RATE.packets_per_s * (RATE.burst_s + now) + 1e-6
        most_bits = RATE.bits_per_s * (RATE.burst_s + now) + 8 * LARGEST
        assert 8 * sum(passed) <= most_bits


def test_a_voice_at_its_usual_rate_passes_for_ever_also_after_a_stall() -> None:
    bucket = Bucket(RATE)
    assert all(bucket.take(160, number / 50) for number in range(5_000))
    assert all(bucket.take(160, 100.0 + 1.5) for _ in range(75))  # what the stall held back
    assert all(bucket.take(160, 101.5 + number / 50) for number in range(5_000))


def test_ten_times_the_rate_gets_the_rate() -> None:
    bucket = Bucket(RATE)
    passed = sum(bucket.take(1_200, number / 500) for number in range(5_000))
    assert 8 * 1_200 * passed / 10 < 1.3 * RATE.bits_per_s


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(RATE)
    while bucket.take(100, 1_000.0):
        pass
    assert not bucket.take(100, 0.0)
    assert bucket.take(100, 1.0)
