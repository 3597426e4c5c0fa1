"""A turn ends when its work or its time is spent, and those who wait come in rotation."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.rounds import Lines, Rounds, TurnBudget


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


def all_of(lines: Lines[str]) -> str:
    found = ""
    while (waiter := lines.next()) is not None:
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
        # Lines within lines: whoever has many of them has no more turns.
        ("ap1 aq2 ar3 as4 b5", "15234"),
        ("ap1 ap2 ap3 aq4 b5 b6 b7", "1546273"),
        # And where somebody waits at a place that goes on, beside those behind it.
        ("a1 a2 ap3 ap4", "1324"),
    ],
)
def test_lines_take_turns_whoever_is_in_them(joined: str, served: str) -> None:
    lines: Lines[str] = Lines()
    for item in joined.split():
        lines.join(tuple(item[:-1]), item[-1])
    assert all_of(lines) == served
    assert not lines


def test_who_comes_again_stands_behind_the_others() -> None:
    lines: Lines[str] = Lines()
    for item in ["a1", "b2", "c3"]:
        lines.join((item[0],), item[1])
    found = ""
    for _ in range(7):
        waiter = lines.next()
        assert waiter is not None
        found += waiter
        if waiter == "1":
            lines.join(("a",), "1")
    assert found == "1231111"


def test_who_leaves_is_not_served_and_leaves_nothing() -> None:
    lines: Lines[str] = Lines()
    for item in ["a1", "a2", "b3"]:
        lines.join((item[0],), item[1])
    lines.leave(("b",), "3")
    lines.leave(("b",), "3")
    lines.leave(("a",), "1")
    lines.leave(("c", "d"), "never came")
    assert all_of(lines) == "2"
    lines.join(("a",), "1")
    lines.clear()
    assert not lines


def test_where_the_first_has_waited_too_long_the_last_goes() -> None:
    lines: Lines[str] = Lines()
    for at, name in enumerate("123"):
        lines.join(("crowd",), name, float(at))
    lines.join(("other",), "4", 2.0)
    lines.join(("other",), "5", 3.0)
    assert [lines.next(before=1.0) for _ in range(6)] == ["3", "4", "2", "5", "1", None]


# As the networks of addresses are: of two organisations, two houses, two lines.
PLACES = [tuple(place) for place in ("a", "apx", "apy", "aqx", "b", "bpx", "bpxz", "")]
OF_PLACES = st.integers(0, len(PLACES) - 1)


@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["join", "leave", "next", "make room"]), OF_PLACES), max_size=60
    )
)
def test_everybody_who_waits_is_served_once_and_nobody_else(acts: list[tuple[str, int]]) -> None:
    lines, waiting = Lines[int](), dict[int, int]()
    for number, (act, which) in enumerate(acts):
        if act == "join":
            lines.join(PLACES[which], number)
            waiting[number] = which
        elif act == "leave":
            for one in [one for one, place in waiting.items() if place == which][:1]:
                lines.leave(PLACES[which], one)
                del waiting[one]
        else:
            gone = lines.next() if act == "next" else lines.make_room(PLACES[which])
            assert (gone in waiting) if act == "next" and waiting else gone is None or waiting
            if gone is not None:
                del waiting[gone]
        assert lines.size == len(waiting)
    while (gone := lines.next()) is not None:
        del waiting[gone]
    assert not waiting


@given(
    crowd=st.lists(st.tuples(*[st.integers(0, 2)] * 3), max_size=80),
    mine=st.tuples(*[st.integers(0, 2)] * 3),
)
def test_nobody_waits_for_more_than_a_turn_of_each_line_beside_his(
    crowd: list[tuple[int, ...]], mine: tuple[int, ...]
) -> None:
    """However many wait in them, and though each who is served comes again at once."""
    lines, own = Lines[tuple[str, int]](), tuple(map(str, mine))
    for number, keys in enumerate(crowd):
        if keys != mine:
            lines.join(tuple(map(str, keys)), ("crowd", number))
    lines.join(own, ("mine", 0))
    beside = [
        len({keys[level] for keys in crowd if keys[:level] == mine[:level]} | {mine[level]})
        for level in range(3)
    ]
    who = "nobody"
    for _ in range(math.prod(beside)):
        who, number = lines.next() or ("", 0)
        if who == "mine":
            break
        lines.join(tuple(map(str, crowd[number])), (who, number))
    assert who == "mine"


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
