"""A meeting is told with the name that its host has on that day, on paper and in feeds."""

from __future__ import annotations

import datetime as dt

from tests.confhub.store.country import rename
from tests.web.browser import SignedIn
from tests.web.meeting_pages import schedule
from web.services import Services

OLD, NEW = "Huyện Nậm Pồ", "Phường Nậm Pồ Mới"


async def test_a_renamed_host_keeps_its_old_name_on_old_meetings(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    before = await schedule(browser, services, title="Họp trước", is_public="1")
    after = await schedule(browser, services, title="Họp sau", date="2026-12-09", is_public="1")
    await rename(services.store, "nam-po", NEW, dt.date(2026, 12, 5))
    days = {before.starts_at.date(), after.starts_at.date()}
    assert await services.store.units.names_on({("nam-po", day) for day in days}) == {
        ("nam-po", min(days)): OLD,
        ("nam-po", max(days)): NEW,
    }
    for day, name, other in (("2026-12-02", OLD, NEW), ("2026-12-09", NEW, OLD)):
        sheet = await (await browser.get(f"/meetings/week?on={day}")).text()
        table = sheet[sheet.index("<tbody>") :].replace(f"Phòng họp {OLD}", "")  # the room's own
        assert name in table
        assert other not in table
    public = await (await browser.get("/public/units/nam-po/meetings.json")).json()
    assert {OLD, NEW} <= set(str(public).replace("'", '"').split('"'))
    # What is read after the day changes nothing of what was.
    assert await services.store.units.names_on([("nam-po", dt.date(2020, 1, 1))]) == {
        ("nam-po", dt.date(2020, 1, 1)): OLD
    }
