"""Sites, accounts and meetings outlive the units they belong to."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest
from sqlalchemy import event

from rooms.hub.hub import Limits
from tests.living_links import living_links
from tests.waiting import until
from tests.web.browser import Clock, SignedIn
from tests.web.meeting_pages import ROOMS, fill_in, hidden, schedule
from tests.web.test_sockets import opened
from web.services import Services


@pytest.fixture
def today(clock: Clock, services: Services) -> object:
    return clock.now.astimezone(services.zone).date()


async def test_the_link_of_an_open_meeting_works_after_its_commune_ended(
    signed_in: SignedIn, services: Services, clock: Clock, today: object
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, date="2026-11-24", start="15:00", end="16:00")
    links = await living_links(services.store, meeting.id)
    link = next(one for one in links if one.site_id == ROOMS["cha-nua"])
    address = f"/join/{services.tokens.sign(link)}"
    await services.store.units.close_units(["cha-nua"], today)  # type: ignore[arg-type]
    clock.pass_by(seconds=(meeting.starts_at - clock.now).total_seconds())
    answer = await browser.get(address)
    assert answer.status == 200, await answer.text()
    assert "Xã Chà Nưa" in await answer.text()


async def test_a_site_whose_unit_ended_meanwhile_stays_in_and_comes_back(
    services: Services, clock: Clock, today: object
) -> None:
    async with opened(services, clock, Limits(heartbeat_s=0.5, check_s=0.5)) as door:
        page, welcome = await door.enter(door.by_link)
        await services.store.units.close_units(["cha-nua"], today)  # type: ignore[arg-type]
        asked = 0

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            nonlocal asked
            asked += "FROM join_link" in statement

        async def has_been_asked_again() -> bool:
            return asked >= 3  # the first two have been answered

        database: Any = services.store.links._database
        event.listen(database._engine.sync_engine, "after_cursor_execute", note)
        listening = asyncio.create_task(page.closed())
        await until(has_been_asked_again)
        assert not listening.done()
        listening.cancel()
        page.cut()
        shown = await door.browser.get(door.by_link.removesuffix("/socket"))
        assert (shown.status, "Xã Chà Nưa" in await shown.text()) == (200, True)
        _, again = await door.enter(door.by_link)
        assert again["member"] == welcome["member"]


async def test_a_meeting_keeps_its_sites_and_is_edited_and_cancelled_after_a_unit_ended(
    signed_in: SignedIn, services: Services, today: object
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    await services.store.units.close_units(["cha-nua"], today)  # type: ignore[arg-type]
    page = await (await browser.get(f"/meetings/{meeting.id}")).text()
    assert "Xã Chà Nưa" in page
    assert "Xã Chà Nưa" in await (await browser.get(f"/meetings/{meeting.id}/edit")).text()
    edited = await fill_in(browser, f"/meetings/{meeting.id}/edit", title="Giao ban mới")
    assert edited.status == 303, await edited.text()
    assert ROOMS["cha-nua"] in (await services.store.meetings.get(meeting.id)).sites


async def test_the_upper_unit_cancels_a_meeting_whose_host_ended(
    signed_in: SignedIn, services: Services, today: object
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services)
    await services.store.units.close_units(["nam-po"], today)  # type: ignore[arg-type]
    upper = await signed_in("secretary", "dien-bien")
    assert meeting.title in await (await upper.get("/meetings")).text()
    path = f"/meetings/{meeting.id}/cancel"
    form = {**await hidden(upper, path), "reason": "Sắp xếp đơn vị"}
    assert (await upper.post(path, data=form, allow_redirects=False)).status == 303
    assert (await services.store.meetings.get(meeting.id)).status == "cancelled"


async def test_sites_and_accounts_of_a_unit_that_ended_stay_in_the_lists_of_the_units_above(
    signed_in: SignedIn, services: Services, today: object
) -> None:
    await services.store.units.close_units(["cha-nua"], today)  # type: ignore[arg-type]
    site = await services.store.sites.get(ROOMS["cha-nua"])
    for unit in ("nam-po", "dien-bien", "central"):
        browser = await signed_in("admin", unit)
        assert f"/sites/{site.id}" in await (await browser.get("/sites?q=cha+nua")).text()
        assert "secretary.cha-nua" in await (await browser.get("/accounts?q=cha-nua")).text()
        for path in (f"/sites/{site.id}", f"/sites/{site.id}/edit"):
            assert (await browser.get(path)).status == 200, path


async def test_an_account_of_a_unit_that_ended_is_moved_to_another(
    signed_in: SignedIn, services: Services, today: object
) -> None:
    await services.store.units.close_units(["cha-nua"], today)  # type: ignore[arg-type]
    browser = await signed_in("admin", "nam-po")
    accounts = await services.store.accounts.list(["cha-nua"])
    account = next(one for one in accounts if one.role == "secretary")
    path = f"/accounts/{account.id}"
    form = {**await hidden(browser, path), "login": account.login, "name": account.name}
    form |= {"role": "secretary", "unit_id": "si-pha", "language": "vi", "active": "1"}
    form |= {"version": str(account.version)}
    assert (await browser.post(path, data=form, allow_redirects=False)).status == 303
    moved = await services.store.accounts.get(account.id)
    assert moved == dataclasses.replace(account, unit_id="si-pha", version=account.version + 1)
