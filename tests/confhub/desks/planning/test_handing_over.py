"""Series that go on over 1 July 2025, when communes ended, over both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from confhub.desks import meetings
from confhub.desks.planning import series as desk
from confhub.desks.planning.handing_over import (
    going_on,
    replace_host_in_series,
    replace_site_in_series,
)
from confhub.desks.planning.leaving import replace_host, replace_site
from confhub.errors import FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.people.actor import Actor, of_account
from confhub.planning.leaving import SeriesAhead
from confhub.planning.recurrence import weekly
from confhub.planning.series import HostedElsewhere
from confhub.planning.settling import differences
from confhub.store import Store
from confhub.units.unit import Succession
from tests.confhub.desks.test_rights import asked
from tests.confhub.store.country import REFORM, Country, account, draft_of, site

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = dt.datetime(2025, 5, 20, 1, tzinfo=dt.UTC)
FIRST = dt.datetime(2025, 5, 27, 1, tzinfo=dt.UTC)  # a Tuesday, as 1 July is
HOUSE = Actor(NOW)
DAY = dt.timedelta(days=1)


@pytest.fixture
async def merging(store: Store, country: Country) -> Country:
    """Two communes that go into a third, with a site each, and an open briefing of Tuesdays."""
    old_ids = (country.cha_nua, country.cha_cang)
    await store.units.add_successions(
        [Succession(one, country.muong_cha, REFORM) for one in old_ids]
    )
    await store.sites.add_many(
        [
            site(country.province, "chair"),
            site(country.cha_nua, "old"),
            site(country.cha_cang, "second"),
            site(country.muong_cha, "heir"),
            site(country.province, "guest"),
        ]
    )
    return country


async def briefing(store: Store, host: str, *sites: str, now: dt.datetime = NOW) -> str:
    draft = draft_of(host, "province", sites, FIRST, dt.timedelta(hours=1))
    first = await desk.schedule(store, Actor(now), "meeting-1", draft, weekly(FIRST.date()), ZONE)
    one = await store.series.of_meeting(first.id)
    assert one is not None
    return one.series_id


async def told(store: Store, unit_id: str, now: dt.datetime = NOW) -> list[SeriesAhead]:
    return await going_on(store, await store.leaving.in_series(unit_id, now, ZONE), now, ZONE)


async def held(store: Store, series_id: str) -> list[Meeting]:
    rows = await store.series.occurrences(series_id)
    return [await store.meetings.get(row.meeting_id) for row in rows]


async def changed_by_hand(store: Store, series_id: str, now: dt.datetime = NOW) -> list[str]:
    """Ids of the meetings ahead that count so."""
    series = await store.series.get(series_id)
    house = await desk.house_of(store, series, now, ZONE)
    return [
        row.meeting_id
        for row in await store.series.occurrences(series_id, house.today)
        if differences(await store.meetings.get(row.meeting_id), row, series.parts[row.part], house)
    ]


async def pass_months(store: Store, series_id: str, months: int) -> None:
    for month in range(1, months + 1):
        async with store.work(Actor(NOW + month * 30 * DAY)) as work:
            while await desk.settle(work, series_id, ZONE):
                pass


def day_of(meeting: Meeting) -> dt.date:
    return meeting.starts_at.astimezone(ZONE).date()


async def replace_both(store: Store, host: str, series_id: str, old: str, new: str) -> None:
    """The one act, as the page does it."""
    ids = [row.meeting_id for row in await store.leaving.ahead(host, NOW, ZONE)]
    await replace_site(store, HOUSE, ids, old, new)
    assert await replace_site_in_series(store, HOUSE, [series_id], old, new, ZONE) == 1


@pytest.mark.parametrize("in_chair", [False, True])
async def test_a_series_goes_on_with_the_site_that_follows(
    store: Store, merging: Country, *, in_chair: bool
) -> None:
    sites = ("site-old", "site-chair") if in_chair else ("site-chair", "site-old")
    series_id = await briefing(store, merging.province, *sites)
    (row,) = await told(store, merging.province)
    assert (row.series_id, row.site_id, row.unit_id) == (series_id, "site-old", merging.cha_nua)
    assert (row.ends_on, row.since, row.is_chair) == (REFORM, REFORM, in_chair)
    assert row.meeting_id == "meeting-1"
    await replace_both(store, merging.province, series_id, "site-old", "site-heir")
    assert await told(store, merging.province) == []
    assert await changed_by_hand(store, series_id) == []
    await pass_months(store, series_id, 7)
    found = await held(store, series_id)
    assert day_of(found[-1]) > dt.date(2026, 1, 31)
    assert len({day_of(one) for one in found}) == len(found)
    for one in found:
        there = "site-old" if day_of(one) < REFORM else "site-heir"
        expected = tuple(there if each == "site-old" else each for each in sites)
        assert (one.sites, one.chair_site_id) == (expected, expected[0])
        assert one.status == "scheduled"
    lines = await store.audit.recent(99, series_id)
    assert [one.action for one in lines].count("series.handed_over") == 1
    assert await replace_site_in_series(
        store, HOUSE, [series_id], "site-old", "site-heir", ZONE
    ) == 0  # fmt: skip


async def test_what_was_handed_over_is_looked_at_no_more_and_all_is_asked_at_once(
    store: Store, merging: Country
) -> None:
    series_id = await briefing(store, merging.province, "site-chair", "site-old")
    with asked(store) as one:
        assert len(await told(store, merging.province)) == 1
    for number in (2, 3):
        draft = draft_of(
            merging.province, "province", ("site-chair", "site-old"), FIRST + number * DAY,
            dt.timedelta(hours=1),
        )  # fmt: skip
        rule = weekly((FIRST + number * DAY).date())
        await desk.schedule(store, HOUSE, f"meeting-{number}", draft, rule, ZONE)
    with asked(store) as three:
        assert len(await told(store, merging.province)) == 3
    assert len(three) == len(one)
    await replace_both(store, merging.province, series_id, "site-old", "site-heir")
    named = await store.leaving.in_series(merging.province, NOW, ZONE)
    assert {row.series_id for row in named}.isdisjoint({series_id})


async def test_an_edit_of_earlier_dates_leaves_to_the_heir_what_was_handed_over(
    store: Store, merging: Country
) -> None:
    """In May, all its dates are put an hour later, after it was handed over from July on."""
    series_id = await briefing(store, merging.cha_nua, "site-old", "site-chair")
    await replace_both(store, merging.province, series_id, "site-old", "site-heir")
    to = (merging.cha_nua, merging.muong_cha)
    assert await replace_host_in_series(store, HOUSE, [series_id], *to, ZONE) == 1
    first = await store.meetings.get("meeting-1")
    hour = dt.timedelta(hours=1)
    draft = dataclasses.replace(
        Draft.of(first), starts_at=first.starts_at + hour, ends_at=first.ends_at + hour, title="Mới"
    )
    await desk.change(store, HOUSE, first.id, first.version, draft, "following", None, ZONE)
    assert await told(store, merging.province) == []
    for one in await held(store, series_id):
        is_old = day_of(one) < REFORM
        assert (one.title, one.starts_at.hour) == ("Mới", 2)
        assert one.sites == ("site-old" if is_old else "site-heir", "site-chair")
        assert one.host_unit_id == (merging.cha_nua if is_old else merging.muong_cha)
    assert await changed_by_hand(store, series_id) == []


@pytest.mark.parametrize("heir", ["site-heir", ""])
async def test_a_change_of_all_by_a_date_of_the_heir_leaves_those_before_to_who_stood_there(
    store: Store, merging: Country, heir: str
) -> None:
    series_id = await briefing(store, merging.cha_nua, "site-chair", "site-old")
    await replace_both(store, merging.province, series_id, "site-old", heir)
    to = (merging.cha_nua, merging.muong_cha)
    assert await replace_host_in_series(store, HOUSE, [series_id], *to, ZONE) == 1
    late = (await held(store, series_id))[-1]
    assert late.host_unit_id == merging.muong_cha
    sites = (*late.sites, "site-guest")
    draft = dataclasses.replace(Draft.of(late), title="Mới", sites=sites)
    await desk.change(store, HOUSE, late.id, late.version, draft, "all", None, ZONE)
    found = await held(store, series_id)
    assert min(map(day_of, found)) < REFORM < max(map(day_of, found))
    for one in found:
        is_old = day_of(one) < REFORM
        there = {"site-old"} if is_old else {heir} - {""}
        assert (one.title, set(one.sites)) == ("Mới", {"site-chair", "site-guest", *there})
        assert one.host_unit_id == (merging.cha_nua if is_old else merging.muong_cha)
    assert await changed_by_hand(store, series_id) == []
    assert await told(store, merging.province) == []


async def test_a_series_goes_over_to_the_unit_that_follows_its_host(
    store: Store, merging: Country
) -> None:
    """Its site too, which is in the chair."""
    series_id = await briefing(store, merging.cha_nua, "site-old", "site-chair")
    (host,) = [one for one in await told(store, merging.province) if not one.site_id]
    assert (host.unit_id, host.ends_on, host.since) == (merging.cha_nua, REFORM, REFORM)
    ids = [row.meeting_id for row in await store.leaving.hosts_ahead(merging.province, NOW, ZONE)]
    await replace_host(store, HOUSE, ids, merging.cha_nua, merging.muong_cha)
    hosts = (merging.cha_nua, merging.muong_cha)
    assert await replace_host_in_series(store, HOUSE, [series_id], *hosts, ZONE) == 1
    await replace_both(store, merging.province, series_id, "site-old", "site-heir")
    assert await told(store, merging.province) == []
    assert await changed_by_hand(store, series_id) == []
    await pass_months(store, series_id, 7)
    for one in await held(store, series_id):
        is_before = day_of(one) < REFORM
        assert one.host_unit_id == hosts[not is_before]
        assert one.chair_site_id == ("site-old" if is_before else "site-heir")
    rows = await store.series.occurrences(series_id)
    assert {row.state for row in rows} == {"planned"}


async def test_what_somebody_changed_stays_their_own_change(store: Store, merging: Country) -> None:
    series_id = await briefing(store, merging.province, "site-chair", "site-old", "site-second")
    after = [one for one in await held(store, series_id) if day_of(one) >= REFORM]
    longer, titled, early = after[0], after[1], after[2]
    more = dataclasses.replace(
        Draft.of(longer), sites=("site-chair", "site-old", "site-second", "site-guest")
    )
    await meetings.change(store, HOUSE, longer.id, longer.version, more)
    other = dataclasses.replace(Draft.of(titled), title="Có đoàn kiểm tra")
    await meetings.change(store, HOUSE, titled.id, titled.version, other)
    june = early.starts_at.replace(month=6, day=26)
    before = dataclasses.replace(
        Draft.of(early),
        starts_at=june,
        ends_at=june + dt.timedelta(hours=1),
        sites=("site-chair", "site-old"),
    )
    await meetings.change(store, HOUSE, early.id, early.version, before)
    await replace_both(store, merging.province, series_id, "site-old", "site-heir")
    await pass_months(store, series_id, 1)
    sites = {one.id: one.sites for one in await held(store, series_id)}
    assert sites[longer.id] == ("site-chair", "site-heir", "site-second", "site-guest")
    assert sites[titled.id] == ("site-chair", "site-heir")
    assert sites[early.id] == ("site-chair", "site-old")  # its unit still stands
    assert (await store.meetings.get(titled.id)).title == "Có đoàn kiểm tra"
    assert await changed_by_hand(store, series_id) == [longer.id, titled.id, early.id]


async def test_until_somebody_says_who_follows_the_site_is_not_invited_and_the_series_is_told(
    store: Store, merging: Country
) -> None:
    """The end became known while the meetings before it were all that was made."""
    spring = dt.datetime(2025, 3, 4, 1, tzinfo=dt.UTC)
    series_id = await briefing(store, merging.province, "site-chair", "site-old", now=spring)
    assert await store.leaving.ahead(merging.province, spring, ZONE) == []
    assert [one.since for one in await told(store, merging.province, spring)] == [REFORM]
    await pass_months(store, series_id, 1)
    for one in await held(store, series_id):
        expected = ("site-chair", "site-old") if day_of(one) < REFORM else ("site-chair",)
        assert one.sites == expected
    later = NOW + 30 * DAY
    assert await changed_by_hand(store, series_id, later) == []
    assert [one.site_id for one in await told(store, merging.province, later)] == ["site-old"]
    await replace_site_in_series(store, HOUSE, [series_id], "site-old", "site-heir", ZONE)
    after = [one for one in await held(store, series_id) if day_of(one) >= REFORM]
    assert {one.sites for one in after} == {("site-chair", "site-heir")}


async def test_two_that_become_one_are_invited_once_and_a_site_may_leave(
    store: Store, merging: Country
) -> None:
    series_id = await briefing(store, merging.province, "site-chair", "site-old", "site-second")
    for old_id, new_id in (("site-old", "site-heir"), ("site-second", "site-heir")):
        await replace_site_in_series(store, HOUSE, [series_id], old_id, new_id, ZONE)
    assert (await store.series.get(series_id)).last_part.content.sites == (
        "site-chair",
        "site-heir",
    )
    other = await store.series.get(series_id)
    assert len(other.living) == 2
    assert await told(store, merging.province) == []


async def test_only_an_heir_comes_and_only_who_plans_it_hands_it_over(
    store: Store, merging: Country
) -> None:
    series_id = await briefing(store, merging.province, "site-old", "site-chair")
    for new_id in ("site-chair", ""):  # no heir; nobody in the chair
        with pytest.raises(FieldErrors) as refused:
            await replace_site_in_series(store, HOUSE, [series_id], "site-old", new_id, ZONE)
        assert set(refused.value.fields) == {"site_id"}
    hosts = (merging.cha_nua, merging.province)
    with pytest.raises(FieldErrors):
        await replace_host_in_series(store, HOUSE, [series_id], *hosts, ZONE)
    clerk = account(merging.cha_cang)
    await store.accounts.add(clerk, "hash")
    actor = of_account(clerk, NOW)
    with pytest.raises(HostedElsewhere):
        await replace_site_in_series(store, actor, [series_id], "site-old", "site-heir", ZONE)
    assert len((await store.series.get(series_id)).parts) == 1
    assert await told(store, merging.cha_cang) == []


async def test_a_series_that_ends_before_or_was_ended_is_not_told(
    store: Store, merging: Country
) -> None:
    series_id = await briefing(store, merging.province, "site-chair", "site-old")
    assert await told(store, merging.province, NOW + 400 * DAY) != []
    rows = await store.series.occurrences(series_id)
    last = next(row for row in rows if row.original == REFORM)
    await desk.end(store, HOUSE, last.meeting_id, None, "following", "Xong", ZONE)
    assert await told(store, merging.province) == []
