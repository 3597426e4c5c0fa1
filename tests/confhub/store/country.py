"""A small country for the tests of the store: four levels, and one change of the map."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.people.account import Account
from confhub.store import Store
from confhub.units.records import UnitChange, UnitPlan
from confhub.units.site import Site
from confhub.units.unit import GSO_SCHEME, Level, NewUnit

BEFORE = dt.date(2025, 6, 30)
REFORM = dt.date(2025, 7, 1)  # districts end, communes merge, codes are used again
NOW = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)

LEVELS = (
    Level("central", 1, "Trung ương", "Central"),
    Level("province", 2, "Tỉnh", "Province"),
    Level("district", 3, "Huyện", "District"),
    Level("commune", 4, "Xã", "Commune"),
)


@dataclass(frozen=True)
class Country:
    """Ids of its units. Until REFORM Nậm Pồ is a district with two communes."""

    centre: str
    province: str
    district: str
    cha_cang: str  # bears code 03166 until REFORM
    cha_nua: str
    muong_cha: str  # bears code 03166 from REFORM on


def unit(
    level: str,
    name: str,
    parent: str | None,
    code: str,
    *,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> NewUnit:
    return NewUnit(level, name, parent, ((GSO_SCHEME, code),), valid_from, valid_to)


async def found_country(store: Store) -> Country:
    for level in LEVELS:
        await store.units.add_level(level)
    centre = NewUnit("central", "Trung ương")
    province = unit("province", "Tỉnh Điện Biên", centre.id, "11")
    district = unit("district", "Huyện Nậm Pồ", province.id, "103", valid_to=REFORM)
    cha_cang = unit("commune", "Xã Chà Cang", district.id, "03166", valid_to=REFORM)
    cha_nua = unit("commune", "Xã Chà Nưa", district.id, "03187", valid_to=REFORM)
    muong_cha = unit("commune", "Xã Mường Chà", province.id, "03166", valid_from=REFORM)
    # Children first: the order must not matter.
    await store.units.add_many([muong_cha, cha_nua, cha_cang, district, province, centre])
    return Country(centre.id, province.id, district.id, cha_cang.id, cha_nua.id, muong_cha.id)


def site(unit_id: str, code: str, **values: Any) -> Site:
    return Site(id=f"site-{code}"[:16], unit_id=unit_id, code=code, **{"name": code} | values)


async def rename(store: Store, unit_id: str, name: str, on: dt.date) -> None:
    """Give a unit a new name from a day on, as an import does."""
    change = UnitChange(unit_id, on, since=on, name=name)
    await store.imports.carry_out_units(UnitPlan((), (change,), 0))


def account(unit_id: str, login: str = "thuky.nampo", **values: Any) -> Account:
    given = {"name": "Lò Thị Thư Ký", "role": "secretary"} | values
    return Account(id=f"acc-{login}"[:16], login=login, unit_id=unit_id, **given)


def meeting(host: str, sites: tuple[str, ...], **values: Any) -> Meeting:
    """One hour from NOW on, presided over by the first of the sites."""
    given: dict[str, Any] = {
        "id": "meeting-1",
        "title": "Giao ban tuần",
        "level_id": "district",
        "host_unit_id": host,
        "chair_site_id": sites[0],
        "starts_at": NOW,
        "ends_at": NOW + dt.timedelta(hours=1),
        "sites": sites,
    }
    return Meeting(**given | values)


def draft_of(
    host: str,
    level_id: str,
    sites: tuple[str, ...],
    starts_at: dt.datetime,
    length: dt.timedelta,
) -> Draft:
    """A plain one; the first of the sites presides."""
    return Draft(
        title="Giao ban",
        level_id=level_id,
        host_unit_id=host,
        chair_site_id=sites[0],
        starts_at=starts_at,
        ends_at=starts_at + length,
        chair_name="",
        note="",
        agenda=(),
        sites=sites,
    )
