"""Use cases of join links: a site's way in is closed, or replaced.

By who may change the meeting; NotFound and Forbidden as in meetings.py.
"""

from __future__ import annotations

from confhub.bus.news import MEETINGS_TOPIC, MeetingNews
from confhub.desks import rights
from confhub.desks.mail.following import follow
from confhub.desks.steps import own_last
from confhub.errors import NotFound
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.people.actor import Actor
from confhub.store import Store, Work

_ACTS = frozenset({"link.revoked", "link.renewed"})


async def revoke(store: Store, actor: Actor, meeting_id: str, link_id: str) -> JoinLink:
    """The link of the meeting opens nothing any more, and whoever is in by it is out; nothing
    happens if it was revoked before. NotFound."""
    async with store.work(actor) as work:
        await _open(work, meeting_id, link_id)
        link = await work.links.get(link_id)
        if link.revoked_at is not None:
            return link
        link = await work.links.revoke(link_id, actor.now)
        await _finish(work, link, "link.revoked")
    return link


async def renew(store: Store, actor: Actor, meeting_id: str, link_id: str) -> JoinLink:
    """A new link in place of one, which is revoked; the one that the actor made of it just before,
    where no answer came. NotFound, Gone as `LinkStore.renew`."""
    async with store.work(actor) as work:
        meeting = await _open(work, meeting_id, link_id)
        made = await _renewed_before(work, link_id)
        if made is not None:
            return made
        new = await work.links.renew(link_id, meeting.ends_at + OPEN_AFTER_END, actor.now)
        await _finish(work, new, "link.renewed")
    return new


async def _renewed_before(work: Work, link_id: str) -> JoinLink | None:
    old = await work.links.get(link_id)
    if old.revoked_at is None:
        return None
    last = await own_last(work, old.meeting_id, _ACTS, old.site_id)
    if last is None or last.action != "link.renewed":
        return None
    return (await work.links.living(old.meeting_id, [old.site_id])).get(old.site_id)


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
