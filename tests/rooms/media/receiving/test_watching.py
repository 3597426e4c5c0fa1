from __future__ import annotations

from rooms.media.receiving.watching import AWAIT_S, PAUSE_AFTER_S, LayerWatch


def test_a_layer_that_nobody_watches_is_paused_after_a_while() -> None:
    watch = LayerWatch()
    assert not watch.judge(False, True, 0.0)
    assert not watch.judge(False, True, PAUSE_AFTER_S - 0.1)
    assert watch.judge(False, True, PAUSE_AFTER_S)
    assert watch.is_paused


def test_a_glance_now_and_then_keeps_it_going() -> None:
    watch = LayerWatch()
    for second in range(100):
        assert not watch.judge(second % 4 == 0, True, float(second))
    assert not watch.is_paused


def test_whoever_wants_it_again_resumes_it_at_once() -> None:
    watch = LayerWatch()
    watch.judge(False, True, 0.0)
    watch.judge(False, True, PAUSE_AFTER_S)
    assert watch.judge(True, False, PAUSE_AFTER_S + 0.01)
    assert not watch.is_paused
    assert not watch.judge(True, False, PAUSE_AFTER_S + 0.02)


def test_what_does_not_arrive_is_not_paused() -> None:
    watch = LayerWatch()
    watch.judge(True, True, 0.0)
    assert not watch.judge(False, False, 10 * PAUSE_AFTER_S)
    assert not watch.is_paused


def test_a_paused_layer_is_expected_and_one_that_does_not_come_when_asked_is_not() -> None:
    watch = LayerWatch()
    assert not watch.is_expected(0.0)
    watch.judge(False, True, 0.0)
    watch.judge(False, True, PAUSE_AFTER_S)
    assert watch.is_expected(1_000.0)
    watch.judge(True, False, 1_000.0)
    assert watch.is_expected(1_000.0 + AWAIT_S - 0.1)
    assert not watch.is_expected(1_000.0 + AWAIT_S)


def test_nobody_need_have_watched_it_for_it_to_be_paused() -> None:
    watch = LayerWatch()
    watch.judge(False, False, 5.0)
    assert watch.judge(False, True, 5.0 + PAUSE_AFTER_S)
