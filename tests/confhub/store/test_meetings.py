"""Meetings with agenda and invitations."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import text

from confhub.config import Settings
from confhub.errors import BadInput, Conflict, NotFound
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.store import Store
from confhub.store.database.database import Database
from confhub.store.database.location import database_url
from tests.confhub.store.country import BEFORE, NOW, Country, meeting, site

HOUR = dt.timedelta(hours=1)
SITES = ("site-tinh", "site-huyen", "site-xa")


@pytest.fixture
async def host(store: Store, country: Country) -> str:
    """The id of a unit that hosts meetings of SITES."""
    await store.sites.add_many(
        [
            site(country.province, "tinh"),
            site(country.district, "huyen"),
            site(country.cha_nua, "xa"),
        ]
    )
    return country.district


def ids(meetings: list[Meeting]) -> list[str]:
    return [one.id for one in meetings]


async def test_a_meeting_comes_back_whole_and_in_utc(store: Store, host: str) -> None:
    hanoi = dt.timezone(dt.timedelta(hours=7))
    full = meeting(
        host,
        ("site-xa", "site-tinh", "site-huyen"),
        starts_at=NOW.astimezone(hanoi),
        chair_name="Vàng A Chủ Trì",
        note="Mang theo báo cáo",
        agenda=(AgendaItem("Mở đầu", "Chủ tịch", 10), AgendaItem("Thảo luận")),
        status="postponed",
        status_reason="Mưa lũ",
        postponed_from=NOW + dt.timedelta(microseconds=1),
        created_by="acc-1",
    )
    await store.meetings.add(full)
    stored = await store.meetings.get(full.id)
    assert stored == full
    assert stored.starts_at.tzinfo is dt.UTC
    with pytest.raises(NotFound):
        await store.meetings.get("nothing")


async def test_a_time_without_a_zone_is_our_mistake(store: Store, host: str) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(Exception, match="naive"):
        await store.meetings.add(meeting(host, SITES, starts_at=naive))
    assert await store.meetings.between(NOW, NOW + HOUR) == []


@pytest.mark.parametrize(
    "sites", [("site-tinh", "site-tinh"), ("site-tinh", "unknown")], ids=["twice", "unknown"]
)
async def test_a_meeting_with_wrong_invitations_is_not_stored_at_all(
    store: Store, host: str, sites: tuple[str, ...]
) -> None:
    with pytest.raises((Conflict, BadInput)):
        await store.meetings.add(meeting(host, sites))
    assert await store.meetings.between(NOW, NOW + HOUR) == []


async def test_an_update_replaces_agenda_and_invitations(store: Store, host: str) -> None:
    first = meeting(host, SITES, agenda=(AgendaItem("Một"), AgendaItem("Hai")))
    await store.meetings.add(first)
    changed = dataclasses.replace(first, sites=SITES[:2], agenda=(AgendaItem("Ba"),), title="Mới")
    stored = await store.meetings.update(changed)
    assert stored == dataclasses.replace(changed, version=2)
    assert await store.meetings.get(first.id) == stored


async def test_items_and_invitations_that_stay_keep_their_rows(
    store: Store, settings: Settings, host: str
) -> None:
    agenda = (AgendaItem("Một", "Chủ tịch", 5), AgendaItem("Hai"), AgendaItem("Ba"))
    first = meeting(host, SITES, agenda=agenda)
    await store.meetings.add(first)
    one, two, three = (await store.meetings.get(first.id)).agenda
    assert len({one.id, two.id, three.id}) == 3
    rewritten = (
        dataclasses.replace(three, title="Ba, viết lại"),  # known by its id
        AgendaItem("Một", "Phó chủ tịch", 10),  # by its title
        AgendaItem("Bốn", id="of-another"),
    )
    changed = dataclasses.replace(first, agenda=rewritten, sites=(SITES[2], SITES[0]))
    await store.links.ensure(first, NOW)
    before = await rows(settings, "invitation")
    stored = await store.meetings.update(changed)
    assert [item.id for item in stored.agenda[:2]] == [three.id, one.id]
    assert stored.agenda[2].id not in {"of-another", two.id}
    again = await store.meetings.get(first.id)
    assert again == stored == dataclasses.replace(changed, version=2)
    assert [item.id for item in again.agenda] == [item.id for item in stored.agenda]
    after = await rows(settings, "invitation")
    assert len(before) == 3
    assert sorted(after) == [(first.id, SITES[0], 1), (first.id, SITES[2], 0)]


async def test_rows_that_others_refer_to_stay_through_a_change(
    store: Store, settings: Settings, host: str
) -> None:
    first = meeting(host, SITES, agenda=(AgendaItem("Một"), AgendaItem("Hai")))
    await store.meetings.add(first)
    kept = (await store.meetings.get(first.id)).agenda[0]
    await execute(
        settings,
        "CREATE TABLE other (item VARCHAR(16) REFERENCES agenda_item (id), meeting VARCHAR(16),"
        " site VARCHAR(16), FOREIGN KEY (meeting, site) REFERENCES invitation (meeting_id,"
        " site_id))",
        f"INSERT INTO other VALUES ('{kept.id}', '{first.id}', '{SITES[0]}')",
    )
    fewer = dataclasses.replace(first, agenda=(AgendaItem("Một", "Ai đó"),), sites=SITES[:1])
    assert (await store.meetings.update(fewer)).agenda[0].id == kept.id


async def execute(settings: Settings, *statements: str) -> None:
    database = Database(database_url(settings))
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def rows(settings: Settings, table: str) -> list[tuple[object, ...]]:
    database = Database(database_url(settings))
    async with database.read() as connection:
        found = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
    await database.close()
    return [tuple(row) for row in found]


async def test_an_update_on_an_older_version_changes_nothing(store: Store, host: str) -> None:
    first = meeting(host, SITES)
    await store.meetings.add(first)
    second = await store.meetings.update(dataclasses.replace(first, title="Hai"))
    with pytest.raises(Conflict) as conflict:
        await store.meetings.update(dataclasses.replace(first, sites=SITES[:1]))
    assert conflict.value.code == "conflict"
    assert await store.meetings.get(first.id) == second
    with pytest.raises(NotFound):
        await store.meetings.update(dataclasses.replace(first, id="nothing"))


async def test_a_span_holds_meetings_that_overlap_it_by_start(store: Store, host: str) -> None:
    for name, hours in (("b", 1), ("a", 0), ("c", 2)):
        start = NOW + hours * HOUR
        await store.meetings.add(
            meeting(host, SITES[:1], id=name, starts_at=start, ends_at=start + HOUR)
        )
    between = store.meetings.between
    assert ids(await between(NOW, NOW + 3 * HOUR)) == ["a", "b", "c"]
    assert ids(await between(NOW + HOUR, NOW + 2 * HOUR)) == ["b"]
    inside = NOW + HOUR + HOUR / 4
    assert ids(await between(inside, inside + HOUR / 4)) == ["b"]
    assert await between(NOW - HOUR, NOW) == []


async def test_a_span_is_narrowed_to_hosts_or_sites(
    store: Store, country: Country, host: str
) -> None:
    await store.meetings.add(meeting(host, ("site-huyen", "site-xa"), id="district"))
    await store.meetings.add(meeting(country.province, ("site-tinh",), id="province", title="A"))
    # Presided over from a site that is not among the invited.
    chaired = meeting(
        country.centre, ("site-tinh",), id="chaired", chair_site_id="site-xa", title="B"
    )
    await store.meetings.add(chaired)
    span = (NOW, NOW + HOUR)
    between = store.meetings.between
    assert ids(await between(*span, unit_ids=[country.province])) == ["province"]
    assert set(ids(await between(*span, site_ids=["site-xa"]))) == {"district", "chaired"}
    found = await between(*span, unit_ids=[country.province], site_ids=["site-huyen"])
    assert set(ids(found)) == {"province", "district"}
    assert await between(*span, unit_ids=[], site_ids=[]) == []
    assert await between(*span, site_ids=[]) == []


async def test_live_meetings_past_their_end_are_found(store: Store, host: str) -> None:
    live = meeting(host, SITES, id="live", status="live")
    for one in (live, meeting(host, SITES, id="planned")):
        await store.meetings.add(one)
    assert ids(await store.meetings.live_past(live.ends_at - HOUR)) == []
    assert ids(await store.meetings.live_past(live.ends_at)) == ["live"]
    await store.meetings.update(dataclasses.replace(live, status="ended"))
    assert ids(await store.meetings.live_past(live.ends_at)) == []


async def test_lists_count_sites_and_tell_whose_a_meeting_is(
    store: Store, country: Country, host: str
) -> None:
    of_district = meeting(host, SITES, starts_at=NOW)
    of_province = meeting(
        country.province, ("site-tinh", "site-xa"), id="of-province", starts_at=NOW + HOUR
    )
    await store.meetings.add(of_district)
    await store.meetings.add(of_province)

    async def listed(unit_id: str, *, alone: bool = False) -> list[tuple[str, int, bool]]:
        found = await store.meetings.listed(
            NOW, NOW + 9 * HOUR, unit_id=unit_id, on=BEFORE, alone=alone
        )
        assert all(one.meeting.sites == () for one in found)
        return [(one.meeting.id, one.site_count, one.hosted) for one in found]

    both = {of_district.id, of_province.id}
    assert await listed(country.centre) == [
        (of_district.id, 3, True),
        (of_province.id, 2, True),
    ]
    assert await listed(host) == [(of_district.id, 3, True), (of_province.id, 2, False)]
    assert await listed(country.cha_nua) == [
        (of_district.id, 3, False),
        (of_province.id, 2, False),
    ]
    assert await listed(host, alone=True) == [(of_district.id, 3, True)]
    assert await listed(country.cha_cang) == []
    concerns = store.meetings.concerns
    assert await concerns(both, unit_id=country.cha_nua, on=BEFORE, alone=True) == both
    assert await concerns(both, unit_id=country.cha_cang, on=BEFORE, alone=False) == set()


async def test_sites_of_a_unit_are_told_from_others(
    store: Store, country: Country, host: str
) -> None:
    within = store.sites.ids_within
    assert await within(SITES, country.province, BEFORE) == set(SITES)
    assert await within(SITES, host, BEFORE) == {"site-huyen", "site-xa"}
    assert await within(SITES[:2], host, BEFORE, alone=True) == {"site-huyen"}
    assert await within((), host, BEFORE) == set()
