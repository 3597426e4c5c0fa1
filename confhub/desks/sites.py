"""Use cases of sites: NotFound for those of units in which the actor may not edit them."""

from __future__ import annotations

from confhub.desks import rights
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.units.site import Site


async def add(store: Store, actor: Actor, site: Site) -> None:
    """A new site under an id of the caller's; Conflict if its code is taken."""
    async with store.work(actor) as work:
        await rights.require_reach(work, "edit_sites", site.unit_id)
        await work.sites.add(site)
        await work.audit("site.added", subject=site.id, detail=site.code)


async def change(store: Store, actor: Actor, site: Site) -> Site:
    """The site as given, with its new version; its lines keep their ids.

    Conflict if it is not of the stored version: somebody else changed it meanwhile.
    """
    async with store.work(actor) as work:
        before = await work.sites.get(site.id, with_lines=False)
        for unit_id in dict.fromkeys([before.unit_id, site.unit_id]):
            await rights.require_reach(work, "edit_sites", unit_id)
        changed = await work.sites.update(site)
        await work.audit("site.changed", subject=site.id, detail=f"version {changed.version}")
    return changed
