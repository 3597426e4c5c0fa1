"""The right to write of a room, for tests that write what a room would."""

from __future__ import annotations

from confhub.meetings.ownership import Fence, Hub
from confhub.store import Store


async def fence_of(store: Store, meeting_id: str) -> Fence:
    """Take the room, that nobody runs."""
    fence = await store.ownership.take(meeting_id, Hub("hub-1", "test"), 600.0)
    assert isinstance(fence, Fence)
    return fence
