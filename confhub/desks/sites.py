"""Use cases of sites: NotFound for those of units in which the actor may not edit them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from confhub.desks import rights
from confhub.errors import N_, BadInput, FieldErrors
from confhub.people.account import Account
from confhub.people.actor import Actor
from confhub.people.grant import in_force
from confhub.store import Store, Work
from confhub.store.repositories import Repositories
from confhub.trail.values import Table, changed
from confhub.units.site import Line, Site
from confhub.units.tree import name_key

_NOT_OF_HERE = N_("Xin chọn người của đơn vị, hoặc cán bộ kỹ thuật được giao phụ trách đơn vị này.")

VALUES: Table[Site] = {
    "unit_id": lambda one: one.unit_id,
    "code": lambda one: one.code,
    "name": lambda one: one.name,
    "contact_name": lambda one: one.contact_name,
    "contact_phone": lambda one: one.contact_phone,
    "technician_name": lambda one: one.technician_name,
    "technician_phone": lambda one: one.technician_phone,
    "technician_id": lambda one: one.technician_id,
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
        site = await _with_technician(work, None, site)
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
        stored = await work.sites.update(await _with_technician(work, before, site))
        await work.audit(
            "site.changed",
            subject=site.id,
            detail=f"version {stored.version}",
            changes=changed(before, stored, VALUES),
        )
    return stored


async def technicians(record: Repositories, path: Sequence[str], now: dt.datetime) -> list[Account]:
    """Who may be named as technician of a site of the unit at the end of `path`: the people of it,
    and who has that role in it or above; by name."""
    here = await record.accounts.list([path[-1]])
    above = [one.id for one in await record.accounts.list(path[:-1]) if one.role != "site"]
    further = [one.account_id for one in await record.grants.in_units(path)]
    ids = list(dict.fromkeys((*above, *further)))
    held = await record.grants.of_many(ids)
    able = [
        one
        for one in ids
        if any(
            grant.role == "technician" and grant.unit_id in path
            for grant in in_force(held.get(one, ()), now)
        )
    ]
    found = {one.id: one for one in (*here, *await record.accounts.get_many(able))}
    people = [one for one in found.values() if one.active and one.role != "site"]
    return sorted(people, key=lambda one: (name_key(one.name), one.id))


async def _with_technician(work: Work, before: Site | None, site: Site) -> Site:
    """With name and telephone of the technician's account; FieldErrors (`technician_id`)."""
    if not site.technician_id:
        return site
    known = before is not None and before.technician_id == site.technician_id
    if not known:
        path = [one.id for one in await rights.path_to(work, site.unit_id, work.actor.today)]
        able = await technicians(work, path, work.actor.now)
        if site.technician_id not in {one.id for one in able}:
            raise FieldErrors({"technician_id": BadInput(_NOT_OF_HERE)})
    person = await work.accounts.person(site.technician_id)
    phone = person.phone or site.technician_phone
    return replace(site, technician_name=person.name, technician_phone=phone)


def _said(line: Line) -> list[object]:
    return [line.kind, line.provider, line.down_bps, line.up_bps, line.backup, line.note]
