"""Units: the tree of a day, codes used again, search, and changes that keep history."""

from __future__ import annotations

import datetime as dt

import pytest

from confhub.errors import BadInput, Conflict, NotFound
from confhub.store import Store
from confhub.units.unit import GSO_SCHEME, Level, NewUnit, Succession, Unit
from tests.confhub.store.country import BEFORE, LEVELS, REFORM, Country, rename, site, unit

LATER = dt.date(2027, 1, 1)


def names(units: list[Unit]) -> list[str]:
    return [one.name for one in units]


async def test_levels_are_listed_from_the_highest(store: Store) -> None:
    for level in reversed(LEVELS):
        await store.units.add_level(level)
    assert await store.units.levels() == list(LEVELS)


async def test_a_second_level_of_one_rank_is_a_conflict(store: Store) -> None:
    await store.units.add_level(LEVELS[0])
    with pytest.raises(Conflict):
        await store.units.add_level(Level("other", LEVELS[0].rank, "Khác", "Other"))


async def test_a_tree_is_of_its_day(store: Store, country: Country) -> None:
    before = await store.units.tree(None, BEFORE)
    assert names(before) == [
        "Trung ương",
        "Tỉnh Điện Biên",
        "Huyện Nậm Pồ",
        "Xã Chà Cang",
        "Xã Chà Nưa",
    ]
    after = await store.units.tree(None, REFORM)
    assert names(after) == ["Trung ương", "Tỉnh Điện Biên", "Xã Mường Chà"]
    assert [one.parent_id for one in after] == [None, country.centre, country.province]


async def test_a_subtree_begins_at_its_root_and_ends_at_its_depth(
    store: Store, country: Country
) -> None:
    assert names(await store.units.tree(country.province, BEFORE, depth=1)) == [
        "Tỉnh Điện Biên",
        "Huyện Nậm Pồ",
    ]
    assert names(await store.units.tree(country.district, BEFORE)) == [
        "Huyện Nậm Pồ",
        "Xã Chà Cang",
        "Xã Chà Nưa",
    ]
    with pytest.raises(NotFound):
        await store.units.tree(country.district, REFORM)


async def test_a_path_leads_from_the_root_to_the_unit(store: Store, country: Country) -> None:
    assert names(await store.units.path(country.cha_nua, BEFORE)) == [
        "Trung ương",
        "Tỉnh Điện Biên",
        "Huyện Nậm Pồ",
        "Xã Chà Nưa",
    ]
    for unit_id, on in ((country.cha_nua, REFORM), (country.muong_cha, BEFORE), ("nobody", BEFORE)):
        with pytest.raises(NotFound):
            await store.units.path(unit_id, on)


async def test_a_code_that_is_used_again_names_another_unit(store: Store, country: Country) -> None:
    old = await store.units.by_code(GSO_SCHEME, "03166", BEFORE)
    new = await store.units.by_code(GSO_SCHEME, "03166", REFORM)
    assert old is not None
    assert new is not None
    assert (old.id, old.name, old.valid_to) == (country.cha_cang, "Xã Chà Cang", REFORM)
    assert (new.id, new.name, new.valid_from) == (country.muong_cha, "Xã Mường Chà", REFORM)
    assert await store.units.by_code("another scheme", "03166", BEFORE) is None
    assert await store.units.by_code(GSO_SCHEME, "99999", BEFORE) is None


async def test_a_view_shows_the_code_of_the_scheme_that_was_asked_for(
    store: Store, country: Country
) -> None:
    codes = ((GSO_SCHEME, "12"), ("QD20", "H37"))
    lai_chau = NewUnit("province", "Tỉnh Lai Châu", country.centre, codes)
    await store.units.add_many([lai_chau])
    assert (await store.units.get(lai_chau.id, BEFORE)).code == "12"
    assert (await store.units.get(lai_chau.id, BEFORE, scheme="QD20")).code == "H37"
    assert (await store.units.get(lai_chau.id, BEFORE, scheme="?")).code is None
    # With two codes it still is one unit.
    assert (
        names(await store.units.tree(country.centre, BEFORE, depth=1)).count("Tỉnh Lai Châu") == 1
    )


