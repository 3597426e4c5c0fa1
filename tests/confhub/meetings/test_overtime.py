"""A meeting made longer while it runs, and an end that is taken back."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.errors import BadInput, ConfhubError, Conflict
from confhub.meetings import changes
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.overtime import REOPEN_WITHIN, extended, reopenable_until, reopened
from tests.confhub.meetings.sittings import at, council

START = dt.datetime(2026, 11, 25, 1, tzinfo=dt.UTC)
END = START + dt.timedelta(hours=2)


def meeting(status: MeetingStatus = "live", ends_at: dt.datetime = END) -> Meeting:
    return Meeting("m1", "Giao ban", "district", "huyen", "huyen", START, ends_at, status)


@pytest.mark.parametrize(
    ("now", "minutes", "end"),
    [
        (END - dt.timedelta(minutes=5), 15, END + dt.timedelta(minutes=15)),
        (END - dt.timedelta(minutes=5), 30, END + dt.timedelta(minutes=30)),
        # It runs over: from now, or the new end would be past already.
        (END + dt.timedelta(minutes=20, seconds=40), 15, END + dt.timedelta(minutes=35)),
    ],
)
def test_the_end_is_put_off(now: dt.datetime, minutes: int, end: dt.datetime) -> None:
    assert extended(meeting(), minutes, now).ends_at == end


@pytest.mark.parametrize(
    ("held", "minutes", "kind"),
    [
        (meeting("ended"), 15, Conflict),
        (meeting("cancelled"), 15, Conflict),
        (meeting(), 20, BadInput),
        (meeting(), -15, BadInput),
        (meeting(ends_at=START + dt.timedelta(hours=12)), 15, BadInput),
    ],
)
def test_what_cannot_be_put_off(held: Meeting, minutes: int, kind: type[ConfhubError]) -> None:
    with pytest.raises(kind):
        extended(held, minutes, END)


def test_one_that_has_run_over_is_put_off_however_long_it_is() -> None:
    late = END + dt.timedelta(hours=12)
    assert extended(meeting(), 15, late).ends_at == late + dt.timedelta(minutes=15)
    with pytest.raises(BadInput):
        extended(meeting("scheduled"), 15, late)


def test_an_end_is_taken_back_for_five_minutes() -> None:
    assert reopened(meeting("ended"), END, END + REOPEN_WITHIN).status == "live"
    assert reopenable_until(meeting("ended"), END, END) == END + REOPEN_WITHIN
    for held, ended_at, now in (
        (meeting("live"), END, END),
        (meeting("ended"), END, END + REOPEN_WITHIN + dt.timedelta(seconds=1)),
        (meeting("ended"), None, END),  # it ended by itself
        (meeting("cancelled"), END, END),
        (meeting("scheduled"), END, END),
        (council(), None, END),
    ):
        with pytest.raises(Conflict):
            reopened(held, ended_at, now)
        assert reopenable_until(held, ended_at, now) is None


@pytest.mark.parametrize(
    ("end", "over"),
    [
        (at(0, 7, 45), 0),  # at open doors, before the first hour
        (at(0, 15), 1),  # the afternoon goes on, the morning stays over
        (at(1, 7, 45), 2),  # day 1 was ended; this was day 2 at open doors
        (at(1, 8, 30), 2),
    ],
)
def test_the_sitting_that_was_held_goes_on(end: dt.datetime, over: int) -> None:
    held = council(status="live")
    if end > at(1, 0):
        held = changes.ended(held, at(0, 17))
    again = reopened(changes.ended(held, end), end, end)
    assert again.status == "live"
    assert [one.is_over for one in again.all_sittings] == [n < over for n in range(6)]
