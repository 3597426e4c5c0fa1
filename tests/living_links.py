"""The links of a meeting that open something."""

from __future__ import annotations

from confhub.meetings.meeting import JoinLink
from confhub.store import Store


async def living_links(store: Store, meeting_id: str) -> list[JoinLink]:
    """Of the sites now invited, in the order of invitation."""
    return [one for one in await store.links.latest(meeting_id) if one.revoked_at is None]
