"""A meeting's status, set as if it had come to be so."""

from __future__ import annotations

import contextlib
import dataclasses

from confhub.errors import Conflict
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.store import Store


async def set_status(
    store: Store, meeting_id: str, status: MeetingStatus, reason: str = ""
) -> Meeting:
    """Whatever its version, which grows: a room that has just begun may write it meanwhile."""
    while True:
        meeting = await store.meetings.get(meeting_id)
        wanted = dataclasses.replace(meeting, status=status, status_reason=reason)
        with contextlib.suppress(Conflict):
            return await store.meetings.update(wanted)
