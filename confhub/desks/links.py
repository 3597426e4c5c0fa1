"""Use cases of join links: a site's way in is closed, or replaced.

By who may change the meeting; NotFound and Forbidden as in meetings.py.
"""

from __future__ import annotations

from confhub.bus.news import MEETINGS_TOPIC, MeetingNews
from confhub.desks import rights
from confhub.desks.mail.following import follow
from confhub.errors import NotFound
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.people.actor import Actor
from confhub.store import Store, Work


async def revoke(store: Store, actor: Actor, meeting_id: str, link_id: str) -> JoinLink:
    """The link of the meeting opens nothing any more, and whoever is in by it is out. NotFound."""
    async with store.work(actor) as work:
        await _open(work, meeting_id, link_id)
        link = await work.links.revoke(link_id, actor.now)
        await _finish(work, link, "link.revoked")
    return link


async def renew(store: Store, actor: Actor, meeting_id: str, link_id: str) -> JoinLink:
    """A new link in place of one, which is revoked. NotFound, Gone as `LinkStore.renew`."""
    async with store.work(actor) as work:
        meeting = await _open(work, meeting_id, link_id)
        new = await work.links.renew(link_id, meeting.ends_at + OPEN_AFTER_END, actor.now)
        await _finish(work, new, "link.renewed")
    return new


async def _open(work: Work, meeting_id: str, link_id: str) -> Meeting:
    """The link's meeting, for who may change it; NotFound where it is not the link's."""
    meeting = await work.meetings.get(meeting_id)
    await rights.require_meeting(work, "schedule", meeting)
    if (await work.links.get(link_id)).meeting_id != meeting.id:
        raise NotFound
    return meeting


async def _finish(work: Work, link: JoinLink, action: str) -> None:
    await work.audit(action, subject=link.meeting_id, detail=link.site_id)
    await work.tell(MEETINGS_TOPIC, MeetingNews(link.meeting_id, "link_revoked", link.site_id))
    await follow(work, link.meeting_id)
