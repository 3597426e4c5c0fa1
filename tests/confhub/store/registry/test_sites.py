"""Sites and their lines."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from confhub.desks import sites as desk
from confhub.errors import BadInput, Conflict, NotFound
from confhub.imports.sites import SitePlan
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.units.names import Called
from confhub.units.site import Line, Site
from tests.confhub.store.country import BEFORE, NOW, REFORM, Country, site

LINES = (
    Line("fibre", "VNPT", 50_000_000, 20_000_000),
    Line("mobile", "Viettel", backup=True, note="SIM 2"),
)


def codes(sites: list[Site]) -> list[str]:
    return [one.code for one in sites]


async def test_a_site_comes_back_with_its_lines_in_order(store: Store, country: Country) -> None:
    full = site(
        country.cha_nua,
        "cha-nua",
        name="Phòng họp UBND xã Chà Nưa",
        contact_name="Lò Văn A",
        contact_phone="0215 3 000 000",
        technician_name="Cà Thị B",
        technician_phone="0912 000 000",
        room_phone="0215 3 000 001",
        email="chanua@dienbien.gov.vn",
        room="Phòng số 2",
        streams=12,
        equipment_note="Tivi 65 inch\ncamera PTZ",
        active=False,
        lines=LINES,
    )
    await store.sites.add(full)
    assert await store.sites.get(full.id) == full
    assert await store.sites.by_code("cha-nua") == full
    assert await store.sites.by_code("CHA-NUA") is None
    with pytest.raises(NotFound):
        await store.sites.get("nobody")


async def test_a_line_may_be_faster_than_32_bits_count(store: Store, country: Country) -> None:
    fast = site(
        country.province, "tinh", lines=(Line("leased", "", 10_000_000_000, 10_000_000_000),)
    )
    await store.sites.add(fast)
    assert (await store.sites.get(fast.id)).lines == fast.lines


async def test_lists_are_by_name_of_the_units_that_were_asked_for(
    store: Store, country: Country
) -> None:
    await store.sites.add_many(
        [
            site(country.province, "p10", name="Phòng 10"),
            site(country.province, "p2", name="Phòng 2", lines=LINES),
            site(country.cha_nua, "xa", name="Chà Nưa", lines=LINES[:1]),
        ]
    )
    assert codes(await store.sites.list()) == ["xa", "p2", "p10"]
    assert codes(await store.sites.list([country.province])) == ["p2", "p10"]
    assert await store.sites.list([]) == []
    many = await store.sites.get_many(["site-p2", "site-xa", "nobody"])
    assert [(one.code, one.lines) for one in many] == [("xa", LINES[:1]), ("p2", LINES)]


async def test_sites_within_a_unit_are_those_of_its_day(store: Store, country: Country) -> None:
    await store.sites.add_many(
        [
            site(country.district, "huyen"),
            site(country.cha_nua, "xa"),
            site(country.muong_cha, "moi"),
        ]
    )
    assert codes(await store.sites.within(country.province, BEFORE)) == ["huyen", "xa"]
    assert codes(await store.sites.within(country.province, REFORM)) == ["moi"]
    assert await store.sites.within(country.district, REFORM) == []


async def test_search_finds_by_words_of_the_name_and_by_the_start_of_the_code(
    store: Store, country: Country
) -> None:
    await store.sites.add_many(
        [
            site(country.province, "dbn-01", name="Hội trường tỉnh Điện Biên"),
            site(country.cha_nua, "dbn-npo-01", name="Phòng họp UBND xã Chà Nưa", lines=LINES),
        ]
    )
    found = await store.sites.search("chà nưa", BEFORE)
    assert [(one.code, one.lines) for one in found] == [("dbn-npo-01", LINES)]
    assert codes(await store.sites.search("DBN-NPO", BEFORE)) == ["dbn-npo-01"]
    assert codes(await store.sites.search("dbn", BEFORE, within=country.district)) == ["dbn-npo-01"]
    assert len(await store.sites.search("dbn", BEFORE, limit=1)) == 1
    for nothing in ("npo", "%", "dbn_", " "):
        assert await store.sites.search(nothing, BEFORE) == []


async def test_a_code_is_used_once_and_sites_are_added_all_or_none(
    store: Store, country: Country
) -> None:
    await store.sites.add(site(country.province, "a"))
    other = dataclasses.replace(site(country.province, "a"), id="another")
    with pytest.raises(Conflict) as conflict:
        await store.sites.add_many([site(country.province, "b", lines=LINES), other])
    assert conflict.value.code == "in_use"
    assert codes(await store.sites.list()) == ["a"]
    with pytest.raises(BadInput):
        await store.sites.add(site("no such unit", "c"))


async def test_an_update_replaces_lines_and_raises_the_version(
    store: Store, country: Country
) -> None:
    first = site(country.province, "a", lines=LINES)
    await store.sites.add(first)
    changed = dataclasses.replace(first, name="Tên mới", lines=LINES[1:])
    stored = await store.sites.update(changed)
    assert stored == dataclasses.replace(changed, version=2)
    assert await store.sites.get(first.id) == stored
    assert codes(await store.sites.search("ten moi", BEFORE)) == ["a"]


async def test_lines_that_stay_keep_their_ids(store: Store, country: Country) -> None:
    first = site(country.province, "a", lines=(Line("fibre", "VNPT", 1), Line("mobile", "VNPT")))
    await store.sites.add(first)
    fibre, mobile = (await store.sites.get(first.id)).lines
    lines = (Line("mobile", "Viettel"), Line("satellite"), Line("fibre", "VNPT", 2, note="mới"))
    changed = await store.sites.update(dataclasses.replace(first, lines=lines))
    stored = await store.sites.get(first.id)
    assert stored == changed
    assert [line.id for line in stored.lines] == [line.id for line in changed.lines]
    assert [stored.lines[0].id, stored.lines[2].id] == [mobile.id, fibre.id]
    plan = SitePlan((), (dataclasses.replace(stored, name="Tên mới", lines=lines[2:]),), 0)
    await store.imports.carry_out_sites(plan)
    assert [line.id for line in (await store.sites.get(first.id)).lines] == [fibre.id]


async def test_an_update_on_an_older_version_changes_nothing(
    store: Store, country: Country
) -> None:
    first = site(country.province, "a", lines=LINES)
    await store.sites.add(first)
    second = await store.sites.update(first)
    with pytest.raises(Conflict) as conflict:
        await store.sites.update(dataclasses.replace(first, lines=()))
    assert conflict.value.code == "conflict"
    assert await store.sites.get(first.id) == second
    with pytest.raises(NotFound):
        await store.sites.update(dataclasses.replace(first, id="nobody"))


async def test_a_text_too_long_for_its_column_is_refused_with_its_beginning(
    store: Store, country: Country
) -> None:
    note = "g" * 100_000
    await store.sites.add(site(country.province, "a", name="n" * 200, equipment_note=note))
    assert (await store.sites.by_code("a") or pytest.fail("lost")).equipment_note == note
    with pytest.raises(BadInput) as bad:
        await store.sites.add(site(country.province, "b", name="n" * 201))
    assert (bad.value.code, bad.value.values["limit"]) == ("too_long", 200)
    line = Line("fibre", provider="p" * 81)
    with pytest.raises(BadInput):
        await store.sites.add(site(country.province, "c", lines=(line,)))
    assert codes(await store.sites.list()) == ["a"]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
async def test_a_sign_that_no_text_holds_is_refused(
    store: Store, country: Country, text: str
) -> None:
    with pytest.raises(BadInput) as bad:
        await store.sites.add(site(country.province, "a", equipment_note=text))
    assert bad.value.code == "bad_value"


async def test_every_letter_comes_back_as_it_was(store: Store, country: Country) -> None:
    note = "'\"\\%_;-- \u1ed3 o\u0302\u0300 𝒳 👩‍🌾 \t\r\n\u200b <script>"
    await store.sites.add(site(country.province, "a", equipment_note=note))
    (stored,) = await store.sites.list()
    assert stored.equipment_note == note


async def test_pages_of_sites_follow_the_tree_and_hold_every_word(
    store: Store, country: Country
) -> None:
    await store.sites.add_many(
        [
            site(country.cha_nua, "xa-10", name="Phòng 10"),
            site(country.cha_nua, "xa-2", name="Phòng 2", technician_name="Mùa A Sử"),
            site(country.district, "huyen", name="Phòng họp Ủy ban", contact_name="Lò Thị Ó"),
            site(country.province, "tinh", name="Hội trường", active=False),
        ]
    )

    async def found(text: str, start: int = 0, size: int = 9, unit: str = "") -> list[str]:
        page = await store.sites.page(unit or country.centre, BEFORE, text, start, size)
        return [*(one.code for one in page.sites), f"{page.start}/{page.total}"]

    assert await found("") == ["tinh", "huyen", "xa-2", "xa-10", "0/4"]
    assert await found("", 2, 2) == ["xa-2", "xa-10", "2/4"]
    assert await found("", 4, 2) == ["tinh", "huyen", "0/4"]
    assert await found("phong cha nua") == ["xa-2", "xa-10", "0/2"]
    assert await found("su xa-2") == ["xa-2", "0/1"]
    assert await found("lò thị") == ["huyen", "0/1"]
    assert await found("", unit=country.cha_cang) == ["0/0"]


async def test_sites_come_without_their_lines_where_nobody_asks(
    store: Store, country: Country
) -> None:
    lined = site(country.cha_nua, "xa", lines=(Line("fibre"),))
    await store.sites.add(lined)
    assert await store.sites.list() == [lined]
    bare = [dataclasses.replace(lined, lines=())]
    assert await store.sites.list(with_lines=False) == bare
    assert await store.sites.within(country.centre, BEFORE, with_lines=False) == bare


async def test_a_site_is_told_as_it_was_on_a_day(store: Store, country: Country) -> None:
    """By what is on record, in any zone; of others, and of what changed otherwise, nothing."""
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    hall, other = site(country.cha_nua, "hall", name="Phòng 1"), site(country.cha_nua, "other")
    for one in (hall, other):
        await desk.add(store, Actor(NOW), one)

    async def change(at: dt.datetime, **values: Any) -> None:
        known = await store.sites.get(hall.id)
        await desk.change(store, Actor(at), dataclasses.replace(known, **values))

    day = NOW.astimezone(zone).date()
    before, after = day - dt.timedelta(days=1), day + dt.timedelta(days=1)
    assert await store.sites.on_days([], zone) == {}
    await change(NOW, contact_name="Lò Văn A")
    # 23:30 of the day there; the next one has begun in Tokyo.
    late = dt.datetime.combine(day, dt.time(23, 30), zone)
    await change(late, name='Phòng "2"', unit_id=country.district)
    await change(late + dt.timedelta(hours=30), contact_name="Lò Văn B", name="Phòng 3")
    wanted = [(one, on) for one in (hall.id, other.id, "nobody") for on in (before, day, after)]
    assert await store.sites.on_days(wanted, zone) == {
        (hall.id, before): Called("Phòng 1", country.cha_nua),
        (hall.id, day): Called('Phòng "2"', country.district),
        (hall.id, after): Called('Phòng "2"', country.district),
        **{(other.id, on): Called("other", country.cha_nua) for on in (before, day, after)},
    }
    assert await store.sites.on_days([(hall.id, day)], ZoneInfo("Asia/Tokyo")) == {
        (hall.id, day): Called("Phòng 1", country.cha_nua)
    }
    later = after + dt.timedelta(days=1)
    assert (await store.sites.on_days([(hall.id, later)], zone))[hall.id, later].name == "Phòng 3"
