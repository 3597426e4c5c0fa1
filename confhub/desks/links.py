"""Use cases of join links: a site's way in is closed, or replaced."""

from __future__ import annotations

from confhub.bus.news import MEETINGS_TOPIC, MeetingNews
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import JoinLink
from confhub.people.actor import Actor
from confhub.store import Store, Work


async def revoke(store: Store, actor: Actor, link_id: str) -> JoinLink:
    """The link opens nothing any more, and whoever is in by it is out. NotFound."""
    async with store.work(actor) as work:
        link = await work.links.revoke(link_id, actor.now)
        await _finish(work, link, "link.revoked")
    return link


async def renew(store: Store, actor: Actor, link_id: str) -> JoinLink:
    """A new link in place of one, which is revoked. NotFound, Gone as `LinkStore.renew`."""
    async with store.work(actor) as work:
        old = await work.links.get(link_id)
        meeting = await work.meetings.get(old.meeting_id)
        new = await work.links.renew(link_id, meeting.ends_at + OPEN_AFTER_END, actor.now)
        await _finish(work, old, "link.renewed")
    return new


async def _finish(work: Work, link: JoinLink, action: str) -> None:
    await work.audit(action, subject=link.meeting_id, detail=link.site_id)
    await work.tell(MEETINGS_TOPIC, MeetingNews(link.meeting_id, "link_revoked", link.site_id))
