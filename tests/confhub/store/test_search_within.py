"""A unit's meetings by words, against all that have the words, of which the unit's are kept."""

from __future__ import annotations

import random

import pytest

from confhub.config import Settings
from confhub.meetings.calendar import Within
from confhub.store import Store
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from confhub.store.search import found_subjects
from tests.confhub.store.country import NOW, Country, meeting, site

ON = NOW.date()
WORDS = ("giao", "ban", "bão", "hop", "Đông")
ASKED = (["giao"], ["b"], ["ban", "h"], ["dong", "giao", "bao"], ["tinh"], ["khong"])
MANY = 1_000


@pytest.mark.parametrize("seed", range(3))
async def test_the_same_as_looking_through_all_that_have_the_words(
    settings: Settings, store: Store, country: Country, seed: int
) -> None:
    chance = random.Random(seed)
    communes = [country.cha_cang, country.cha_nua, country.muong_cha]
    nam_po = [country.district, *communes[:2]]  # which stand no more
    below = {
        country.centre: [country.centre, country.province, *nam_po, country.muong_cha],
        country.province: [country.province, *nam_po, country.muong_cha],
        country.district: nam_po,
    } | {one: [one] for one in communes}
    units = below[country.centre]
    await store.sites.add_many([site(one, f"s{number}") for number, one in enumerate(units)])
    unit_of = {f"site-s{number}": one for number, one in enumerate(units)}
    belongs: dict[str, set[str]] = {}
    for number in range(60):
        sites = tuple(chance.sample(sorted(unit_of), chance.randint(1, 3)))
        host = chance.choice(units)
        title = " ".join(chance.sample(WORDS, chance.randint(1, 3)))
        one = meeting(host, sites, id=f"m{number}", title=title)
        await store.meetings.add(one)
        belongs[one.id] = {host, *(unit_of[site_id] for site_id in sites)}

    database = Database(database_url(settings))
    try:
        for words in ASKED:
            async with database.read() as connection:
                rows = await connection.scalars(found_subjects(database, "meeting", words))
                having = set(rows)
            for unit_id, theirs in below.items():
                for alone in (False, True):
                    within = [Within(unit_id, alone)]
                    found = await store.search.meetings(words, within, ON, MANY)
                    wanted = {unit_id} if alone else set(theirs)
                    assert {one.id for one in found} == {
                        one for one in having if belongs[one] & wanted
                    }
    finally:
        await database.close()
