"""Who may not do something reads why, and whom to ask; nothing of units that are not theirs."""

from __future__ import annotations

import dataclasses
import datetime as dt

from confhub.people.grant import Grant
from confhub.people.person import Person
from tests.web.browser import NOON, Clock, SignedIn, submit
from web.services import Services

HOUR = dt.timedelta(hours=1)


async def _give(
    services: Services,
    unit: str,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
) -> None:
    """The secretary's role to the technician of Nậm Pồ."""
    grant = Grant("given", "techn-nam-po", "secretary", unit, starts_at, ends_at)
    await services.store.grants.add(grant)


async def test_a_role_that_ended_is_named_with_its_end_and_who_gives_another(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    person = Person("admin-nam-po", "Admin Huyện Nậm Pồ", "", "nam-po", "", "0215 3 001 001")
    await services.store.accounts.set_person(person)
    await _give(services, "nam-po", ends_at=NOON + HOUR)
    browser = await signed_in("technician", "nam-po")
    assert (await browser.get("/meetings/new")).status == 200
    clock.pass_by(hours=2)
    answer = await submit(browser, "/meetings/new", {"title": "Giao ban"})
    html = await answer.text()
    assert answer.status == 403
    assert "Vai trò Thư ký của bạn ở Huyện Nậm Pồ đã kết thúc lúc 13:00, 24/11/2026" in html
    assert "Admin Huyện Nậm Pồ" in html
    assert "0215 3 001 001" in html


async def test_a_role_that_is_still_to_come_is_named_with_its_beginning(
    signed_in: SignedIn, services: Services
) -> None:
    await _give(services, "cha-nua", starts_at=NOON + HOUR)
    browser = await signed_in("technician", "nam-po")
    html = await (await browser.get("/meetings/new?host=cha-nua")).text()
    assert "Vai trò Thư ký của bạn ở Xã Chà Nưa có hiệu lực từ 13:00, 24/11/2026" in html


async def test_the_roles_that_it_takes_are_named_and_the_unit_only_to_who_may_see_it(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("technician", "nam-po")
    assert "cần vai trò Thư ký hoặc Quản trị." in await (await browser.get("/meetings/new")).text()
    await _give(services, "cha-nua")
    near = await (await browser.get("/meetings/new?host=si-pha")).text()
    assert "cần vai trò Thư ký hoặc Quản trị ở Xã Si Pa Phìn hoặc cấp trên" in near
    far = await (await browser.get("/meetings/new?host=lai-chau")).text()
    assert "cần vai trò Thư ký hoặc Quản trị ở đơn vị đó hoặc cấp trên" in far
    assert "Lai Châu" not in far


async def test_where_nobody_administers_the_unit_the_next_above_is_asked(
    signed_in: SignedIn, services: Services
) -> None:
    accounts = services.store.accounts
    for unit in ("cha-nua", "nam-po"):
        account = await accounts.get(f"admin-{unit}")
        await accounts.update(dataclasses.replace(account, active=False))
    browser = await signed_in("secretary", "cha-nua")
    html = await (await browser.get("/accounts")).text()
    assert "cần vai trò Quản trị." in html
    assert "Admin Tỉnh Điện Biên" in html
    assert "Quản trị cấp trên" in html
    assert "Admin Huyện Nậm Pồ" not in html


async def test_a_stranger_and_a_program_are_told_nothing_more(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("technician", "nam-po")
    answer = await browser.get("/meetings/new", headers={"Accept": "application/json"})
    assert answer.status == 403
    assert "Admin" not in await answer.text()
    await services.store.accounts.end_sign_ins("techn-nam-po")
    html = await (await browser.get("/meetings/new")).text()
    assert "Admin" not in html
