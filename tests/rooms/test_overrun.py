"""Live meetings that nobody ended."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub import news
from confhub.admission import LIVE_AFTER_END, OPEN_AFTER_END
from confhub.bus import Bus
from confhub.store import Store
from rooms.overrun import end_once, is_over
from tests.rooms.house import MEETING, meeting

END = meeting().ends_at
MOMENT = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "is_held", "over"),
    [
        (END + OPEN_AFTER_END, True, False),  # people are inside: nobody is sent home
        (END + LIVE_AFTER_END - MOMENT, True, False),
        (END + LIVE_AFTER_END, True, True),
        (END + OPEN_AFTER_END - MOMENT, False, False),
        (END + OPEN_AFTER_END, False, True),
    ],
)
def test_a_meeting_runs_over_while_somebody_is_in_it(
    now: dt.datetime, is_held: bool, over: bool
) -> None:
    assert is_over(meeting(status="live"), now, is_held=is_held) == over


async def test_a_forgotten_meeting_is_ended_on_record_and_its_room_hears_of_it(
    store: Store, bus: Bus
) -> None:
    stored = await store.meetings.get(MEETING)
    await store.meetings.set_status(MEETING, "live")
    now = stored.ends_at + OPEN_AFTER_END
    async with bus.subscribe(news.MEETINGS_TOPIC) as heard:
        await end_once(store, bus, now, {MEETING})
        assert (await store.meetings.get(MEETING)).status == "live"
        await end_once(store, bus, now, ())
        assert news.decode_meeting(await anext(heard)).what == "ended"
    assert (await store.meetings.get(MEETING)).status == "ended"
    assert [entry.action for entry in await store.audit.recent(1, MEETING)] == ["meeting.ended"]
