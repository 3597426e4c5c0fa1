"""The tree and search that the site picker reads."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.store.registry.units import UnitStore
from confhub.units.site import Site
from confhub.units.unit import NewUnit, Unit
from tests.web.browser import Making, SignedIn, csrf, sign_in, submit
from web.services import Services


async def test_a_small_tree_comes_whole_with_counts_by_level(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "dien-bien")
    body = await (await browser.get("/api/units/tree?root=dien-bien")).json()
    assert body["path"] == ["central", "dien-bien"]
    nodes = {node["id"]: node for node in body["units"]}
    assert set(nodes) == {"central", "dien-bien", "nam-po", "cha-nua", "si-pha"}
    assert nodes["dien-bien"]["below"] == {"province": 1, "district": 1, "commune": 2}
    assert nodes["dien-bien"]["having"] == {"province": 1, "district": 1, "commune": 2}
    assert nodes["central"]["below"] == {"central": 1}
    assert nodes["nam-po"]["kids"] == 2


async def test_a_branch_is_cut_at_a_level(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "dien-bien")
    body = await (await browser.get("/api/units/tree?root=dien-bien&through=district")).json()
    assert "nam-po" in {node["id"] for node in body["units"]}
    assert "cha-nua" not in {node["id"] for node in body["units"]}
    assert (await browser.get("/api/units/tree?through=moon")).status == 400


async def test_search_without_diacritics_brings_the_way_to_each_hit(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "dien-bien")
    body = await (await browser.get("/api/units/search?q=cha+nua&root=dien-bien")).json()
    assert body["hits"] == ["cha-nua"]
    assert [node["id"] for node in body["units"]] == ["central", "dien-bien", "nam-po", "cha-nua"]


async def test_a_search_finds_upper_levels_and_codes_too(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    province = await (await browser.get("/api/units/search?q=dien+bien&root=nam-po")).json()
    assert province["hits"] == ["dien-bien"]
    code = await (await browser.get("/api/units/search?q=SI-PHA&root=nam-po")).json()
    assert code["hits"] == ["si-pha"]


async def test_trees_out_of_reach_are_refused(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "nam-po")
    assert (await browser.get("/api/units/tree?root=dien-bien")).status == 403
    assert (await browser.get("/api/units/tree?root=nowhere")).status == 404
    assert (await browser.get("/api/units/search?q=" + "a" * 101)).status == 413
    site = await signed_in("site", "nam-po")
    assert (await site.get("/api/units/tree")).status == 403


async def test_no_tree_out_of_reach_is_read_to_be_refused(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = UnitStore.tree

    async def noted(store: UnitStore, root_id: str, on: dt.date, *, ended: bool) -> list[Unit]:
        read.append(root_id)
        return await whole(store, root_id, on, ended=ended)

    monkeypatch.setattr(UnitStore, "tree", noted)
    browser = await signed_in("secretary", "nam-po")
    asked = {"host_unit_id": "central"}
    token = {"X-CSRF-Token": await csrf(browser)}
    for path in ("/api/units/tree?root=central", "/api/units/search?q=xa&root=central"):
        assert (await browser.get(path)).status == 403
    conflicts = await browser.post("/api/meetings/conflicts", json=asked, headers=token)
    assert conflicts.status == 403
    assert (await browser.get("/meetings/new?host=central")).status == 403
    assert (await submit(browser, "/meetings/new", asked)).status == 400
    assert (await browser.get("/api/units/tree?root=cha-nua")).status == 200
    assert set(read) <= {"nam-po", "cha-nua"}


async def test_a_tree_that_another_read_a_moment_ago_is_refused_too(
    new_client: Making,
) -> None:
    browser = await new_client()
    await sign_in(browser, "secretary.dien-bien")
    assert (await browser.get("/api/units/tree?root=dien-bien")).status == 200
    await sign_in(browser, "secretary.nam-po")
    assert (await browser.get("/api/units/tree?root=dien-bien")).status == 403


async def test_a_large_tree_comes_branch_by_branch_and_never_more_than_a_meeting_holds(
    signed_in: SignedIn, services: Services
) -> None:
    units = [NewUnit("commune", f"Xã {n}", "nam-po") for n in range(1000)]
    await services.store.units.add_many(units)
    await services.store.sites.add_many([Site(u.id, u.id, u.id, f"Phòng {u.name}") for u in units])
    browser = await signed_in("secretary", "dien-bien")
    body = await (await browser.get("/api/units/tree?root=dien-bien")).json()
    assert [node["id"] for node in body["units"]] == ["central", "dien-bien", "nam-po"]
    assert body["units"][2]["below"] == {"district": 1, "commune": 1002}
    assert body["units"][2]["having"]["district"] == 1
    districts = await browser.get("/api/units/tree?root=dien-bien&through=district")
    assert districts.status == 200
    whole = await browser.get("/api/units/tree?root=dien-bien&through=all")
    assert whole.status == 413
    assert "1000 điểm cầu" in (await whole.json())["detail"]


async def test_a_unit_with_two_rooms_is_one_unit(signed_in: SignedIn, services: Services) -> None:
    await services.store.sites.add(Site("second", "cha-nua", "cha-nua-2", "Hội trường"))
    browser = await signed_in("secretary", "nam-po")
    body = await (await browser.get("/api/units/tree?root=nam-po")).json()
    node = next(one for one in body["units"] if one["id"] == "nam-po")
    assert (node["below"]["commune"], node["having"]["commune"]) == (3, 2)
