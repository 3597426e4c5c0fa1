"""A meeting's status, set as if it had come to be so."""

from __future__ import annotations

import dataclasses

from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.store import Store


async def set_status(
    store: Store, meeting_id: str, status: MeetingStatus, reason: str = ""
) -> Meeting:
    """Whatever its version, which grows."""
    meeting = await store.meetings.get(meeting_id)
    return await store.meetings.update(
        dataclasses.replace(meeting, status=status, status_reason=reason)
    )