@pytest.mark.parametrize("within_the_same_call", [True, False])
async def test_a_code_borne_by_two_within_one_span_is_a_conflict(
    store: Store, country: Country, within_the_same_call: bool
) -> None:
    first = unit("commune", "Xã A", country.province, "77777", valid_to=LATER)
    after = unit("commune", "Xã B", country.province, "77777", valid_from=LATER)
    within = unit("commune", "Xã C", country.province, "77777", valid_from=REFORM)
    await store.units.add_many([first, after])
    rows = [within]
    if within_the_same_call:
        rows = [unit("commune", name, country.province, "88888") for name in ("Xã D", "Xã E")]
    with pytest.raises(Conflict) as conflict:
        await store.units.add_many(rows)
    assert conflict.value.code == "code_in_use"
    assert "Xã C" not in names(await store.units.tree(None, REFORM))


async def test_units_are_added_all_or_none(store: Store, country: Country) -> None:
    good = unit("commune", "Xã Tốt", country.province, "1")
    lost = unit("commune", "Xã Lạc", "no such unit", "2")
    with pytest.raises(BadInput) as bad:
        await store.units.add_many([good, lost])
    assert bad.value.code == "missing_reference"
    assert "Xã Tốt" not in names(await store.units.tree(None, REFORM))


async def test_new_units_in_a_ring_are_refused(store: Store, country: Country) -> None:
    one = unit("district", "Một", None, "1")
    two = unit("district", "Hai", one.id, "2")
    ring = NewUnit(one.level_id, one.name, two.id, id=one.id)
    with pytest.raises(BadInput) as bad:
        await store.units.add_many([ring, two])
    assert bad.value.code == "unit_cycle"


async def test_search_needs_neither_diacritics_nor_case_nor_order(
    store: Store, country: Country
) -> None:
    for text in ("nam po", "NẬM PỒ", "pồ nậm", "  nậm   po "):
        assert names(await store.units.search(text, BEFORE)) == ["Huyện Nậm Pồ"]
    assert names(await store.units.search("dien bien", BEFORE)) == ["Tỉnh Điện Biên"]
    assert await store.units.search("nam po", REFORM) == []
    assert await store.units.search("  ", BEFORE) == []


async def test_search_puts_the_whole_name_first_then_beginnings_then_the_higher_level(
    store: Store, country: Country
) -> None:
    await store.units.add_many(
        [
            unit("commune", "Xã Sơn La", country.province, "1"),
            unit("province", "Tỉnh Sơn La", country.centre, "2"),
            unit("commune", "Xã Thượng Sơn Lam", country.province, "3"),
            unit("commune", "Sơn La Bắc", country.province, "4"),
            unit("commune", "Xã Nasơn Lath", country.province, "5"),
        ]
    )
    assert names(await store.units.search("son la", BEFORE)) == [
        "Tỉnh Sơn La",
        "Xã Sơn La",
        "Sơn La Bắc",
        "Xã Thượng Sơn Lam",
        "Xã Nasơn Lath",
    ]
    assert names(await store.units.search("son la", BEFORE, limit=1)) == ["Tỉnh Sơn La"]


async def test_search_stays_within_a_unit(store: Store, country: Country) -> None:
    found = await store.units.search("cha", BEFORE, within=country.district)
    assert names(found) == ["Xã Chà Cang", "Xã Chà Nưa"]
    assert await store.units.search("dien bien", BEFORE, within=country.district) == []


@pytest.mark.parametrize("text", ["%", "_", "/", "\\", "'", '"; DROP TABLE unit; --', "xa%cha"])
async def test_search_takes_signs_of_sql_for_what_they_are(
    store: Store, country: Country, text: str
) -> None:
    assert await store.units.search(text, BEFORE) == []
    odd = unit("commune", f"Xã {text}", country.province, "1")
    await store.units.add_many([odd])
    assert names(await store.units.search(text, BEFORE)) == [odd.name]


