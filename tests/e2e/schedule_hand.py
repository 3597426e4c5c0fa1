"""Changes the schedule of a running hub from outside, as another hub over the same store would."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from confhub.bus.news import MEETINGS_TOPIC, MeetingNews
from confhub.config import Settings
from confhub.people.actor import Actor
from confhub.store import open_store


async def set_end(data_dir: Path, meeting: str, minutes: float) -> None:
    """Have the meeting end so many minutes from now."""
    store, now = await open_store(Settings(data_dir=str(data_dir))), dt.datetime.now(dt.UTC)
    async with store.work(Actor(now)) as work:
        held = await work.meetings.hold(meeting)
        await work.meetings.update(replace(held, ends_at=now + dt.timedelta(minutes=minutes)))
        await work.tell(MEETINGS_TOPIC, MeetingNews(meeting, "changed"))
    await store.close()
