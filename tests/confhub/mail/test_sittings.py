"""How a meeting in several sittings stands in a mail: in words, and as other programs read it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import recurring_ical_events
from icalendar import Calendar

from confhub.mail.intake.calendar import reply_in
from confhub.mail.itip import Party, itip
from confhub.mail.letter import MailKind, changes, kind_of
from confhub.mail.replies import standing_of
from confhub.mail.text import body_of
from confhub.meetings.sitting import Sitting
from confhub.planning.ical import Entry
from tests.confhub.mail.letters import CHA_NUA, NOW, ZONE, letter, mail, sender
from tests.confhub.meetings.sittings import at, sittings_on

HUB, SITE = Party("UBND huyện", "hop@dienbien.gov.vn"), Party("Xã", "xa@dienbien.gov.vn")
# The third one is shorter.
SITTINGS = (*sittings_on(0), Sitting(at(2, 8), at(2, 10)))
OVER_DAYS = {
    "sittings": SITTINGS,
    "starts_at": SITTINGS[0].starts_at,
    "ends_at": SITTINGS[-1].ends_at,
}


def read(kind: MailKind) -> Calendar:
    entry = Entry(letter(**OVER_DAYS).meeting, NOW, "Phòng họp", "", "")
    found = Calendar.from_ical(itip(kind, entry, HUB, SITE, ZONE))
    assert isinstance(found, Calendar)
    return found


def test_an_invitation_is_one_event_with_the_hours_of_each_sitting() -> None:
    invited = read("invite")
    assert {str(event["UID"]) for event in invited.walk("VEVENT")} == {"meeting-00000001@confhub"}
    found = recurring_ical_events.of(invited).between(dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    spans = sorted((one["DTSTART"].dt, one["DTEND"].dt) for one in found)
    assert spans == [(one.starts_at, one.ends_at) for one in SITTINGS]


@pytest.mark.parametrize("kind", ["cancel", "drop"])
def test_all_are_taken_back_at_once(kind: MailKind) -> None:
    [event] = read(kind).walk("VEVENT")
    assert "RECURRENCE-ID" not in event


def test_the_words_say_every_sitting() -> None:
    speaks = sender()
    body = body_of("invite", letter(**OVER_DAYS), None, CHA_NUA, speaks.say, speaks.formats)
    said = dict(body.facts)["Thời gian"]
    assert said == (
        "08:00–11:00, Thứ Hai, 07/12/2026; 14:00–17:00, Thứ Hai, 07/12/2026;"
        " 08:00–10:00, Thứ Tư, 09/12/2026"
    )


def test_what_the_room_did_with_a_day_is_no_news_to_all_sites() -> None:
    told = letter(**OVER_DAYS)
    longer = (replace(SITTINGS[0], ends_at=at(0, 11, 30), is_over=True), *SITTINGS[1:])
    later = letter(**{**OVER_DAYS, "sittings": longer})
    assert list(changes(told, later)) == ["time"]
    # Whether it was ended before its hour, or after.
    for now in (at(0, 11, 10), at(0, 12)):
        assert not list(changes(told, replace(later, made_at=now)))
    other = letter(**{**OVER_DAYS, "sittings": (longer[0], SITTINGS[2])})
    assert list(changes(told, replace(other, made_at=at(0, 12)))) == ["time"]


def test_a_last_day_that_was_taken_out_is_told_though_the_meeting_has_ended() -> None:
    known = mail(state="sent"), letter(**OVER_DAYS)
    held = {**OVER_DAYS, "status": "ended", "version": 2}
    ended = replace(letter(**held), made_at=at(2, 9))
    assert kind_of(ended, "link-1", known, invited=True) is None
    rest = letter(**{**held, "sittings": SITTINGS[:2], "ends_at": SITTINGS[1].ends_at})
    lost = replace(rest, made_at=at(1, 9))
    assert kind_of(lost, "link-1", known, invited=True) == "change"
    assert kind_of(lost, "link-1", (known[0], lost), invited=True) is None


def test_another_day_is_told_and_one_that_is_over_is_not() -> None:
    told = letter(**OVER_DAYS)
    over = (replace(SITTINGS[0], is_over=True), *SITTINGS[1:])
    assert not list(changes(told, letter(**{**OVER_DAYS, "sittings": over})))
    other = (SITTINGS[0], SITTINGS[2])
    assert list(changes(told, letter(**{**OVER_DAYS, "sittings": other}))) == ["time"]


@pytest.mark.parametrize(
    ("method", "which", "counts"),
    [
        ("REPLY", "", "counts"),
        ("REPLY", "RECURRENCE-ID;TZID=Asia/Ho_Chi_Minh:20261209T080000\r\n", "open"),
        ("REPLY", "RECURRENCE-ID:20261207T010000Z\r\n", "open"),
        ("COUNTER", "RECURRENCE-ID:20261209T010000Z\r\n", "open"),
    ],
)
def test_an_answer_to_one_sitting_is_none_to_all(method: str, which: str, counts: str) -> None:
    meeting = letter(**OVER_DAYS).meeting
    text = (
        f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{meeting.id}@confhub\r\n"
        f"{which}ATTENDEE;PARTSTAT=DECLINED:mailto:xa@dienbien.gov.vn\r\n"
        "DTSTART:20261210T010000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    reply = reply_in(text, ZONE)
    assert reply is not None
    assert standing_of(reply, None, [], meeting) == counts
    assert standing_of(reply, None, [], letter().meeting) == (
        "open" if method == "COUNTER" else "counts"
    )


def test_a_change_of_one_day_names_that_day_alone() -> None:
    speaks, before = sender(), letter(**OVER_DAYS)
    days = (*SITTINGS[:2], Sitting(at(3, 8), at(3, 10)))
    after = letter(**{**OVER_DAYS, "sittings": days, "ends_at": days[-1].ends_at})
    body = body_of("change", after, before, CHA_NUA, speaks.say, speaks.formats)
    day = "08:00–10:00, Thứ %s, %s/12/2026"
    assert body.changed == (("Thời gian", day % ("Tư", "09"), day % ("Năm", "10")),)
    fewer = letter(**{**OVER_DAYS, "sittings": SITTINGS[:2], "ends_at": SITTINGS[1].ends_at})
    body = body_of("change", fewer, before, CHA_NUA, speaks.say, speaks.formats)
    assert body.changed == (("Thời gian", day % ("Tư", "09"), "—"),)
