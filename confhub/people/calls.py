"""Whom a site calls when something is wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from confhub.errors import N_
from confhub.people.person import Person
from confhub.units.site import Site

Who = Literal["secretary", "standing_in", "contact", "technician", "room"]
WHO: Mapping[Who, str] = {
    "secretary": N_("Thư ký cuộc họp"),
    "standing_in": N_("Thay thư ký"),
    "contact": N_("Người liên hệ"),
    "technician": N_("Cán bộ kỹ thuật"),
    "room": N_("Phòng họp chủ trì"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody at the presiding unit; the name may be empty."""

    who: Who
    name: str
    number: str


def calls_of(
    secretary: Person | None, standing_in: Iterable[Person], chair: Site | None
) -> tuple[Call, ...]:
    """The secretary, who stands in for them, then contact, technician and room of the presiding
    site; each number once, with who is sought by it first."""
    name, number = (secretary.name, secretary.phone) if secretary else ("", "")
    calls = [Call("standing_in", one.name, one.phone) for one in standing_in]
    if chair is not None:
        if name and not number:  # found through the room's
            number = chair.room_phone
        calls += (
            Call("contact", chair.contact_name, chair.contact_phone),
            Call("technician", chair.technician_name, chair.technician_phone),
            Call("room", chair.name, chair.room_phone),
        )
    answers: dict[str, Call] = {}
    for call in (Call("secretary", name, number), *calls):
        answers.setdefault(call.number, call)
    return tuple(call for number, call in answers.items() if number)
