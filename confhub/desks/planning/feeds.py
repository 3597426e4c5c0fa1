"""Use cases of calendars at secret addresses: everybody keeps their own."""

from __future__ import annotations

from confhub.desks import rights
from confhub.errors import NotFound
from confhub.meetings.feed import Feed, check_room
from confhub.people.actor import Actor
from confhub.store import Store, Work


async def make(store: Store, actor: Actor, feed: Feed) -> None:
    """A new address of the actor's. NotFound for a unit or a site whose meetings they do not see,
    Forbidden for who sees none, Conflict where they have too many."""
    async with store.work(actor) as work:
        await _check(work, feed)
        check_room(len(await work.feeds.living(actor.account_id)))
        await work.feeds.add(feed)
        await work.audit("feed.made", subject=feed.id, detail=feed.site_id or feed.unit_id or "")


async def renew(store: Store, actor: Actor, feed_id: str, feed: Feed) -> None:
    """A new address in place of one, which opens nothing any more. NotFound."""
    async with store.work(actor) as work:
        await _own(work, feed_id)
        await _check(work, feed)
        await work.feeds.end(feed_id, actor.now)
        await work.feeds.add(feed)
        await work.audit("feed.renewed", subject=feed.id, detail=feed_id)


async def end(store: Store, actor: Actor, feed_id: str) -> None:
    """The address opens nothing any more. NotFound."""
    async with store.work(actor) as work:
        await _own(work, feed_id)
        await work.feeds.end(feed_id, actor.now)
        await work.audit("feed.ended", subject=feed_id)


async def _own(work: Work, feed_id: str) -> None:
    feed = await work.feeds.get(feed_id)
    if feed.account_id != work.actor.account_id:
        raise NotFound


async def _check(work: Work, feed: Feed) -> None:
    if feed.account_id != work.actor.account_id:
        raise NotFound
    (await rights.mine(work)).require("see_meetings")
    unit_id = feed.unit_id
    if feed.site_id:
        unit_id = (await work.sites.get(feed.site_id)).unit_id
    if unit_id:
        await rights.require_reach(work, "see_meetings", unit_id)
