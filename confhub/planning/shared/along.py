"""What a site takes along into a meeting: the room it stands in, who looks after it, its lines.
Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from confhub.errors import N_
from confhub.meetings.times import Advice, Code
from confhub.planning.takings import Need, Resource, Share
from confhub.words.texts import fold

# One person stands in one place at a time.
TECHNICIAN_SERVES = 1
# Ids of sites have no blank.
_OF_UNIT = "unit "
# What people write between the digits of a telephone number.
BETWEEN_DIGITS = " .-()"
_DROPPED = str.maketrans("", "", BETWEEN_DIGITS)


@dataclass(frozen=True, slots=True)
class Fittings:
    """A site as this module looks at it; `units`: of its unit and those above, its own first."""

    site_id: str
    units: Collection[str]
    room: str = ""
    technician_name: str = ""
    technician_phone: str = ""
    technician_id: str = ""  # their account

    @property
    def unit_id(self) -> str:
        return next(iter(self.units))


@dataclass(frozen=True, slots=True)
class Uplink:
    """A line that carries so many streams at once: of a site, its own and those of the units below
    its unit's; of a unit (`site_id` empty), those of all its sites and of the units below."""

    site_id: str
    unit_id: str
    name: str
    streams: int

    @property
    def resource(self) -> Resource:
        return Resource("line", self.site_id or f"{_OF_UNIT}{self.unit_id}")


# What a stream passes: a line, its name, and how many streams it carries.
_Passed: TypeAlias = tuple[Resource, str, int]


def unit_of_line(line_id: str) -> str | None:
    """The unit whose line it is, by the id of a resource; None: it is a site's."""
    return line_id.removeprefix(_OF_UNIT) if line_id.startswith(_OF_UNIT) else None


def room_of(unit_id: str, room: str) -> Resource:
    return Resource("room", f"{unit_id} {fold(room)}")


def technician_of(phone: str) -> Resource:
    """Of somebody without an account."""
    return Resource("technician", number_of(phone))


def number_of(phone: str) -> str:
    return phone.translate(_DROPPED)


def along(
    sites: Iterable[Fittings],
    lines: Iterable[Uplink],
    numbers: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, list[Share]]:
    """By site. Sites of a unit whose rooms have one name stand in one; a technician is known by the
    account, else by the telephone number: `numbers` are those by which just one account is known.
    A site's own line comes before its unit's, and these before those above."""
    found: dict[str, list[Share]] = {}
    # A meeting of the country has ten thousand sites and some hundreds of lines.
    of_site: dict[str, _Passed] = {}
    of_unit: dict[str, list[_Passed]] = {}
    whole: dict[str, _Passed] = {}
    for line in lines:
        passing = line.resource, line.name, line.streams
        if not line.site_id:
            whole[line.unit_id] = passing
            continue
        of_site[line.site_id] = passing
        of_unit.setdefault(line.unit_id, []).append(passing)
    for site in sites:
        shares: list[Share] = []
        place, unit = site.site_id, site.unit_id
        if site.room:
            room = room_of(unit, site.room)
            place = room.id
            shares.append(Share(room, "", site.room))
        phone = site.technician_phone
        account = site.technician_id or numbers.get(number_of(phone), "")
        if account or phone:
            name = site.technician_name or phone
            technician = Resource("technician", account) if account else technician_of(phone)
            shares.append(Share(technician, place, name, TECHNICIAN_SERVES))
        own = of_site.get(site.site_id)
        passed = [own] if own else []
        for unit_id in site.units:
            if unit_id != unit and unit_id in of_unit:
                passed += of_unit[unit_id]
            if unit_id in whole:
                passed.append(whole[unit_id])
        shares += [Share(line, site.site_id, name, streams) for line, name, streams in passed]
        if shares:
            found[site.site_id] = shares
    return found


def advise_alone(needs: Iterable[Need]) -> list[Advice]:
    """What to say of a meeting that by itself takes more than there is."""
    return [
        Advice(*_ALONE[need.resource.kind], _values(need))
        for need in needs
        if need.amount > need.holds and need.resource.kind in _ALONE
    ]


def _values(need: Need) -> Mapping[str, Any]:
    return {"name": need.label, "amount": need.amount, "holds": need.holds}


_ALONE: Mapping[str, tuple[Code, str]] = {
    "technician": (
        "technician_alone",
        N_("%(name)s là cán bộ kỹ thuật của %(amount)s nơi dự cuộc họp này. Nên cử thêm người."),
    ),
    "line": (
        "line_alone",
        N_(
            "Đường truyền của %(name)s tải được %(holds)s luồng cùng lúc; cuộc họp này cần"
            " %(amount)s."
        ),
    ),
}
