"""Sites of units that end, over both databases: found ahead, and replaced by those that follow."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from confhub.desks.planning.leaving import replace_host, replace_site
from confhub.errors import FieldErrors, Forbidden
from confhub.identity import new_id
from confhub.meetings.sitting import Sitting
from confhub.people.actor import Actor, of_account
from confhub.store import Store
from confhub.store.planning.leaving import MOST_ROWS
from confhub.units.unit import NewUnit, Succession
from tests.confhub.store.country import NOW, REFORM, Country, account, meeting, site

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUSE = Actor(NOW)
DAY = dt.timedelta(days=1)
ENDS = NOW.date() + 10 * DAY


@pytest.fixture
async def merging(store: Store, country: Country) -> Country:
    """A commune with a site that goes into another in ten days; meetings before and after."""
    old = NewUnit("commune", "Xã Cũ", country.province, valid_to=ENDS, id="old")
    new = NewUnit("commune", "Xã Mới", country.province, valid_from=ENDS, id="new")
    await store.units.add_many([old, new])
    await store.units.add_successions([Succession("old", "new", ENDS)])
    chair = site(country.province, "chair")
    await store.sites.add_many([chair, site("old", "old"), site("new", "new")])
    for number, (days, status) in enumerate(
        [(9, "scheduled"), (11, "scheduled"), (12, "postponed"), (13, "cancelled")], 1
    ):
        at = NOW + days * DAY
        planned = meeting(
            country.province,
            (chair.id, "site-old"),
            id=f"meeting-{number}",
            starts_at=at,
            ends_at=at + dt.timedelta(hours=1),
            status=status,
        )
        await store.meetings.add(planned)
    return country


async def found(store: Store, unit_id: str) -> list[tuple[str, str, dt.date | None]]:
    rows = await store.leaving.ahead(unit_id, NOW, ZONE)
    return [(row.meeting_id, row.site_id, row.ends_on) for row in rows]


async def test_meetings_after_a_unit_ends_are_found_for_their_host_and_above(
    store: Store, merging: Country
) -> None:
    expected = [("meeting-2", "site-old", ENDS), ("meeting-3", "site-old", ENDS)]
    assert await found(store, merging.province) == expected
    assert await found(store, merging.centre) == expected
    assert await found(store, merging.muong_cha) == []
    assert await store.leaving.heirs("old") == ["new"]
    off = dataclasses.replace(await store.sites.get("site-chair"), active=False)
    await store.sites.update(off)
    assert ("meeting-1", "site-chair", None) in await found(store, merging.province)


async def test_a_unit_is_gone_from_midnight_on_as_it_is_here_and_the_first_are_told(
    store: Store, country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasts, ended = ENDS + 2 * DAY, NOW.date() - DAY
    for unit_id, valid_to in (("ends", ENDS), ("lasts", lasts), ("ended", ended), ("stays", None)):
        named = NewUnit("commune", unit_id, country.province, valid_to=valid_to, id=unit_id)
        await store.units.add_many([named])
        await store.sites.add(site(unit_id, unit_id))
    midnight = dt.datetime.combine(ENDS, dt.time(), ZONE).astimezone(dt.UTC)
    minute = dt.timedelta(minutes=1)
    expected: list[tuple[str, str]] = []
    for unit_id, at, leaves in (
        ("ended", NOW + DAY, True),
        ("ends", midnight - minute, False),
        ("ends", midnight, True),
        ("lasts", midnight + DAY, False),
        ("stays", midnight + 2 * DAY, False),
        ("lasts", midnight + 2 * DAY, True),
    ):
        made = meeting(
            unit_id, (f"site-{unit_id}",), id=new_id(), starts_at=at, ends_at=at + minute
        )
        await store.meetings.add(made)
        expected += [(made.id, unit_id)] * leaves
    for most in (MOST_ROWS, 2):
        monkeypatch.setattr("confhub.store.planning.leaving.MOST_ROWS", most)
        hosts = await store.leaving.hosts_ahead(country.province, NOW, ZONE)
        assert [(one.meeting_id, one.unit_id) for one in hosts] == expected[:most]
        rows = await store.leaving.ahead(country.province, NOW, ZONE)
        assert [(one.meeting_id, one.unit_id) for one in rows] == expected[:most]


async def test_days_after_a_unit_ends_are_told_of_a_meeting_over_several(
    store: Store, merging: Country
) -> None:
    hour = dt.timedelta(hours=1)
    begins = [NOW + days * DAY for days in (9, 10, 11)]  # as the day here begins at 17:00 UTC
    sittings = tuple(Sitting(at, at + hour) for at in begins)
    span = {"starts_at": begins[0], "ends_at": begins[-1] + hour, "sittings": sittings}
    invited = ("site-chair", "site-old")
    await store.meetings.add(meeting(merging.province, invited, id="days", **span))
    await store.meetings.add(meeting("old", ("site-chair",), id="hosted", **span))
    for now in (NOW, begins[0] + hour, begins[1] + hour):
        rows = await store.leaving.ahead(merging.province, now, ZONE)
        first = next(at for at in begins[1:] if at >= now)
        assert ("days", first) in [(row.meeting_id, row.starts_at) for row in rows]
        hosts = await store.leaving.hosts_ahead(merging.province, now, ZONE)
        assert [(row.meeting_id, row.starts_at) for row in hosts] == [("hosted", first)]
    assert await store.leaving.hosts_ahead(merging.province, begins[2] + hour / 2, ZONE) == []


async def test_of_a_meeting_over_its_end_a_site_keeps_the_days_before(
    store: Store, merging: Country
) -> None:
    hour = dt.timedelta(hours=1)

    async def add(name: str, chair: str, other: str, later: dt.timedelta) -> None:
        begins = [NOW + days * DAY + later for days in (8, 11, 12)]
        sittings = tuple(Sitting(at, at + hour) for at in begins)
        span = {"starts_at": begins[0], "ends_at": begins[-1] + hour, "sittings": sittings}
        await store.meetings.add(meeting(merging.province, (chair, other), id=name, **span))

    await add("days", "site-chair", "site-old", 3 * hour)
    await add("own", "site-old", "site-chair", 5 * hour)

    async def told(now: dt.datetime) -> set[str]:
        rows = await store.leaving.ahead(merging.province, now, ZONE)
        return {row.meeting_id for row in rows} & {"days", "own"}

    assert await told(NOW) == {"days", "own"}
    assert await replace_site(store, HOUSE, ["days"], "site-old", "") == 0  # it still has a day
    assert await replace_site(store, HOUSE, ["days", "own"], "site-old", "site-new") == 2
    days, chaired = [await store.meetings.get(one) for one in ("days", "own")]
    assert days.sites == ("site-chair", "site-old", "site-new")
    assert (chaired.sites[:2], chaired.chair_site_id) == (("site-old", "site-new"), "site-old")
    assert await told(NOW) == {"own"}  # nobody presides from then on
    later = Actor(NOW + 9 * DAY)
    assert await told(later.now) == {"own"}
    assert await replace_site(store, later, ["own"], "site-old", "site-new") == 1
    chaired = await store.meetings.get("own")
    assert (chaired.sites, chaired.chair_site_id) == (("site-new", "site-chair"), "site-new")
    assert await told(later.now) == set()


async def test_heirs_are_those_that_stand_in_the_end(store: Store, merging: Country) -> None:
    later = NewUnit("commune", "Xã Sau", merging.province, valid_from=ENDS + DAY, id="later")
    await store.units.add_many([later])
    again = [Succession("new", "later", ENDS + DAY), Succession("new", "old", ENDS + DAY)]
    await store.units.add_successions(again)  # a circle is a slip, and holds nobody up
    assert await store.leaving.heirs("old") == ["later"]
    assert await store.leaving.heirs("later") == []


async def test_one_act_replaces_it_in_every_meeting_and_is_on_record(
    store: Store, merging: Country
) -> None:
    clerk = account(merging.province)
    await store.accounts.add(clerk, "hash")
    actor = of_account(clerk, NOW)
    assert await replace_site(store, actor, ["meeting-2", "meeting-3"], "site-old", "site-new") == 2
    for meeting_id in ("meeting-2", "meeting-3"):
        assert (await store.meetings.get(meeting_id)).sites == ("site-chair", "site-new")
        (line,) = await store.audit.recent(9, meeting_id)
        assert (line.action, line.account_id) == ("meeting.site_replaced", clerk.id)
        assert line.changes["sites"] == (["site-old"], ["site-new"])
    assert await found(store, merging.province) == []


async def test_it_may_leave_without_another_and_only_an_heir_comes(
    store: Store, merging: Country
) -> None:
    with pytest.raises(FieldErrors):
        await replace_site(store, HOUSE, ["meeting-2"], "site-old", "site-chair")
    assert await replace_site(store, HOUSE, ["meeting-2"], "site-old", "") == 1
    assert (await store.meetings.get("meeting-2")).sites == ("site-chair",)


async def test_an_heir_that_is_taken_by_then_is_told(store: Store, merging: Country) -> None:
    at = NOW + 11 * DAY
    other = meeting(
        merging.centre, ("site-new",), id="other", starts_at=at, ends_at=at + dt.timedelta(hours=2)
    )
    await store.meetings.add(other)
    with pytest.raises(FieldErrors) as refused:
        await replace_site(store, HOUSE, ["meeting-2"], "site-old", "site-new")
    assert "đã dự" in refused.value.fields["site_id"].message
    assert (await store.meetings.get("meeting-2")).sites == ("site-chair", "site-old")


async def test_what_takes_the_heir_is_not_named_to_who_may_not_see_it(
    store: Store, merging: Country
) -> None:
    at, hour = NOW + 11 * DAY, dt.timedelta(hours=1)
    secret = meeting(
        merging.centre, ("site-new",), id="secret", title="Họp kín", starts_at=at, ends_at=at + hour
    )
    own = meeting(
        merging.muong_cha, ("site-old",), id="own", starts_at=at + hour / 2, ends_at=at + hour
    )
    await store.meetings.add(secret)
    await store.meetings.add(own)
    clerk = account(merging.muong_cha)
    await store.accounts.add(clerk, "hash")
    with pytest.raises(FieldErrors) as refused:
        await replace_site(store, of_account(clerk, NOW), ["own"], "site-old", "site-new")
    problem = refused.value.fields["site_id"]
    assert "một cuộc họp khác" in problem.message
    assert "Họp kín" not in problem.message % problem.values


async def test_who_may_not_plan_the_meeting_replaces_nothing(
    store: Store, merging: Country
) -> None:
    guest = account(merging.province, "khach", role="site")
    await store.accounts.add(guest, "hash")
    with pytest.raises(Forbidden):
        await replace_site(store, of_account(guest, NOW), ["meeting-2"], "site-old", "site-new")


async def test_hosts_that_the_reform_of_july_2025_ends_go_over_to_their_successor(
    store: Store, country: Country
) -> None:
    june = dt.datetime(2025, 6, 20, 1, tzinfo=dt.UTC)
    house = Actor(june)
    old_ids = (country.cha_cang, country.cha_nua)
    await store.units.add_successions(
        [Succession(unit_id, country.muong_cha, REFORM) for unit_id in old_ids]
    )
    room = site(country.cha_nua, "room")
    await store.sites.add(room)
    for number, day in enumerate((30, 31, 45), 1):
        at = dt.datetime(2025, 6, 1, 1, tzinfo=dt.UTC) + (day - 1) * DAY
        planned = meeting(
            country.cha_nua,
            (room.id,),
            id=f"meeting-{number}",
            starts_at=at,
            ends_at=at + dt.timedelta(hours=1),
        )
        await store.meetings.add(planned)
    rows = await store.leaving.hosts_ahead(country.province, june, ZONE)
    assert [(row.meeting_id, row.ends_on) for row in rows] == [
        ("meeting-2", REFORM),
        ("meeting-3", REFORM),
    ]
    ids = [row.meeting_id for row in rows]
    with pytest.raises(FieldErrors, match="bad_fields"):
        await replace_host(store, house, ids, country.cha_nua, country.province)
    commune = account(country.cha_nua, "commune")
    await store.accounts.add(commune, "hash")
    with pytest.raises(FieldErrors):  # it plans nothing in the new commune
        await replace_host(
            store, of_account(commune, june), ids, country.cha_nua, country.muong_cha
        )
    done = await replace_host(store, house, ids, country.cha_nua, country.muong_cha)
    assert done == len(ids)
    assert await store.leaving.hosts_ahead(country.province, june, ZONE) == []
    hosts = [(await store.meetings.get(f"meeting-{n}")).host_unit_id for n in (1, 2, 3)]
    assert hosts == [country.cha_nua, country.muong_cha, country.muong_cha]
    (line,) = [
        one
        for one in await store.audit.recent(9, "meeting-2")
        if one.action == "meeting.host_replaced"
    ]
    assert line.changes["host_unit_id"] == (country.cha_nua, country.muong_cha)
