"""Who is taken by other meetings, and who books all the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.errors import FieldErrors
from confhub.meetings.meeting import Meeting
from confhub.planning.conflicts import (
    Clash,
    Clashing,
    Override,
    check_override,
    find_clashes,
    seal_of,
)
from confhub.planning.takings import Takings, needs_of, takings_of

DAY = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


def meeting(start: float, end: float, **change: object) -> Meeting:
    """One of a district and a commune, presided over in the district; hours of the day."""
    starts_at, ends_at = (DAY + dt.timedelta(hours=hour) for hour in (start, end))
    made = Meeting("m", "Họp", "district", "npo", "s-npo", starts_at, ends_at)
    values = {"sites": ("s-npo", "s-chanua"), "chair_name": "Nguyễn Văn A"} | change
    return replace(made, **values)  # type: ignore[arg-type]


def province(start: float, end: float, **change: object) -> Meeting:
    values = {"id": "other", "host_unit_id": "dbn", "chair_site_id": "s-dbn"}
    return meeting(start, end, **values | {"sites": ("s-dbn", "s-chanua")} | change)


def clashes(one: Meeting, *others: Meeting, own: str = "") -> list[Clash]:
    takings = Takings(taking for other in others for taking in takings_of(other))
    return find_clashes(needs_of(one), takings, one.starts_at, one.ends_at, own)


def test_a_clash_names_the_site_the_other_meeting_and_the_overlap() -> None:
    (clash,) = clashes(meeting(14, 15.5), province(15, 17))
    assert (clash.site_id, clash.holder.id, clash.holder.title) == ("s-chanua", "other", "Họp")
    assert clash.starts_at == DAY + dt.timedelta(hours=15)
    assert clash.ends_at == DAY + dt.timedelta(hours=15.5)
    assert not clash.need.presides


def test_a_presiding_site_is_told_apart() -> None:
    (clash,) = clashes(meeting(14, 16), province(14, 15, sites=("s-npo",)))
    assert (clash.site_id, clash.need.presides) == ("s-npo", True)


def test_meetings_that_touch_do_not_clash() -> None:
    assert clashes(meeting(14, 16), province(12, 14), province(16, 18)) == []


@pytest.mark.parametrize("status", ["draft", "cancelled", "ended", "postponed"])
def test_meetings_that_hold_no_time_do_not_clash(status: str) -> None:
    assert clashes(meeting(14, 16), province(14, 16, status=status)) == []


def test_a_meeting_does_not_clash_with_itself() -> None:
    own = meeting(14, 16)
    assert clashes(own, own, own="m") == []
    assert clashes(own, own)


def test_the_chair_clashes_only_within_the_same_host_unit() -> None:
    other = province(14, 16, sites=(), host_unit_id="npo", chair_name="nguyen van a")
    (clash,) = clashes(meeting(14, 16), other)
    assert (clash.need.name, clash.site_id) == ("Nguyễn Văn A", None)
    assert clashes(meeting(14, 16), replace(other, host_unit_id="dbn")) == []
    assert clashes(meeting(14, 16, chair_name=""), replace(other, chair_name="")) == []


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Ông Hùng", "Ông Hưng", False),
        ("Ông Hùng", "ÔNG  HÙNG", True),
        ("Ông Hùng", "ong hung", True),  # typed without diacritics it may be him: we warn
        ("Bà Hoà", "Bà Hòa", True),
    ],
)
def test_chairs_are_told_apart_by_every_letter(one: str, two: str, same: bool) -> None:
    theirs = province(14, 16, sites=(), host_unit_id="npo", chair_name=two)
    assert bool(clashes(meeting(14, 16, chair_name=one), theirs)) == same


def test_clashes_stand_by_the_start_of_the_other_meeting_the_chair_first() -> None:
    late = province(15, 17, id="late")
    early = meeting(13, 15, id="early", sites=("s-chanua",))
    found = clashes(meeting(14, 16), late, early)
    assert [(one.holder.id, one.need.name, one.site_id) for one in found] == [
        ("early", "Nguyễn Văn A", None),
        ("early", "", "s-npo"),
        ("early", "", "s-chanua"),
        ("late", "", "s-chanua"),
    ]


MEETINGS = st.builds(
    lambda number, start, length, sites, chair, status: province(
        start / 2,
        (start + length) / 2,
        id=f"m{number}",
        host_unit_id="npo",
        chair_site_id=sites[0],
        sites=tuple(sites),
        chair_name=chair,
        status=status,
    ),
    st.integers(0, 9),
    st.integers(0, 20),
    st.integers(1, 8),
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=3, unique=True),
    st.sampled_from(["", "Ông Hùng", "ong hung", "Bà Hoà"]),
    st.sampled_from(["scheduled", "live", "postponed", "cancelled"]),
)


@given(MEETINGS, st.lists(MEETINGS, max_size=12))
def test_just_those_are_taken_whom_a_look_at_every_meeting_finds(
    one: Meeting, others: Sequence[Meeting]
) -> None:
    naive: set[tuple[str, str | None]] = set()
    for other in others:
        if other.status not in ("scheduled", "live") or other.id == one.id:
            continue
        if other.starts_at >= one.ends_at or other.ends_at <= one.starts_at:
            continue
        naive |= {(other.id, site) for site in one.sites if site in other.sites}
        names = {one.chair_name, other.chair_name}
        if "" not in names and (len(names) == 1 or names == {"Ông Hùng", "ong hung"}):
            naive.add((other.id, None))
    found = clashes(one, *others, own=one.id)
    assert {(clash.holder.id, clash.site_id) for clash in found} == naive


def test_who_saw_just_these_clashes_and_says_why_may_book() -> None:
    found = clashes(meeting(14, 16), province(15, 17))
    check_override([], Override())
    check_override(found, Override(seal_of(found), "Họp khẩn"))
    with pytest.raises(Clashing):
        check_override(found, Override("another", "Họp khẩn"))
    with pytest.raises(Clashing):
        check_override([*found, *clashes(meeting(14, 16), province(14, 15))], Override())
    for reason in ("", "x" * 501):
        with pytest.raises(FieldErrors) as refused:
            check_override(found, Override(seal_of(found), reason))
        assert set(refused.value.fields) == {"override_reason"}
