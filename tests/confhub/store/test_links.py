"""Join links: one living link per invited site, revoked and renewed by decision only."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import pytest

from confhub.errors import BadInput, Conflict, Gone, NotFound
from confhub.meetings.meeting import Meeting
from confhub.store import Store
from tests.confhub.store.country import NOW, Country, meeting, site
from tests.living_links import living_links

EXPIRY = NOW + dt.timedelta(hours=3)
LATER = EXPIRY + dt.timedelta(days=1)
SITES = ("site-b", "site-a", "site-c")


@pytest.fixture
async def held(store: Store, country: Country) -> Meeting:
    """A meeting to which SITES are invited."""
    await store.sites.add_many([site(country.district, code) for code in ("a", "b", "c")])
    planned = meeting(country.district, SITES)
    await store.meetings.add(planned)
    return planned


async def test_every_invited_site_gets_one_link_in_the_order_of_invitation(
    store: Store, held: Meeting
) -> None:
    assert await living_links(store, held.id) == []
    links = await store.links.ensure(held, EXPIRY)
    assert [link.site_id for link in links] == list(SITES)
    assert {link.expires_at for link in links} == {EXPIRY}
    assert await living_links(store, held.id) == links
    assert await store.links.get(links[0].id) == links[0]
    with pytest.raises(NotFound):
        await store.links.get("nothing")


async def test_links_that_live_stay_and_their_expiry_moves(store: Store, held: Meeting) -> None:
    first = await store.links.ensure(held, EXPIRY)
    again = await store.links.ensure(held, LATER)
    assert [link.id for link in again] == [link.id for link in first]
    assert {link.expires_at for link in again} == {LATER}


async def test_a_site_that_is_invited_later_gets_its_link_then(store: Store, held: Meeting) -> None:
    fewer = await store.meetings.update(dataclasses.replace(held, sites=SITES[:2]))
    first = await store.links.ensure(fewer, EXPIRY)
    assert [link.site_id for link in first] == list(SITES[:2])
    more = await store.meetings.update(dataclasses.replace(fewer, sites=SITES))
    assert [link.site_id for link in await store.links.ensure(more, EXPIRY)] == list(SITES)


async def test_the_link_of_a_site_no_longer_invited_is_not_listed(
    store: Store, held: Meeting
) -> None:
    await store.links.ensure(held, EXPIRY)
    await store.meetings.update(dataclasses.replace(held, sites=SITES[1:]))
    for links in (await living_links(store, held.id), await store.links.latest(held.id)):
        assert [link.site_id for link in links] == list(SITES[1:])


async def test_a_revoked_link_stays_revoked_until_it_is_renewed(
    store: Store, held: Meeting
) -> None:
    first, *others = await store.links.ensure(held, EXPIRY)
    revoked = await store.links.revoke(first.id, NOW)
    assert revoked == dataclasses.replace(first, revoked_at=NOW)
    assert await store.links.revoke(first.id, LATER) == revoked  # keeps its time
    assert await store.links.ensure(held, LATER) == [
        dataclasses.replace(link, expires_at=LATER) for link in others
    ]
    assert (await store.links.get(first.id)).expires_at == EXPIRY
    assert (await store.links.latest(held.id))[0] == revoked
    new = await store.links.renew(first.id, LATER, NOW)
    assert new.site_id == first.site_id
    assert new in await living_links(store, held.id)
    assert (await store.links.latest(held.id))[0] == new
    with pytest.raises(NotFound):
        await store.links.revoke("nothing", NOW)


async def test_renewing_revokes_a_living_link(store: Store, held: Meeting) -> None:
    first = (await store.links.ensure(held, EXPIRY))[0]
    new = await store.links.renew(first.id, LATER, NOW)
    assert (await store.links.get(first.id)).revoked_at == NOW
    assert (new.expires_at, new.revoked_at) == (LATER, None)
    with pytest.raises(Gone):  # a page that still shows the old one
        await store.links.renew(first.id, LATER, NOW)
    with pytest.raises(NotFound):
        await store.links.renew("nothing", LATER, NOW)


async def test_callers_at_once_make_one_link_per_site(store: Store, held: Meeting) -> None:
    made = await asyncio.gather(*(store.links.ensure(held, EXPIRY) for _ in range(8)))
    assert all(links == made[0] for links in made)
    assert len(await living_links(store, held.id)) == len(SITES)


async def test_of_renewals_at_once_one_makes_the_link(store: Store, held: Meeting) -> None:
    first = (await store.links.ensure(held, EXPIRY))[0]
    renewals = (store.links.renew(first.id, LATER, NOW) for _ in range(8))
    results = await asyncio.gather(*renewals, return_exceptions=True)
    (new,) = [one for one in results if not isinstance(one, BaseException)]
    refused = [one for one in results if isinstance(one, BaseException)]
    assert all(isinstance(one, Conflict | Gone) for one in refused)
    assert [link for link in await living_links(store, held.id) if link.site_id == SITES[0]] == [
        new
    ]


async def test_links_of_a_meeting_that_is_not_stored_are_refused(
    store: Store, held: Meeting
) -> None:
    with pytest.raises(BadInput):
        await store.links.ensure(dataclasses.replace(held, id="nothing"), EXPIRY)
