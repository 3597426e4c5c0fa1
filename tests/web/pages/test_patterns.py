"""Patterns of meetings and lists of sites: kept from a meeting or a form, used, changed, ended."""

from __future__ import annotations

import datetime as dt
import re

from confhub.planning.pattern import Pattern
from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import FORM, ROOMS, hidden, schedule
from web.services import Services

AGENDA = {
    "agenda_title": "Báo cáo tháng",
    "agenda_presenter": "Chánh Văn phòng",
    "agenda_minutes": "20",
}


async def keep(browser: WebClient, services: Services, path: str, **typed: str) -> Pattern:
    """Post the form of a pattern as it is shown at the path, with what is typed."""
    page = await (await browser.get(path)).text()
    shown = {
        name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)[:1]
        for name in ("name", "title", "chair_name", "start", "length")
    }
    form = {name: value[0] for name, value in shown.items() if value}
    chosen = re.findall(r'<option value="([\w-]+)" selected', page)
    names = re.findall(r'<select id="f-(\w+)"', page)
    form |= dict(zip(names, chosen, strict=False))
    form |= {**await hidden(browser, path), **typed}
    answer = await browser.post("/patterns/new", data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    return await services.store.patterns.get(form["key"])


async def test_a_pattern_is_kept_from_a_meeting_and_makes_another(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    meeting = await schedule(browser, services, **AGENDA)
    path = f"/patterns/new?meeting={meeting.id}"
    assert path in await (await browser.get(f"/meetings/{meeting.id}")).text()
    pattern = await keep(browser, services, path, **AGENDA, name="Giao ban tuần")
    assert (pattern.unit_id, pattern.starts, pattern.length_min) == ("nam-po", "08:00", 90)
    assert pattern.sites == meeting.sites
    assert pattern.agenda == meeting.agenda
    listed = await (await browser.get("/patterns")).text()
    assert "Giao ban tuần" in listed
    assert f"pattern={pattern.id}" in await (await browser.get("/meetings/new")).text()
    start = f"/meetings/new?pattern={pattern.id}&host=nam-po"
    page = await (await browser.get(start)).text()
    assert "Theo “Giao ban tuần”." in page
    for value in ("27/11/2026", "08:00", "09:30", "Báo cáo tháng", meeting.title):
        assert f'value="{value}"' in page
    form = {**FORM, **AGENDA, **await hidden(browser, start)}
    assert set(form["sites"].split()) == set(meeting.sites)


async def test_a_pattern_of_a_unit_serves_those_below_with_whom_they_may_invite(
    signed_in: SignedIn, services: Services
) -> None:
    sites = (ROOMS["dien-bien"], ROOMS["cha-nua"], ROOMS["si-pha"])
    handed = Pattern(
        "pattern-1",
        "dien-bien",
        "meeting",
        "Giao ban",
        sites,
        title="Giao ban",
        level_id="district",
        chair_site_id=ROOMS["dien-bien"],
        starts="14:00",
        length_min=60,
    )
    await services.store.patterns.add(handed)
    browser = await signed_in("secretary", "cha-nua")
    assert "Của đơn vị cấp trên" in await (await browser.get("/patterns")).text()
    page = await (await browser.get("/meetings/new?pattern=pattern-1")).text()
    assert "Không mời lại 1 điểm cầu" in page
    assert "(ngoài phạm vi mời của đơn vị chủ trì)" in page
    assert 'value="15:00"' in page
    assert (await browser.get("/patterns/pattern-1")).status == 404  # not theirs to change
    stranger = await signed_in("secretary", "lai-chau")
    assert (await stranger.get("/meetings/new?pattern=pattern-1")).status == 404


async def test_a_form_that_is_half_filled_in_is_kept_as_a_list_or_a_pattern(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    form = {**FORM, **AGENDA, **await hidden(browser, "/meetings/new"), "sites": FORM["sites"]}
    for kind in ("meeting", "sites"):
        answer = await browser.post("/patterns/draft", data={**form, "kind": kind})
        page = await answer.text()
        assert answer.status == 200
        assert f'name="kind" value="{kind}"' in page
        found = re.findall(r'name="sites" value="([^"]*)"', page)[0].split()
        assert set(found) == {ROOMS["nam-po"], ROOMS["cha-nua"], ROOMS["si-pha"]}
        assert ("Báo cáo tháng" in page) == (kind == "meeting")
        assert ('value="90"' in page) == (kind == "meeting")


async def test_the_picker_is_offered_lists_and_told_who_ended_since(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    path = "/patterns/new?kind=sites"
    kept = await keep(browser, services, path, name="Hai xã", sites=FORM["sites"])
    answer = await (await browser.get("/api/site-lists?host=nam-po")).json()
    assert answer == {"lists": [{"id": kept.id, "name": "Hai xã", "sites": 2, "unit": ""}]}
    lower = await (await browser.get("/api/site-lists?host=cha-nua")).json()
    assert [one["unit"] for one in lower["lists"]] == ["Huyện Nậm Pồ"]
    await services.store.units.close_units(["si-pha"], dt.date(2026, 12, 2))
    address = f"/api/site-lists/{kept.id}?host=nam-po"
    before = await (await browser.get(f"{address}&on=2026-12-01")).json()
    assert (len(before["sites"]), before["said"]) == (2, "")
    after = await (await browser.get(f"{address}&on=2026-12-02")).json()
    assert [site["id"] for site in after["sites"]] == [ROOMS["cha-nua"]]
    assert after["sites"][0]["path"][-2:] == ["nam-po", "cha-nua"]
    assert "Xã Si Pa Phìn" in after["said"]


async def test_a_list_is_changed_ended_and_taken_back(
    signed_in: SignedIn, services: Services
) -> None:
    browser = await signed_in("secretary", "nam-po")
    kept = await keep(
        browser, services, "/patterns/new?kind=sites", name="Hai xã", sites=FORM["sites"]
    )
    path = f"/patterns/{kept.id}"
    form = {**await hidden(browser, path), "host_unit_id": "nam-po"}
    faulty = await browser.post(path, data={**form, "name": " "})
    assert faulty.status == 400
    assert "Xin đặt tên" in await faulty.text()
    form |= {"name": "Một xã", "sites": ROOMS["cha-nua"]}
    assert (await browser.post(path, data=form, allow_redirects=False)).status == 303
    assert (await services.store.patterns.get(kept.id)).sites == (ROOMS["cha-nua"],)
    overtaken = await browser.post(path, data=form)  # of the version before
    assert overtaken.status == 400
    for back in ({}, {"back": "1"}):
        form = {**await hidden(browser, path), **back}
        assert (await browser.post(f"{path}/end", data=form, allow_redirects=False)).status == 303
        ended = (await services.store.patterns.get(kept.id)).ended_at is not None
        assert ended == (not back)
        lists = (await (await browser.get("/api/site-lists?host=nam-po")).json())["lists"]
        assert len(lists) == (0 if ended else 1)
        opened = await browser.get(f"/api/site-lists/{kept.id}?host=nam-po")
        assert opened.status == (404 if ended else 200)
