"""Live meetings that nobody ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from confhub.bus import news
from confhub.bus.interface import Bus
from confhub.desks import meetings as desk
from confhub.errors import Unavailable
from confhub.meetings.admission import LIVE_AFTER_END, OPEN_AFTER_END
from confhub.store import Store, Work
from rooms.hub.overrun import Overruns, is_over
from tests.rooms.house import MEETING, meeting
from tests.statuses import set_status

END = meeting().ends_at
MOMENT = dt.timedelta(seconds=1)
LATER = dt.timedelta(minutes=5)
LAST = news.encode(news.MeetingNews(meeting_id=MEETING, what="changed"))


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
    await set_status(store, MEETING, "live")
    now = stored.ends_at + OPEN_AFTER_END
    async with bus.subscribe(news.MEETINGS_TOPIC) as heard:
        await Overruns(store, bus).end(now, {MEETING})
        assert (await store.meetings.get(MEETING)).status == "live"
        await Overruns(store, bus).end(now, ())
        assert news.decode_meeting(await anext(heard)).what == "ended"
    assert (await store.meetings.get(MEETING)).status == "ended"
    assert [entry.action for entry in await store.audit.recent(1, MEETING)] == ["meeting.ended"]


class Failing:
    """The real thing, which is away for the first `times` calls."""

    def __init__(self, real: Callable[..., Awaitable[Any]], times: int) -> None:
        self._real = real
        self._left = times

    async def __call__(self, *args: Any, **values: Any) -> Any:
        if self._left:
            self._left -= 1
            raise Unavailable
        return await self._real(*args, **values)


async def test_one_that_cannot_be_ended_keeps_no_other_from_its_end(
    store: Store, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = meeting(id="m2")
    await store.meetings.add(other)
    for one in (MEETING, other.id):
        await set_status(store, one, "live")
    now = other.ends_at + OPEN_AFTER_END
    overruns = Overruns(store, bus)
    monkeypatch.setattr(desk, "end_forgotten", Failing(desk.end_forgotten, 1))
    await overruns.end(now, ())
    found = [(await store.meetings.get(one)).status for one in (MEETING, other.id)]
    assert sorted(found) == ["ended", "live"]
    await overruns.end(now, ())
    for one in (MEETING, other.id):
        assert (await store.meetings.get(one)).status == "ended"
        assert len(await store.audit.recent(2, one)) == 1


async def test_a_room_is_told_once_and_later_when_the_bus_is_away(
    store: Store, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_status(store, MEETING, "live")
    now = END + OPEN_AFTER_END
    overruns = Overruns(store, bus)
    monkeypatch.setattr(bus, "publish", Failing(bus.publish, 1))
    async with bus.subscribe(news.MEETINGS_TOPIC) as heard:
        await overruns.end(now, ())
        assert (await store.meetings.get(MEETING)).status == "ended"
        assert [entry.at for entry in await store.audit.recent(2, MEETING)] == [now]
        for look in (1, 2):
            await overruns.end(now + look * LATER, ())
        assert news.decode_meeting(await anext(heard)).what == "ended"
        await bus.publish(news.MEETINGS_TOPIC, LAST)
        assert news.decode_meeting(await anext(heard)).what == "changed"
    assert len(await store.audit.recent(2, MEETING)) == 1


async def test_an_end_that_cannot_be_recorded_is_none(
    store: Store, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_status(store, MEETING, "live")
    overruns = Overruns(store, bus)

    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(Work, "audit", away)
        await overruns.end(END + OPEN_AFTER_END, ())
    assert (await store.meetings.get(MEETING)).status == "live"
    await overruns.end(END + OPEN_AFTER_END, ())
    assert (await store.meetings.get(MEETING)).status == "ended"


async def test_a_room_whose_end_was_taken_back_is_not_told_of_it(
    store: Store, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_status(store, MEETING, "live")
    now = END + OPEN_AFTER_END
    overruns = Overruns(store, bus)
    monkeypatch.setattr(bus, "publish", Failing(bus.publish, 1))
    async with bus.subscribe(news.MEETINGS_TOPIC) as heard:
        await overruns.end(now, ())
        await set_status(store, MEETING, "live")
        await overruns.end(now, {MEETING})
        await bus.publish(news.MEETINGS_TOPIC, LAST)
        assert news.decode_meeting(await anext(heard)).what == "changed"
