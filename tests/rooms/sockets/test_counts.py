"""Counting what a hub's signalling does."""

from __future__ import annotations

import pytest

from rooms.media.events import Direction, TransportChanged
from rooms.sockets.counts import JOIN_BOUNDS_S, JOIN_PATIENCE_S, Arrivals
from tests.rooms.house import MEETING, House, secretary, site_seat

XA = ("m1", "s-xa")


def within(arrivals: Arrivals) -> dict[float, int]:
    counts = arrivals.durations.counts
    return {
        bound: count for bound, count in zip((*JOIN_BOUNDS_S, 99.0), counts, strict=True) if count
    }


def test_a_seat_has_joined_once_media_runs_in_both_directions() -> None:
    arrivals = Arrivals()
    arrivals.begin(XA, 10.0)
    arrivals.connect(XA, "send", 10.3)
    assert within(arrivals) == {}
    arrivals.connect(XA, "receive", 10.4)
    assert within(arrivals) == {0.5: 1}
    assert arrivals.durations.total_s == pytest.approx(0.4)


def test_media_that_comes_back_later_is_no_second_arrival() -> None:
    arrivals = Arrivals()
    arrivals.begin(XA, 0.0)
    for _ in range(2):
        arrivals.connect(XA, "send", 1.0)
        arrivals.connect(XA, "receive", 1.0)
    arrivals.connect(("m1", "s-huyen"), "send", 1.0)  # nobody we saw come
    assert within(arrivals) == {1.0: 1}


def test_the_end_of_an_old_socket_does_not_forget_the_new_one() -> None:
    arrivals = Arrivals()
    arrivals.begin(XA, 0.0)
    arrivals.begin(XA, 5.0)
    arrivals.forget(XA, 0.0)
    arrivals.connect(XA, "send", 5.2)
    arrivals.connect(XA, "receive", 5.2)
    assert within(arrivals) == {0.25: 1}


def test_a_seat_that_left_or_took_a_minute_did_not_arrive() -> None:
    arrivals = Arrivals()
    for began, gone in ((0.0, True), (10.0, False)):
        arrivals.begin(XA, began)
        if gone:
            arrivals.forget(XA, began)
        later = began + JOIN_PATIENCE_S + 1
        arrivals.connect(XA, "send", later)
        arrivals.connect(XA, "receive", later)
    assert within(arrivals) == {}


async def test_the_hub_counts_seats_sockets_messages_and_refusals(house: House) -> None:
    page, _ = await house.join(site_seat("xa"))
    console, _ = await house.join(secretary())
    await page.send("nonsense")
    await page.expect("problem")
    await page.send("hello", version=1, resume="")
    await page.expect("problem", code="already_in")
    counts = house.hub.counts()
    assert counts.members == {"site": 1, "secretary": 1}
    assert counts.sockets == 2
    assert not console.socket.closed
    assert counts.messages["hello"] == 3
    assert "nonsense" not in counts.messages  # a stranger's words would be series for ever
    assert counts.rejected["already_in"] == 1
    assert sum(counts.rejected.values()) == 2


async def test_the_hub_times_a_join_by_the_media_s_events(house: House) -> None:
    await house.join(site_seat("xa"))
    directions: tuple[Direction, ...] = ("send", "receive")
    for direction in directions:
        event = TransportChanged(MEETING, "s-xa", direction, "connected", "GCM")
        house.hub.on_media(event)
    assert sum(house.hub.counts().joins.counts) == 1
