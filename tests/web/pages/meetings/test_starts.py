"""What the form of a new meeting begins with."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

from tests.web.browser import SignedIn
from tests.web.meeting_pages import FORM, ROOMS, hidden, schedule
from web.services import Services

AGENDA = {"agenda_title": "Báo cáo tháng", "agenda_presenter": "Chánh Văn phòng"}


def values(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


async def test_a_meeting_is_made_as_last_time_on_the_next_such_day(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    last = await schedule(browser, services, **AGENDA, agenda_minutes="20")
    path = f"/meetings/new?like={last.id}"
    assert path in await (await browser.get(f"/meetings/{last.id}")).text()
    page = await (await browser.get(path)).text()
    assert "Như cuộc họp ngày 02/12/2026." in page
    assert "Không mời lại" not in page
    assert 'value="09/12/2026"' in page  # a Wednesday again
    assert values(page, "agenda_title")[0] == "Báo cáo tháng"
    assert values(page, "agenda_id")[0] == ""
    assert set(values(page, "sites")[0].split()) == set(last.sites)
    # Sent as it is, it is another meeting with the same content.
    form = {**FORM, **AGENDA, **await hidden(browser, path), "date": "2026-12-09"}
    made = await browser.post("/meetings/new", data=form, allow_redirects=False)
    stored = await services.store.meetings.get(made.headers["Location"].rsplit("/", 1)[1])
    assert stored.id != last.id
    assert stored.starts_at - last.starts_at == dt.timedelta(days=7)
    assert stored.sites == last.sites
    assert {one.id for one in stored.agenda}.isdisjoint(one.id for one in last.agenda)


async def test_whom_nobody_can_invite_again_is_left_out_by_name(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    last = await schedule(browser, services)
    await services.store.units.close_units(["cha-nua"], dt.date(2026, 12, 9))
    site = await services.store.sites.get(ROOMS["si-pha"])
    await services.store.sites.update(dataclasses.replace(site, active=False))
    page = await (await browser.get(f"/meetings/new?like={last.id}")).text()
    assert "Không mời lại 2 điểm cầu" in page
    assert "Xã Chà Nưa" in page
    assert "(đơn vị thôi hoạt động từ 09/12/2026)" in page
    assert "(đã ngừng dùng)" in page
    assert values(page, "sites") == [ROOMS["nam-po"]]


async def test_a_foreign_meeting_is_no_example(signed_in: SignedIn, services: Services) -> None:
    last = await schedule(await signed_in("secretary", "nam-po"), services)
    stranger = await signed_in("secretary", "lai-chau")
    assert (await stranger.get(f"/meetings/new?like={last.id}")).status == 404
    guest = await signed_in("secretary", "cha-nua")
    assert (await guest.get(f"/meetings/new?like={last.id}")).status == 403
