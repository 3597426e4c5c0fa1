"""Use cases of sites: NotFound for those of units in which the actor may not edit them."""

from __future__ import annotations

from confhub.desks import rights
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.trail.values import Table, changed
from confhub.units.site import Line, Site

VALUES: Table[Site] = {
    "unit_id": lambda one: one.unit_id,
    "code": lambda one: one.code,
    "name": lambda one: one.name,
    "contact_name": lambda one: one.contact_name,
    "contact_phone": lambda one: one.contact_phone,
    "technician_name": lambda one: one.technician_name,
    "technician_phone": lambda one: one.technician_phone,
    "room_phone": lambda one: one.room_phone,
    "email": lambda one: one.email,
    "room": lambda one: one.room,
    "streams": lambda one: one.streams,
    "equipment_note": lambda one: one.equipment_note,
    "active": lambda one: one.active,
    "lines": lambda one: [_said(line) for line in one.lines],
}


async def add(store: Store, actor: Actor, site: Site) -> None:
    """A new site under an id of the caller's; Conflict if its code is taken."""
    async with store.work(actor) as work:
        await rights.require_reach(work, "edit_sites", site.unit_id)
        await work.sites.add(site)
        said = changed(None, site, VALUES)
        await work.audit("site.added", subject=site.id, detail=site.code, changes=said)


async def change(store: Store, actor: Actor, site: Site) -> Site:
    """The site as given, with its new version; its lines keep their ids.

    Conflict if it is not of the stored version: somebody else changed it meanwhile.
    """
    async with store.work(actor) as work:
        before = await work.sites.get(site.id)
        for unit_id in dict.fromkeys([before.unit_id, site.unit_id]):
            await rights.require_reach(work, "edit_sites", unit_id)
        stored = await work.sites.update(site)
        await work.audit(
            "site.changed",
            subject=site.id,
            detail=f"version {stored.version}",
            changes=changed(before, stored, VALUES),
        )
    return stored


def _said(line: Line) -> list[object]:
    return [line.kind, line.provider, line.down_bps, line.up_bps, line.backup, line.note]
