"""Rooms, technicians and lines: what sites take along into meetings, and what is full when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.meetings.meeting import Meeting
from confhub.planning.conflicts import Clash, find_clashes
from confhub.planning.precedence import MOST_SHARED, puts_off, shared
from confhub.planning.shared.along import Fittings, Uplink, advise_alone, along, unit_of_line
from confhub.planning.slots import find_slots, wish_for
from confhub.planning.takings import Need, Resource, Taking, Takings, needs_of, takings_of

DAY = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DISTRICT = ("npo", "dbn")
SITES = [
    Fittings("hall", DISTRICT, "Phòng họp số 2"),
    Fittings("hall-2", DISTRICT, "phòng họp  số 2"),
    Fittings("small", DISTRICT, "Phòng số 3", "Lò Văn A", "0912 345 678"),
    *(
        Fittings(f"commune-{n}", (f"c{n}", *DISTRICT), "", "Lò Văn A", "0912.345.678")
        for n in range(2)
    ),
    *(Fittings(f"commune-{n}", (f"c{n}", *DISTRICT), "Phòng họp số 2") for n in range(2, 5)),
]
UPLINK = Uplink("hall", "npo", "Phòng họp UBND huyện", 3)
ALONG = along(SITES, [UPLINK])


def meeting(name: str, *sites: str, start: float = 8, end: float = 9) -> Meeting:
    span = (DAY + start * HOUR, DAY + end * HOUR)
    return Meeting(name, name, "district", "dbn", sites[0], *span, sites=sites)


def clashes(one: Meeting, *others: Meeting) -> list[Clash]:
    takings = Takings(taking for other in others for taking in takings_of(other, ALONG))
    return find_clashes(needs_of(one, ALONG), takings, one.starts_at, one.ends_at, one.id)


def kinds(found: Sequence[Clash]) -> list[tuple[str, str, str]]:
    return [(one.need.resource.kind, one.need.label, one.holder.id) for one in found]


def test_two_meetings_in_one_room_clash_however_its_name_is_typed() -> None:
    found = clashes(meeting("a", "hall"), meeting("b", "hall-2"))
    assert kinds(found) == [("room", "Phòng họp số 2", "b")]
    # A room of that name in another unit is another room.
    assert clashes(meeting("a", "hall"), meeting("b", "commune-2")) == []
    assert clashes(meeting("a", "hall"), meeting("b", "hall-2", start=9, end=10)) == []


def test_what_is_taken_with_its_site_is_not_told_twice() -> None:
    found = clashes(meeting("a", "small", "hall"), meeting("b", "small"))
    assert [one.need.resource.kind for one in found] == ["site"]


def test_a_technician_cannot_be_at_two_meetings_but_serves_two_sites_of_one() -> None:
    both = meeting("a", "commune-0", "commune-1")
    assert clashes(both) == []
    (said,) = advise_alone(needs_of(both, ALONG))
    assert (said.code, said.values["amount"]) == ("technician_alone", 2)
    found = clashes(meeting("a", "commune-0"), meeting("b", "commune-1"))
    assert kinds(found) == [("technician", "Lò Văn A", "b")]


def test_a_line_carries_so_many_streams_of_all_meetings_below_it() -> None:
    one, two = meeting("a", "commune-2", end=10), meeting("b", "commune-3", start=9, end=11)
    assert clashes(one, two) == []
    full = meeting("c", "hall", "commune-4", start=8, end=12)
    found = clashes(full, one, two)
    assert kinds(found) == [("line", UPLINK.name, "a"), ("line", UPLINK.name, "b")]
    assert {one.taken for one in found} == {4}
    assert {(one.starts_at, one.ends_at) for one in found} == {(DAY + 9 * HOUR, DAY + 10 * HOUR)}
    large = meeting("d", "hall", "commune-2", "commune-3", "commune-4")
    (said,) = advise_alone(needs_of(large, ALONG))
    assert (said.code, dict(said.values)) == (
        "line_alone",
        {"name": UPLINK.name, "amount": 4, "holds": 3},
    )


def test_the_line_of_a_unit_carries_its_own_sites_and_all_below_it() -> None:
    whole = Uplink("", "npo", "Huyện Nậm Pồ", 3)
    lines = along(SITES, [UPLINK, whole])

    def taken(*others: Meeting) -> Takings:
        return Takings(taking for other in others for taking in takings_of(other, lines))

    def wanted(one: Meeting, *others: Meeting) -> list[Clash]:
        needs = needs_of(one, lines)
        return find_clashes(needs, taken(*others), one.starts_at, one.ends_at, one.id)

    # The hall's own line is passed by communes alone; the district's by its other rooms too.
    one, two = meeting("a", "small", "commune-2"), meeting("b", "commune-3")
    assert wanted(one, two) == []
    found = wanted(meeting("c", "commune-4"), one, two)
    assert kinds(found) == [("line", whole.name, "a"), ("line", whole.name, "b")]
    assert {clash.taken for clash in found} == {4}
    assert {clash.need.holds for clash in found} == {3}
    # A figure of a unit is not handed down: of a commune without one there is none.
    labels = [share.label for share in lines["commune-2"] if share.resource.kind == "line"]
    assert labels == [UPLINK.name, whole.name]
    assert unit_of_line(whole.resource.id) == "npo"
    assert unit_of_line(UPLINK.resource.id) is None


def test_what_people_see_to_puts_nothing_off_and_is_told_once_for_each_cause() -> None:
    one = meeting("a", "commune-0", "hall")
    others = [meeting(f"b{n}", "commune-1", "hall-2", "commune-3") for n in range(3)]
    found = clashes(one, *others)
    assert {clash.need.resource.kind for clash in found if not puts_off(clash)} == {
        "technician",
        "line",
    }
    assert {clash.need.resource.kind for clash in found if puts_off(clash)} == {"room"}
    told = shared(one, found)
    assert len(told) == 2 < MOST_SHARED
    assert {(row.meeting_id, row.other_id, row.sites) for row in told} == {
        ("a", "b0", 1),
        ("a", "b0", 2),
    }


def test_proposed_times_keep_clear_of_what_is_full() -> None:
    one = meeting("a", "commune-2", end=10)
    two = meeting("b", "commune-3", start=9, end=11)
    wanted = meeting("c", "hall", "commune-4")
    takings = Takings(taking for other in (one, two) for taking in takings_of(other, ALONG))
    starts = [DAY + hour * HOUR for hour in (9, 10, 11)]
    wish = wish_for(needs_of(wanted, ALONG), HOUR)
    assert [slot.starts_at for slot in find_slots(wish, takings, [starts], 1)] == [starts[1]]


SPANS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 6), st.integers(1, 4)), min_size=1, max_size=8
)


@given(SPANS, st.integers(1, 4), st.integers(2, 6), st.integers(0, 20), st.integers(1, 6))
def test_just_that_is_full_which_a_look_at_every_hour_finds(
    spans: Sequence[tuple[int, int, int]], amount: int, holds: int, start: int, length: int
) -> None:
    line = Resource("line", "x")
    takings = Takings()
    for number, (begin, lasts, much) in enumerate(spans):
        other = meeting(f"m{number}", "s", start=begin, end=begin + lasts)
        (held,) = (one.holder for one in takings_of(other) if one.resource.kind == "site")
        takings.add(Taking(line, held, amount=much))
    need = Need(line, amount=amount, holds=holds)
    span = (DAY + start * HOUR, DAY + (start + length) * HOUR)
    found = find_clashes([need], takings, *span)
    at_once = [
        sum(much for begin, lasts, much in spans if begin <= hour < begin + lasts)
        for hour in range(start, start + length)
    ]
    most = max(at_once)
    assert bool(found) == (most > 0 and most + amount > holds)
    if found:
        assert max(one.taken for one in found) == most + amount


@pytest.mark.parametrize("room", ["", "Phòng họp số 2"])
def test_a_site_takes_its_own_line_and_none_of_its_neighbours(room: str) -> None:
    sites = [Fittings("a", ("u",), room), Fittings("b", ("u",), room)]
    lines = [Uplink("a", "u", "a", 1), Uplink("b", "u", "b", 1)]
    taken = along(sites, lines)
    for site in "ab":
        shares = [share for share in taken[site] if share.resource.kind == "line"]
        assert [share.resource.id for share in shares] == [site]


PLACES = st.lists(
    st.tuples(st.sampled_from([("c1", "d1"), ("c2", "d1"), ("d1",), ("c3", "d2")]), st.booleans()),
    max_size=8,
)


@given(PLACES)
def test_a_site_takes_its_own_line_and_those_of_the_units_above_its_own(
    places: Sequence[tuple[tuple[str, ...], bool]],
) -> None:
    sites = [Fittings(f"s{n}", units) for n, (units, _) in enumerate(places)]
    lines = [
        Uplink(site.site_id, site.unit_id, "", 2)
        for site, (_, has_line) in zip(sites, places, strict=True)
        if has_line
    ]
    taken = along(sites, lines)
    for site in sites:
        found = [share.resource.id for share in taken.get(site.site_id, ())]
        assert len(found) == len(set(found))
        assert set(found) == {
            line.site_id
            for line in lines
            if line.site_id == site.site_id or line.unit_id in tuple(site.units)[1:]
        }


class Counted(list[Uplink]):
    """Lines that know how often they were gone through."""

    times = 0

    def __iter__(self) -> Iterator[Uplink]:
        self.times += 1
        return super().__iter__()


def test_lines_are_gone_through_once_for_however_many_sites() -> None:
    lines = Counted([UPLINK] * 3)
    along([Fittings(f"s{n}", (f"c{n}", *DISTRICT)) for n in range(50)], lines)
    assert lines.times == 1


def test_a_technician_is_known_by_the_account_and_not_by_how_name_or_number_are_written() -> None:
    sites = [
        Fittings("one", DISTRICT, "", "Lò Văn A", "0912 345 678", "acc-a"),
        Fittings("two", DISTRICT, "", "Lo Van A", "0215 3 825 111", "acc-a"),
        Fittings("typed", DISTRICT, "", "Anh A", "0912.345.678"),
        Fittings("other", DISTRICT, "", "Lò Văn A", "0215 3 825 111", "acc-b"),
    ]
    lines = along(sites, [], {"0912345678": "acc-a"})

    def met(one: str, other: str) -> list[str]:
        takings = Takings(takings_of(meeting("b", other), lines))
        wanted = meeting("a", one)
        found = find_clashes(needs_of(wanted, lines), takings, wanted.starts_at, wanted.ends_at)
        return [clash.need.resource.id for clash in found]

    assert met("one", "two") == ["acc-a"]
    assert met("one", "typed") == ["acc-a"]
    assert met("typed", "two") == ["acc-a"]
    assert met("two", "other") == []  # of one name, by the telephone of one office
