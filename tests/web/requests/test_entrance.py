"""A meeting's door when the tree of units has changed since the meeting was made."""

from __future__ import annotations

import datetime as dt

import pytest_asyncio

from confhub.meetings.meeting import Meeting
from tests.web.browser import NOON, SignedIn
from tests.web.meeting_pages import of_nam_po
from web.services import Services

ROOM = "/meetings/briefing/room"


@pytest_asyncio.fixture(autouse=True)
async def meeting(services: Services) -> Meeting:
    made = of_nam_po(NOON + dt.timedelta(minutes=30))
    await services.store.meetings.add(made)
    return made


async def test_the_units_above_the_host_come_in_and_its_neighbours_do_not(
    signed_in: SignedIn,
) -> None:
    for login, status in (("secretary.dien-bien", 200), ("secretary.lai-chau", 403)):
        role, unit = login.split(".")
        assert (await (await signed_in(role, unit)).get(ROOM)).status == status


async def test_a_host_that_moved_is_driven_by_its_new_province(
    signed_in: SignedIn, services: Services
) -> None:
    await services.store.units.move("nam-po", "lai-chau", NOON.date())
    assert (await (await signed_in("secretary", "lai-chau")).get(ROOM)).status == 200
    assert (await (await signed_in("secretary", "dien-bien")).get(ROOM)).status == 403


async def test_accounts_of_a_dissolved_commune_stay_outside_and_others_do_not(
    signed_in: SignedIn, services: Services
) -> None:
    commune = await signed_in("site", "cha-nua")
    assert (await commune.get(ROOM)).status == 200
    await services.store.units.close_units(["cha-nua"], NOON.date())
    answer = await commune.get(ROOM, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (
        303,
        "/signin?next=%2Fmeetings%2Fbriefing%2Froom",
    )
    assert (await (await signed_in("secretary", "nam-po")).get(ROOM)).status == 200
