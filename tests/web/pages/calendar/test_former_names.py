"""A meeting is told with the names of its day: of its host, its sites and their units."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import event
from sqlalchemy.engine import Engine

from confhub.desks import sites
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from rooms.running.plan import read_plan
from tests.confhub.store.country import rename
from tests.living_links import living_links
from tests.web.browser import Clock, SignedIn, WebClient
from tests.web.meeting_pages import ROOMS, schedule
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


async def test_every_page_of_a_meeting_names_host_units_and_sites_as_on_its_day(
    signed_in: SignedIn, services: Services, clock: Clock
) -> None:
    """What is renamed after it, and handed to another unit, stands there as it was; what is renamed
    before it stands there as it will be."""
    browser = await signed_in("secretary", "nam-po")
    before = await schedule(browser, services, title="Giao ban trước")
    after = await schedule(browser, services, title="Giao ban sau", date="2026-12-09")
    store, day = services.store, dt.date(2026, 12, 5)
    await rename(store, "nam-po", NEW, day)
    await rename(store, "cha-nua", "Xã Chà Nưa Mới", day)

    async def told(one: Meeting) -> str:
        browser = await signed_in("secretary", "nam-po")  # days pass, and sign-ins end
        pages = [f"/meetings/{one.id}", f"/meetings/{one.id}/history", "/search?q=giao+ban", "/"]
        pages += [f"/meetings/{one.id}/sites/{ROOMS['cha-nua']}/answer"]
        pages += [f"/meetings/{one.id}/invitations", f"/meetings/{one.id}/links"]
        return "\n".join([await seen(browser, page, one) for page in pages])

    text = await told(after)
    assert NEW in text
    assert "Xã Chà Nưa Mới" in text
    # The day of the first: somebody comes, and a week later everything is called otherwise.
    link = next(
        one for one in await living_links(store, before.id) if one.site_id == ROOMS["cha-nua"]
    )
    clock.now = before.starts_at
    room = await (await browser.get(f"/join/{services.tokens.sign(link)}")).text()
    assert '"unit":"Xã Chà Nưa"' in room
    plan = await read_plan(store, before.id, clock.now.astimezone(services.zone))
    shown = await told(before)
    clock.pass_by(days=6)
    for name, called, unit_id in (
        ("cha-nua", "Hội trường", "si-pha"),
        ("nam-po", "Phòng số 1", "nam-po"),
    ):
        site = await store.sites.get(ROOMS[name])
        changed = replace(site, name=called, unit_id=unit_id)
        await sites.change(store, Actor(clock.now), changed)
    now = await told(before)
    for text in (shown, now):
        assert OLD in text
        assert f"Phòng họp {OLD}" in text
        assert "Phòng họp Xã Chà Nưa" in text
        for other in (NEW, "Xã Chà Nưa Mới", "Hội trường", "Phòng số 1"):
            assert other not in text, other
    assert await read_plan(store, before.id, clock.now.astimezone(services.zone)) == plan
    later = await told(after)
    for name in (NEW, "Hội trường", "Phòng số 1"):
        assert name in later


async def seen(browser: WebClient, page: str, meeting: Meeting) -> str:
    """Of a page what is its own; of a list the row of the meeting."""
    html = await (await browser.get(page)).text()
    main = html[html.index("<main") : html.index("</main>")]
    if page in ("/", "/search?q=giao+ban"):
        rows = [row for row in main.split("<li") if meeting.id in row]
        return rows[0].split("</li>")[0] if rows else ""
    return main


async def test_names_of_a_list_are_asked_for_at_once(
    signed_in: SignedIn, services: Services
) -> None:
    """However many meetings there are."""
    browser = await signed_in("secretary", "nam-po")
    await schedule(browser, services, start="16:30", end="17:15")
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "unit_name" in statement or "audit.changes LIKE" in statement:
            asked.append(statement)

    async def times(page: str) -> int:
        del asked[:]
        assert (await browser.get(page)).status == 200
        return len(asked)

    pages = ("/", "/search?q=giao+ban", "/meetings/week?on=2026-12-01", "/meetings?view=week")
    event.listen(Engine, "before_cursor_execute", note)
    try:
        few = [await times(page) for page in pages]
        for hour in range(8, 16):
            span = {"start": f"{hour:02}:00", "end": f"{hour:02}:45"}
            await schedule(browser, services, **span)
        assert [await times(page) for page in pages] == few
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert all(few)
