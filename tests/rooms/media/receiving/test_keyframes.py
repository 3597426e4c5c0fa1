from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.receiving.keyframes import MIN_INTERVAL_S, MOST_PATIENCE_S, KeyFrameRequests


def test_nothing_is_asked_for_unwanted() -> None:
    assert not KeyFrameRequests().due(0.0)


def test_the_first_wish_is_asked_for_at_once_and_repeated_until_it_comes() -> None:
    requests = KeyFrameRequests()
    requests.request()
    assert requests.due(0.0)
    assert not requests.due(MIN_INTERVAL_S * 0.9)
    assert requests.due(MIN_INTERVAL_S)
    requests.received()
    assert not requests.due(MIN_INTERVAL_S * 5)


def test_a_wish_soon_after_a_key_frame_waits_for_its_turn() -> None:
    requests = KeyFrameRequests()
    requests.request()
    requests.due(0.0)
    requests.received()
    requests.request()
    assert not requests.due(MIN_INTERVAL_S * 0.9)
    assert requests.due(MIN_INTERVAL_S)


def test_a_wish_waits_while_lost_packets_are_on_their_way_but_not_for_long() -> None:
    requests = KeyFrameRequests()
    requests.request()
    assert not requests.due(10.0, is_mending=True)
    assert not requests.due(10.0 + MOST_PATIENCE_S * 0.9, is_mending=True)
    assert requests.due(10.0 + MOST_PATIENCE_S * 1.1, is_mending=True)


def test_a_wish_that_waited_goes_when_all_has_come_and_stays_when_hope_has_gone() -> None:
    requests = KeyFrameRequests()
    requests.request()
    assert not requests.due(0.0, is_mending=True)
    requests.mended()
    assert not requests.due(5.0)
    requests.request()
    assert not requests.due(6.0, is_mending=True)
    assert requests.due(6.1)


def test_a_wish_to_begin_is_not_taken_for_mended() -> None:
    requests = KeyFrameRequests()
    requests.request()
    requests.mended()
    assert requests.due(0.0)


@given(st.lists(st.tuples(st.sampled_from(["request", "received", "due"]), st.floats(0, 0.3))))
def test_two_requests_are_never_closer_than_the_interval(steps: list[tuple[str, float]]) -> None:
    requests = KeyFrameRequests()
    now, asked = 0.0, []
    for step, wait_s in steps:
        now += wait_s
        if step == "request":
            requests.request()
        elif step == "received":
            requests.received()
        if requests.due(now):
            asked.append(now)
    assert all(b - a >= MIN_INTERVAL_S for a, b in pairwise(asked))