async def test_siblings_are_in_order_of_number_and_of_letters(
    store: Store, country: Country
) -> None:
    for number, name in enumerate(["Phường 10", "Phường 2", "Đà Lạt", "Ea Đê", "Áng"]):
        await store.units.add_many([unit("commune", name, country.district, str(number))])
    assert names(await store.units.tree(country.district, BEFORE)) == [
        "Huyện Nậm Pồ",
        "Áng",
        "Đà Lạt",
        "Ea Đê",
        "Phường 2",
        "Phường 10",
        "Xã Chà Cang",
        "Xã Chà Nưa",
    ]


async def test_a_new_name_leaves_the_old_one_to_its_days(store: Store, country: Country) -> None:
    await rename(store, country.province, "Tỉnh Điện Biên Mới", LATER)
    assert (await store.units.get(country.province, BEFORE)).name == "Tỉnh Điện Biên"
    assert (await store.units.get(country.province, LATER)).name == "Tỉnh Điện Biên Mới"
    assert names(await store.units.search("bien moi", LATER)) == ["Tỉnh Điện Biên Mới"]
    assert await store.units.search("bien moi", BEFORE) == []


async def test_an_earlier_change_takes_the_place_of_a_later_plan(
    store: Store, country: Country
) -> None:
    await rename(store, country.province, "Kế hoạch", LATER)
    await rename(store, country.province, "Quyết định", REFORM)
    assert (await store.units.get(country.province, LATER)).name == "Quyết định"
    assert (await store.units.get(country.province, BEFORE)).name == "Tỉnh Điện Biên"


async def test_a_unit_moves_from_a_day_on(store: Store, country: Country) -> None:
    await store.units.move(country.muong_cha, country.centre, LATER)
    assert (await store.units.get(country.muong_cha, REFORM)).parent_id == country.province
    assert (await store.units.get(country.muong_cha, LATER)).parent_id == country.centre
    await store.units.move(country.muong_cha, None, LATER)
    assert (await store.units.get(country.muong_cha, LATER)).parent_id is None


async def test_a_unit_moves_neither_below_itself_nor_on_a_day_without_it(
    store: Store, country: Country
) -> None:
    for below in (country.province, country.muong_cha):
        with pytest.raises(BadInput) as bad:
            await store.units.move(country.province, below, REFORM)
        assert bad.value.code == "unit_cycle"
    with pytest.raises(NotFound):
        await store.units.move(country.cha_nua, country.province, REFORM)


async def test_a_closed_unit_stands_until_its_day_and_its_plans_are_dropped(
    store: Store, country: Country
) -> None:
    await rename(store, country.muong_cha, "Kế hoạch", LATER)
    closing = dt.date(2026, 1, 1)
    await store.units.close_units([country.muong_cha], closing)
    assert (await store.units.get(country.muong_cha, REFORM)).valid_to == closing
    with pytest.raises(NotFound):
        await store.units.get(country.muong_cha, closing)
    (record,) = await store.imports.unit_records([country.muong_cha])
    assert [(span.value, span.valid_to) for span in record.names] == [("Xã Mường Chà", closing)]
    # Its code is free from that day.
    await store.units.add_many(
        [unit("commune", "Xã Mới", country.province, "03166", valid_from=closing)]
    )


async def test_successions_lead_both_ways_each_unit_as_it_stood(
    store: Store, country: Country
) -> None:
    await store.units.add_successions(
        [Succession(old, country.muong_cha, REFORM) for old in (country.cha_nua, country.cha_cang)]
    )
    assert names(await store.units.successors(country.cha_nua)) == ["Xã Mường Chà"]
    predecessors = await store.units.predecessors(country.muong_cha)
    assert names(predecessors) == ["Xã Chà Cang", "Xã Chà Nưa"]
    assert [one.code for one in predecessors] == ["03166", "03187"]
    with pytest.raises(Conflict):
        await store.units.add_successions([Succession(country.cha_nua, country.muong_cha, REFORM)])


