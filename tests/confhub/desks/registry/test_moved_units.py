"""A unit that comes below another has its open questions put to whoever confirms there."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.desks import agreements as desk
from confhub.desks.registry.imports import import_units
from confhub.desks.registry.units import edit_unit
from confhub.imports.unit_edits import Edit
from confhub.people.actor import Actor
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import Said
from confhub.store import Store
from confhub.units.unit import GSO_SCHEME, NewUnit
from tests.confhub.desks.test_agreements import NOW, STARTS, ZONE, House, house
from tests.confhub.store.country import Country

__all__ = ["house"]

OTHER = "other-province"
DAY = dt.timedelta(days=1)


@pytest.fixture
async def neighbour(store: Store, country: Country, house: House) -> str:
    """A province whose own technicians confirm what its units host; the commune's rule is the
    province's that it stands in."""
    new = NewUnit("province", "Tỉnh Lai Châu", country.centre, ((GSO_SCHEME, "12"),), id=OTHER)
    await store.units.add_many([new])
    await desk.set_rule(store, Actor(NOW), house.host, None)
    for unit_id in (house.centre, OTHER):
        await desk.set_rule(store, Actor(NOW), unit_id, Rule(unit_id, unit_id))
    return OTHER


async def move(store: Store, unit_id: str, parent_id: str, day: str) -> None:
    edit = Edit("move", unit_id, parent_id=parent_id, day=day)
    report = await edit_unit(store, Actor(NOW), edit)
    assert report.good, report.problems
    done = await edit_unit(store, Actor(NOW), edit, report.seal)
    assert done.done


async def test_open_questions_go_to_the_new_centre_on_the_day(
    store: Store, house: House, neighbour: str
) -> None:
    await house.plan()
    await house.plan("meeting-2", STARTS + DAY)
    await house.say(Said("confirm"), "meeting-2")
    await move(store, house.host, neighbour, "2026-11-26")
    await house.pass_until(NOW + DAY / 24)
    assert (await house.now_stands()).centre_id == house.centre
    await house.pass_until(dt.datetime(2026, 11, 26, 0, 1, tzinfo=ZONE))
    asked = await house.now_stands()
    assert (asked.state, asked.centre_id) == ("asked", neighbour)
    confirmed = await house.now_stands("meeting-2")
    assert (confirmed.state, confirmed.centre_id) == ("confirmed", house.centre)


async def test_a_file_that_moves_units_does_the_same(
    store: Store, house: House, neighbour: str
) -> None:
    await house.plan()
    rows = "Mã,Tên,Cấp,Mã cấp trên,Hiệu lực từ\n03166,Xã Mường Chà,Xã,12,2026-11-25\n"
    report = await import_units(store, Actor(NOW), rows.encode())
    assert report.done, report.problems
    await house.pass_until(NOW + DAY / 24)
    assert (await house.now_stands()).centre_id == neighbour
