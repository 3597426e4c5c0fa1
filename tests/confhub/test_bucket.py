"""Rates: what passes at once, and in the long run."""

from __future__ import annotations

from confhub.bucket import Buckets, Rate, TokenBucket, each_second

TWICE = Rate(1, 2)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(Rate(2, 3))
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(1.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(1000.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(0.0) is False  # a clock that steps back earns nothing


def test_what_is_had_each_second_may_be_had_at_once() -> None:
    bucket = TokenBucket(each_second(3))
    assert [bucket.take(7.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(8.0) for _ in range(4)] == [True, True, True, False]


def test_a_bucket_says_when_the_next_one_may_pass() -> None:
    bucket = TokenBucket(Rate(2, 1))
    assert bucket.wait_s(0.0) == 0.0
    assert bucket.take(0.0)
    assert bucket.wait_s(0.0) == 0.5
    assert bucket.wait_s(0.25) == 0.25
    assert bucket.take(0.5)
    assert Buckets(2).wait_s("a", TWICE, 0.0) == 0.0


def test_each_of_many_has_its_own_and_the_least_used_is_forgotten() -> None:
    buckets = Buckets(2)
    assert [buckets.take("a", TWICE, 0.0) for _ in range(3)] == [True, True, False]
    assert buckets.take("b", TWICE, 0.0)
    assert not buckets.take("a", TWICE, 0.0)
    assert buckets.take("c", TWICE, 0.0)  # now b was used least
    assert not buckets.take("a", TWICE, 0.0)
    assert [buckets.take("b", TWICE, 0.0) for _ in range(3)] == [True, True, False]