async def test_many_units_are_read_at_once_those_that_stand(store: Store, country: Country) -> None:
    ids = [country.cha_nua, country.province, "nobody", country.muong_cha]
    found = await store.units.get_many(ids, BEFORE)
    assert names(found) == ["Tỉnh Điện Biên", "Xã Chà Nưa"]
    assert await store.units.get_many([], BEFORE) == []


async def test_a_list_of_ids_may_be_longer_than_a_statement_has_places(
    store: Store, country: Country
) -> None:
    # SQLite takes 32,766 parameters, PostgreSQL's protocol 65,535.
    ids = [*(f"no-{number}" for number in range(70_000)), country.province]
    assert names(await store.units.get_many(ids, BEFORE)) == ["Tỉnh Điện Biên"]


async def test_an_outline_counts_what_it_does_not_show(store: Store, country: Country) -> None:
    await store.sites.add_many(
        [site(country.district, "huyen"), site(country.cha_nua, "xa"), site(country.centre, "tw")]
    )

    async def counts(most: int) -> list[tuple[str, int, int, int]]:
        branches = await store.units.outline(country.centre, BEFORE, most)
        return [(b.unit.id, b.own_sites, b.sites, b.below) for b in branches]

    assert await counts(2) == [(country.centre, 1, 3, 4), (country.province, 0, 2, 3)]
    assert await counts(100) == [
        (country.centre, 1, 3, 4),
        (country.province, 0, 2, 3),
        (country.district, 1, 2, 2),
        (country.cha_cang, 0, 0, 0),
        (country.cha_nua, 1, 1, 0),
    ]
    with pytest.raises(NotFound):
        await store.units.outline(country.district, REFORM, 100)


async def test_paths_of_many_units_are_as_of_each(store: Store, country: Country) -> None:
    wanted = [country.cha_nua, country.province, country.muong_cha, "nothing"]
    paths = await store.units.paths(wanted, BEFORE)
    assert {key: [unit.id for unit in path] for key, path in paths.items()} == {
        country.cha_nua: [country.centre, country.province, country.district, country.cha_nua],
        country.province: [country.centre, country.province],
    }


async def test_a_unit_that_ended_is_found_as_it_stood_last(store: Store, country: Country) -> None:
    assert (await store.units.get(country.cha_nua, REFORM, ended=True)).name == "Xã Chà Nưa"
    assert names(await store.units.path(country.cha_nua, LATER, ended=True)) == [
        "Trung ương",
        "Tỉnh Điện Biên",
        "Huyện Nậm Pồ",
        "Xã Chà Nưa",
    ]
    both = [country.cha_nua, country.muong_cha]
    assert names(await store.units.get_many(both, REFORM, ended=True)) == [
        "Xã Chà Nưa",
        "Xã Mường Chà",
    ]
    with pytest.raises(NotFound):
        await store.units.path("nobody", REFORM, ended=True)


async def test_a_tree_keeps_units_that_ended_while_something_is_theirs(
    store: Store, country: Country
) -> None:
    assert names(await store.units.tree(country.province, REFORM, ended=True)) == [
        "Tỉnh Điện Biên",
        "Xã Mường Chà",
    ]
    await store.sites.add(site(country.cha_nua, "xa"))
    kept = ["Tỉnh Điện Biên", "Huyện Nậm Pồ", "Xã Chà Nưa", "Xã Mường Chà"]
    assert names(await store.units.tree(country.province, REFORM, ended=True)) == kept
    assert names(await store.units.tree(None, REFORM, ended=True)) == ["Trung ương", *kept]
    assert names(await store.units.tree(country.district, REFORM, ended=True)) == [
        "Huyện Nậm Pồ",
        "Xã Chà Nưa",
    ]
    assert names(await store.units.tree(country.province, REFORM)) == [
        "Tỉnh Điện Biên",
        "Xã Mường Chà",
    ]
    for root in (country.centre, country.province, country.district, country.cha_nua):
        assert [one.code for one in await store.sites.within(root, REFORM, ended=True)] == ["xa"]
    assert await store.sites.within(country.muong_cha, REFORM, ended=True) == []
