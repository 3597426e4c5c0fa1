"""Search: words in any order, without diacritics, true at every change, within one's units."""

from __future__ import annotations

import dataclasses

import pytest

from confhub.meetings.calendar import Within
from confhub.meetings.meeting import AgendaItem
from confhub.people.actor import Actor
from confhub.people.person import Person
from confhub.store import Store
from confhub.words.texts import sought_words
from tests.confhub.store.country import NOW, REFORM, Country, account, meeting, rename, site

ON = NOW.date()


async def found(store: Store, kind: str, text: str, *units: str, alone: bool = False) -> list[str]:
    words = sought_words(text)
    within = [Within(one, alone) for one in units] or None
    if kind == "meeting":
        return [one.id for one in await store.search.meetings(words, within, ON, 9)]
    return await store.search.ids(kind, words, within, ON, 9)  # type: ignore[arg-type]


@pytest.fixture
async def filled(store: Store, country: Country) -> Country:
    rooms = [
        site(country.muong_cha, "mc", name="Hội trường tầng 2", technician_name="Lò Văn Đức"),
        site(country.province, "p", name="Phòng họp UBND"),
    ]
    await store.sites.add_many(rooms)
    agenda = (AgendaItem("Quyết toán ngân sách", "Sở Tài chính"),)
    briefing = meeting(
        country.province,
        (rooms[1].id, rooms[0].id),
        title="Giao ban tháng Mười hai",
        chair_name="Ông Vừ A Đông",
        agenda=agenda,
    )
    await store.meetings.add(briefing)
    await store.accounts.add(account(country.muong_cha, "duc.lo", name="Lò Văn Đức"), "hash")
    chair = Person("person-1", "Cà A Páo", "Chủ tịch", country.muong_cha, phone="0215 3 111")
    await store.address_book.add(chair)
    return country


@pytest.mark.parametrize(
    ("kind", "text", "is_found"),
    [
        ("meeting", "giao ban", True),
        ("meeting", "ban GIAO mươi", True),  # any order, the beginning of a word
        ("meeting", "Đông ngan sach", True),  # chair and agenda
        ("meeting", "dien bien giao", True),  # with the host's name
        ("meeting", "so-tai chinh?", True),
        ("meeting", "giao xyz", False),
        ("meeting", "iao", False),
        ("meeting", "", False),
        ("meeting", '" OR *', False),
        ("unit", "muong cha", True),
        ("unit", "03166", True),
        ("site", "hoi truong muong", True),
        ("site", "duc", True),
        ("person", "chu tich pao", True),
        ("person", "0215", True),
        ("account", "duc.lo", True),
        ("account", "pao", False),
    ],
)
async def test_words_are_found_in_any_order_without_diacritics(
    store: Store, filled: Country, kind: str, text: str, is_found: bool
) -> None:
    assert bool(await found(store, kind, text)) is is_found


async def test_a_change_is_found_at_once_and_what_stood_before_no_more(
    store: Store, filled: Country
) -> None:
    stored = await store.meetings.get("meeting-1")
    changed = dataclasses.replace(stored, title="Họp khẩn", agenda=(AgendaItem("Phòng bão"),))
    await store.meetings.update(changed)
    assert await found(store, "meeting", "giao") == await found(store, "meeting", "ngan sach") == []
    assert await found(store, "meeting", "bao hop khan") == ["meeting-1"]
    await rename(store, filled.province, "Tỉnh Điện Biên Mới", ON)
    assert await found(store, "meeting", "moi khan") == ["meeting-1"]
    assert await found(store, "site", "ubnd moi") == ["site-p"]
    assert await found(store, "unit", "moi") == [filled.province]
    room = await store.sites.get("site-p")
    await store.sites.update(dataclasses.replace(room, name="Nhà khách"))
    assert await found(store, "site", "ubnd") == []
    clerk = await store.accounts.get("acc-duc.lo")
    await store.accounts.update(dataclasses.replace(clerk, name="Lò Văn Tài"))
    assert await found(store, "account", "tai duc") == ["acc-duc.lo"]  # the login name stays
    chair = await store.address_book.get("person-1")
    await store.address_book.update(dataclasses.replace(chair, title="Bí thư"))
    assert await found(store, "person", "chu tich") == []


async def test_nothing_is_kept_of_a_work_that_failed(store: Store, filled: Country) -> None:
    async def fail() -> None:
        async with store.work(Actor(NOW)) as work:
            stored = await work.meetings.get("meeting-1")
            await work.meetings.update(dataclasses.replace(stored, title="Họp khẩn"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await found(store, "meeting", "khan") == []
    assert await found(store, "meeting", "giao") == ["meeting-1"]


async def test_what_lies_outside_of_ones_units_is_not_found(store: Store, filled: Country) -> None:
    for unit_id in (filled.centre, filled.province, filled.muong_cha):
        assert await found(store, "meeting", "giao", unit_id) == ["meeting-1"]  # hosts or invited
    assert await found(store, "meeting", "giao", filled.cha_nua) == []
    assert await found(store, "meeting", "giao", filled.centre, alone=True) == []
    assert await found(store, "site", "phong ubnd", filled.muong_cha) == []
    assert await found(store, "person", "pao", filled.cha_nua) == []
    assert await found(store, "person", "pao", filled.cha_nua, filled.province) == ["person-1"]
    # A district that ended is below the province under which it stood.
    assert REFORM <= ON
    assert await found(store, "unit", "nam po", filled.province) == [filled.district]
    assert await found(store, "unit", "nam po", filled.muong_cha) == []


async def test_only_the_one_top_of_all_is_the_whole(store: Store, filled: Country) -> None:
    assert await store.search.is_whole(filled.centre)
    assert not await store.search.is_whole(filled.province)


async def test_names_that_play_a_kind_hide_nothing_of_it(store: Store, filled: Country) -> None:
    """Whoever calls people so would have filled the first hits of everything else."""
    kinds = "qkmeeting qkunit qksite qkaccount qkperson"
    for number in range(10):
        made = Person(
            f"made-up-{number}", f"{kinds} a {number}", "giao hoi muong duc", filled.cha_nua
        )
        await store.address_book.add(made)
    for kind, text, kept in (
        ("meeting", "giao", ["meeting-1"]),
        ("unit", "muong", [filled.muong_cha]),
        ("site", "hoi", ["site-mc"]),
        ("account", "duc", ["acc-duc.lo"]),
    ):
        assert await found(store, kind, text) == kept
