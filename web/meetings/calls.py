"""Whom a site calls when something is wrong: the meeting's secretary, the presiding site's people.

The secretary's number comes from what is known of them as a person (`/account`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.errors import N_
from confhub.meetings.meeting import Meeting
from confhub.people.grant import in_force
from confhub.people.person import Person
from confhub.people.policy import rights_of
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody at the presiding unit; `label` is a msgid, the name may be empty."""

    icon: str
    label: str
    name: str
    number: str


async def whom_to_call(request: web.Request, meeting: Meeting) -> Sequence[Call]:
    """The secretary, who stands in for them, then contact, technician and room of the presiding
    site; each number once, with who is sought by it first."""
    store = request.app[SERVICES].store
    people = await store.accounts.people([meeting.created_by])
    person = people.get(meeting.created_by)
    standing_in = await _standing_in(request, meeting.created_by)
    secretary, number = (person.name, person.phone) if person else ("", "")
    calls = [Call("user", _STANDING_IN, one.name, one.phone) for one in standing_in]
    for chair in await store.sites.get_many([meeting.chair_site_id]):
        if secretary and not number:  # found through the room's
            number = chair.room_phone
        calls += (
            Call("user", N_("Người liên hệ"), chair.contact_name, chair.contact_phone),
            Call("settings", N_("Cán bộ kỹ thuật"), chair.technician_name, chair.technician_phone),
            Call("phone", N_("Phòng họp chủ trì"), chair.name, chair.room_phone),
        )
    answers: dict[str, Call] = {}
    for call in (Call("user", N_("Thư ký cuộc họp"), secretary, number), *calls):
        answers.setdefault(call.number, call)
    return [call for number, call in answers.items() if number]


_STANDING_IN = N_("Thay thư ký")


async def _standing_in(request: web.Request, secretary_id: str) -> Sequence[Person]:
    """Those to whom the secretary handed that role over for now."""
    services = request.app[SERVICES]
    given = await services.store.grants.handed_over_by(secretary_id) if secretary_id else []
    able = [g for g in in_force(given, services.clock()) if "drive" in rights_of(g)]
    people = await services.store.accounts.people([grant.account_id for grant in able])
    return list(people.values())
