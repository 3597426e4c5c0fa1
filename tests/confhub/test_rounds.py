"""A turn ends when its work or its time is spent, and those who wait come in rotation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from confhub.rounds import Rotation, Rounds, TurnBudget


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("spent", "passed_s", "has_left", "left"),
    [
        (0, 0.0, True, 10),
        (9, 0.0, True, 1),
        (10, 0.0, False, 0),
        (25, 0.0, False, -15),
        (0, 0.0029, True, 10),
        (0, 0.003, False, 0),
        (9, 1.0, False, 0),
        (0, -5.0, True, 10),
    ],
)
def test_a_turn_is_over_by_work_or_by_time(
    spent: int, passed_s: float, has_left: bool, left: int
) -> None:
    clock = Clock()
    budget = TurnBudget(10, 0.003, clock)
    budget.spend(spent)
    clock.now += passed_s
    assert (budget.has_left, budget.left) == (has_left, left)
    budget.begin()
    assert (budget.has_left, budget.left) == (True, 10)


def all_of(rotation: Rotation[str]) -> str:
    found = ""
    while (waiter := rotation.next()) is not None:
        found += waiter
    return found


@pytest.mark.parametrize(
    ("joined", "served"),
    [
        ("", ""),
        ("a1 a2 a3", "123"),
        ("a1 a2 a3 b4", "1423"),
        ("a1 a2 a3 b4 b5 c6", "146253"),
        ("a1 a1 b2 a1", "12"),
    ],
)
def test_lines_take_turns_whoever_is_in_them(joined: str, served: str) -> None:
    rotation: Rotation[str] = Rotation()
    for item in joined.split():
        rotation.join(item[0], item[1])
    assert all_of(rotation) == served
    assert not rotation


def test_who_comes_again_stands_behind_the_others() -> None:
    rotation: Rotation[str] = Rotation()
    for item in ["a1", "b2", "c3"]:
        rotation.join(item[0], item[1])
    found = ""
    for _ in range(7):
        waiter = rotation.next()
        assert waiter is not None
        found += waiter
        if waiter == "1":
            rotation.join("a", "1")
    assert found == "1231111"


def test_who_leaves_is_not_served_and_leaves_nothing() -> None:
    rotation: Rotation[str] = Rotation()
    for item in ["a1", "a2", "b3"]:
        rotation.join(item[0], item[1])
    rotation.leave("b", "3")
    rotation.leave("b", "3")
    rotation.leave("a", "1")
    rotation.leave("c", "never came")
    assert all_of(rotation) == "2"
    rotation.join("a", "1")
    rotation.clear()
    assert not rotation


class Loop:
    """Calls what it was given when its next turn begins."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def soon(self, call: Callable[[], None]) -> Loop:
        self.calls.append(call)
        return self

    def cancel(self) -> None:
        self.calls.clear()

    def turn(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            call()


def test_a_turn_begins_when_somebody_asks_and_goes_on_while_somebody_waits() -> None:
    loop, waiting, served = Loop(), [1, 2, 3], list[int]()
    budget = TurnBudget(2, 1.0, lambda: 0.0)

    def serve() -> None:
        while budget.has_left and waiting:
            served.append(waiting.pop(0))
            budget.spend(1)

    rounds = Rounds(budget, lambda: bool(waiting), serve, loop.soon)
    assert rounds.has_left
    budget.spend(2)
    assert not rounds.has_left
    assert len(loop.calls) == 1  # one turn is awaited, whoever asks
    loop.turn()
    assert served == [1, 2]
    loop.turn()
    assert served == [1, 2, 3]
    loop.turn()  # nobody waits: no further turn is wanted
    assert loop.calls == []
    rounds.come()
    rounds.stop()
    assert loop.calls == []
