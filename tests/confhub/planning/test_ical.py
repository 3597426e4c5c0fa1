"""What we write is iCalendar to others, whatever the texts, the times and the zone."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.sitting import Sitting
from confhub.planning.ical import Entry, calendar, escaped

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = dt.datetime(2026, 11, 24, 5, tzinfo=dt.UTC)


def entry(title: str = "Giao ban", description: str = "", **values: Any) -> Entry:
    meeting = Meeting("m-1", title, "district", "u", "s", NOON, NOON + dt.timedelta(hours=1))
    return Entry(
        dataclasses.replace(meeting, **values),
        NOON,
        "Phòng họp A, tầng 2",
        description,
        "https://hop.vn/meetings/m-1",
    )


def read(body: bytes) -> Calendar:
    whole = Calendar.from_ical(body)
    assert not whole.errors
    assert all(not one.errors for one in whole.walk())
    return whole


def test_what_was_held_is_not_called_off_with_the_rest() -> None:
    day, hour = dt.timedelta(days=1), dt.timedelta(hours=1)
    sittings = (Sitting(NOON, NOON + hour, is_over=True), Sitting(NOON + day, NOON + day + hour))
    one = entry(ends_at=sittings[1].ends_at, sittings=sittings, status="cancelled")
    found = read(calendar("Lịch", [one], HANOI)).walk("VEVENT")
    assert [str(event["STATUS"]) for event in found] == ["CONFIRMED", "CANCELLED"]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200
)


@settings(max_examples=60)
@given(title=TEXTS.filter(str.strip), lines=st.lists(TEXTS, max_size=4))
def test_texts_come_back_as_they_were_and_no_line_is_too_long(title: str, lines: list[str]) -> None:
    body = calendar("Lịch; một, hai", [entry(title, "\n".join(lines))], HANOI)
    (event,) = read(body).walk("VEVENT")
    assert event["SUMMARY"] == title
    assert event.get("DESCRIPTION", "") == "\n".join(lines)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))


def test_no_sign_of_any_script_begins_a_line_of_its_own() -> None:
    for number in range(0x11000):
        value = escaped(f"Ghi chú{chr(number)}ATTENDEE")
        assert len(value.splitlines()) == 1, hex(number)
        value.encode()
    assert escaped("một\r\nhai\u2028ba\x0bbốn\x1f\x00,\tnăm") == "một\\nhai\\nba\\nbốn\\,\tnăm"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("scheduled", "CONFIRMED"),
        ("live", "CONFIRMED"),
        ("ended", "CONFIRMED"),
        ("postponed", "TENTATIVE"),
        ("cancelled", "CANCELLED"),
    ],
)
def test_a_meeting_says_how_it_stands(status: MeetingStatus, said: str) -> None:
    (event,) = read(calendar("Lịch", [entry(status=status, version=4)], HANOI)).walk("VEVENT")
    assert (event["STATUS"], event["UID"], event["SEQUENCE"]) == (said, "m-1@confhub", 3)


@pytest.mark.parametrize(
    ("status", "said"), [("scheduled", "TENTATIVE"), ("cancelled", "CANCELLED")]
)
def test_a_time_that_is_not_confirmed_is_tentative_and_kept_free(
    status: MeetingStatus, said: str
) -> None:
    waiting = dataclasses.replace(entry(status=status), is_tentative=True)
    (event,) = read(calendar("Lịch", [waiting], HANOI)).walk("VEVENT")
    assert event["STATUS"] == said
    assert event["TRANSP"] == ("OPAQUE" if status == "scheduled" else "TRANSPARENT")


@settings(max_examples=40)
@given(
    key=st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    starts=st.lists(
        st.integers(0, 500 * 24 * 12).map(lambda n: NOON + n * dt.timedelta(minutes=5)),
        min_size=1,
        max_size=5,
    ),
)
def test_times_mean_the_same_moment_by_the_zone_that_is_sent_along(
    key: str, starts: list[dt.datetime]
) -> None:
    entries = [
        entry(id=f"m-{n}", starts_at=at, ends_at=at + dt.timedelta(minutes=90))
        for n, at in enumerate(starts)
    ]
    whole = read(calendar("Lịch", entries, ZoneInfo(key)))
    (zone,) = whole.walk("VTIMEZONE")
    sent = zone.to_tz(lookup_tzid=False)  # by its rules alone, whatever this machine knows
    for event, at in zip(whole.walk("VEVENT"), starts, strict=True):
        local = event.decoded("DTSTART").replace(tzinfo=None)
        assert at in {local.replace(tzinfo=sent, fold=fold).astimezone(dt.UTC) for fold in (0, 1)}


def test_the_same_meetings_are_the_same_bytes() -> None:
    assert calendar("Lịch", [entry()], HANOI) == calendar("Lịch", [entry()], HANOI)
    assert read(calendar("Lịch", [], HANOI)).walk("VEVENT") == []
