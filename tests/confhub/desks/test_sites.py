"""Use cases of sites."""

from __future__ import annotations

import dataclasses

import pytest

from confhub.desks import sites as desk
from confhub.errors import Conflict, NotFound, Unavailable
from confhub.people.actor import Actor
from confhub.store import Store, Work
from tests.confhub.store.country import NOW, Country, site

HOUSE = Actor(NOW)


async def test_a_site_is_there_with_its_record_or_not_at_all(
    store: Store, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    new = site(country.province, "a")
    with monkeypatch.context() as patch:
        patch.setattr(Work, "audit", away)
        with pytest.raises(Unavailable):
            await desk.add(store, HOUSE, new)
    with pytest.raises(NotFound):
        await store.sites.get(new.id)
    await desk.add(store, HOUSE, new)
    changed = await desk.change(store, HOUSE, dataclasses.replace(new, name="Mới"))
    with pytest.raises(Conflict):
        await desk.change(store, HOUSE, dataclasses.replace(new, name="Cũ"))
    assert await store.sites.get(new.id) == changed
    acts = {(line.action, line.detail) for line in await store.audit.recent(9, new.id)}
    assert acts == {("site.added", "a"), ("site.changed", "version 2")}
