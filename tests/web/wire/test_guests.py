"""Who makes room for a newcomer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from web.wire.guests import Guest, Guests
from web.wire.leaving import SLOWEST_BYTES_S
from web.wire.shaping import Shaped, Stage

YOUNG_S = 1.0


@dataclass
class Line:
    """What a connection has moved by now."""

    heard_bytes: int = 0
    taken_bytes: int = 0
    unsent_bytes: int = 0
    is_behind: bool = False


class House:
    def __init__(self) -> None:
        self.guests = Guests()

    def let_in(self, now: float, stage: Stage | None = None, *, unsent: int = 0) -> Guest:
        """A newcomer that is at this stage since then; None: no whole head came."""
        guest = Guest(("10.0.0.1",), now)
        guest.shaped = cast("Shaped", Line(unsent_bytes=unsent))
        self.guests.arrive(guest)
        if stage is not None:
            self.note(guest, stage, now)
        return guest

    def note(self, guest: Guest, stage: Stage, now: float) -> None:
        guest.begin(now)
        self.guests.note(guest, stage)

    def goes(self, now: float) -> Guest | None:
        guest = self.guests.one_to_go(now, YOUNG_S)
        if guest is not None:
            self.guests.leave(guest)
        return guest


def line_of(guest: Guest) -> Line:
    return cast("Line", guest.shaped)


def test_who_said_least_goes_first_and_nobody_who_is_answered() -> None:
    house = House()
    taker = house.let_in(0.0, "idle", unsent=5000)
    idle = house.let_in(1.0, "idle")
    body = house.let_in(2.0, "body")
    stranger = house.let_in(3.0)
    house.let_in(0.0, "answering")
    assert [house.goes(10.0) for _ in range(5)] == [stranger, body, idle, taker, None]
    assert house.guests.count == 1


def test_who_just_came_is_left_to_say_what_he_wants() -> None:
    house = House()
    stages: tuple[Stage | None, ...] = (None, "body", "idle")
    for stage in stages:
        house.let_in(9.5, stage)
    assert house.goes(10.0) is None
    assert house.goes(10.6) is not None


def test_of_bodies_the_slowest_makes_room_and_none_that_comes_as_by_a_narrow_line() -> None:
    house = House()
    quick, slow, slowest = (house.let_in(0.0, "body") for _ in range(3))
    line_of(quick).heard_bytes = 10 * SLOWEST_BYTES_S
    line_of(slow).heard_bytes = SLOWEST_BYTES_S
    line_of(slowest).heard_bytes = 10
    assert [house.goes(10.0) for _ in range(3)] == [slowest, slow, None]


def test_who_sent_much_at_first_does_not_live_on_it() -> None:
    house = House()
    body = house.let_in(0.0, "body")
    line_of(body).heard_bytes = 100 * SLOWEST_BYTES_S
    assert house.goes(10.0) is None
    assert house.goes(20.0) is body


def test_behind_many_quick_ones_the_slow_ones_are_found() -> None:
    house = House()
    quick = [house.let_in(0.0, "body") for _ in range(100)]
    slow = [house.let_in(0.0, "body") for _ in range(100)]
    for guest in quick:
        line_of(guest).heard_bytes = 100 * SLOWEST_BYTES_S
    gone = [house.goes(10.0 + number / 1000) for number in range(150)]
    assert {guest for guest in gone if guest is not None} == {*slow}


def test_a_body_that_waits_for_us_is_not_slow() -> None:
    house = House()
    line_of(house.let_in(0.0, "body")).is_behind = True
    assert house.goes(10.0) is None


def test_a_whole_body_is_being_answered() -> None:
    house = House()
    guest = house.let_in(0.0, "body")
    house.note(guest, "answering", 1.0)
    assert house.goes(10.0) is None


def test_who_takes_no_answer_makes_room_and_shields_no_idle_one() -> None:
    house = House()
    takers = [house.let_in(0.0, "idle", unsent=5000) for _ in range(100)]
    idle = house.let_in(1.0, "idle")
    for guest in takers[50:]:
        line_of(guest).taken_bytes = 100 * SLOWEST_BYTES_S
    gone = [house.goes(10.0 + number / 1000) for number in range(100)]
    assert {guest for guest in gone if guest is not None} == {idle, *takers[:50]}


def test_what_a_taker_sends_meanwhile_does_not_count() -> None:
    house = House()
    taker = house.let_in(0.0, "idle", unsent=5000)
    line_of(taker).heard_bytes = 100 * SLOWEST_BYTES_S
    assert house.goes(10.0) is taker
