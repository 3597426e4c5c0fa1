"""A mail as others read it: the library of Python, and an iCalendar parser that is not ours."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.mail.itip import METHODS
from confhub.mail.letter import Letter, MailKind, Paper
from confhub.mail.message import Attached, Marks, message_of
from confhub.mail.text import COMES, Recipient, body_of, plain
from confhub.meetings.tokens import JoinTokens
from confhub.words.catalogue import catalogue
from confhub.words.formats import Formats
from tests.confhub.mail.letters import (
    CHA_NUA,
    HOUR,
    HUB,
    MEETING,
    NOW,
    SITE,
    STARTS,
    ZONE,
    letter,
    mail,
    moved,
    sender,
)

TOKENS = JoinTokens(b"k" * 32).answers
MARKS = Marks(TOKENS.sign("link-1"), TOKENS.sign_mail("link-1"))
# Every kind as it comes to be.
KINDS: dict[MailKind, tuple[Letter, Letter | None]] = {
    "invite": (letter(), None),
    "change": (moved(), letter()),
    "link": (letter(), letter()),
    "remind": (letter(), None),
    "hold": (letter(status="postponed", status_reason="Bão", version=2), letter()),
    "cancel": (letter(status="cancelled", status_reason="Bão", version=2), letter()),
    "drop": (letter(version=2), letter()),
}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def parts_of(data: bytes) -> tuple[EmailMessage, str, str, icalendar.Calendar]:
    """The mail, its text, its HTML and its calendar."""
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    mixed = message.get_content_type() == "multipart/mixed"
    words = next(iter(message.iter_parts())) if mixed else message
    assert words.get_content_type() == "multipart/alternative"
    text, html, calendar = words.iter_parts()
    for part in (message, text, html, calendar):
        assert part.defects == []
    raw = calendar.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert raw.count(b"\r\n") == raw.count(b"\n")
    return message, text.get_content(), html.get_content(), icalendar.Calendar.from_ical(raw)


def paper_in(data: bytes) -> tuple[str, bytes] | None:
    """The name and the bytes of the official letter that is attached."""
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    if message.get_content_type() != "multipart/mixed":
        return None
    _words, paper = message.iter_parts()
    assert (paper.get_content_type(), paper.defects) == ("application/pdf", [])
    assert paper.is_attachment()
    raw = paper.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return str(paper.get_filename()), raw


def made(kind: MailKind, to: Recipient = CHA_NUA) -> bytes:
    told, before = KINDS[kind]
    return message_of(mail(kind), told, before, to, SITE, sender(), MARKS)


@pytest.mark.parametrize("kind", KINDS)
def test_any_server_carries_it(kind: MailKind) -> None:
    data = made(kind)
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert made(kind) == data  # a second try is the same mail


def test_it_comes_from_the_hub_to_one_site_and_says_what_it_is() -> None:
    message, text, html, _calendar = parts_of(made("invite"))
    assert message["From"].addresses[0].addr_spec == HUB
    assert message["From"].addresses[0].display_name == "UBND huyện Nậm Pồ"
    assert [one.addr_spec for one in message["To"].addresses] == [SITE]
    assert message["Subject"] == f"Giấy mời họp: {MEETING.title}, 08:00 03/12/2026"
    assert message["Message-ID"] == f"<{MARKS.name}.1@dienbien.gov.vn>"
    assert TOKENS.read(MARKS.name) is None  # whoever it is forwarded to answers nothing by it
    assert TOKENS.read_mail(MARKS.name) == TOKENS.read_mail(MARKS.address) == "link-1"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    for shown in (
        CHA_NUA.link,
        "08:00–10:00, Thứ Năm, 03/12/2026",
        "08:20 Kết luận",
        "0215 3 825 111",
        ".Dòng này bắt đầu bằng dấu chấm",
        "Mở từ 07:00",
    ):
        assert shown in text
        assert shown in html
    assert "<script" not in html
    assert "src=" not in html


@pytest.mark.parametrize(
    ("kind", "said", "missing"),
    [
        (
            "change",
            ["Thời gian: 10:00–12:00, Thứ Năm, 03/12/2026", "trước đây: 08:00–10:00", "Mưa lũ"],
            [],
        ),
        ("link", ["liên kết cũ không dùng được nữa", CHA_NUA.link], []),
        ("hold", ["hoãn, chờ giờ mới", "Lý do: Bão", "vẫn dùng được"], [CHA_NUA.link]),
        ("cancel", ["đã hủy", "Lý do: Bão", "không dùng được nữa"], [CHA_NUA.link]),
        ("drop", ["không phải dự"], [CHA_NUA.link, "Lý do"]),
    ],
)
def test_a_later_mail_says_what_changed(
    kind: MailKind, said: list[str], missing: list[str]
) -> None:
    _message, text, _html, _calendar = parts_of(made(kind))
    for one in said:
        assert one in text
    for one in missing:
        assert one not in text


def test_the_official_letter_goes_with_it_as_a_file_and_is_named() -> None:
    paper = Paper("letter-a", "05/GM-UBND", "giay-moi-05-2026")
    told = replace(letter(), paper=paper)
    attached = Attached(paper.name, bytes(range(256)) * 300)
    data = message_of(mail(), told, None, CHA_NUA, SITE, sender(), MARKS, attached)
    _message, text, _html, calendar = parts_of(data)
    assert paper_in(data) == ("giay-moi-05-2026.pdf", attached.data)
    assert "Giấy mời số: 05/GM-UBND" in text
    assert calendar["METHOD"] == "REQUEST"
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert paper_in(made("invite")) is None


def test_a_letter_that_came_later_is_what_its_mail_is_called_after() -> None:
    told = replace(letter(), paper=Paper("letter-a", "05/GM-UBND", "giay-moi-05-2026"))
    message, text, *_ = parts_of(
        message_of(mail("change"), told, letter(), CHA_NUA, SITE, sender(), MARKS)
    )
    assert message["Subject"].startswith("Giấy mời số 05/GM-UBND: ")
    assert "Giấy mời số: 05/GM-UBND (trước đây: —)" in text
    both = replace(moved(), paper=told.paper)
    message, *_ = parts_of(
        message_of(mail("change"), both, letter(), CHA_NUA, SITE, sender(), MARKS)
    )
    assert message["Subject"].startswith("Thay đổi cuộc họp: ")


def test_a_time_that_was_found_again_says_that_there_was_none() -> None:
    off = letter(status="postponed", version=2)
    data = message_of(mail("change"), letter(version=3), off, CHA_NUA, SITE, sender(), MARKS)
    assert "(trước đây: hoãn, chờ giờ mới)" in parts_of(data)[1]


def test_it_speaks_english_where_the_house_does() -> None:
    data = message_of(mail(), letter(), None, CHA_NUA, SITE, sender("en"), MARKS)
    message, text, html, _calendar = parts_of(data)
    assert message["Subject"].startswith("Invitation: ")
    assert "UBND huyện Nậm Pồ invites Xã Chà Nưa" in text
    assert '<html lang="en">' in html


@pytest.mark.parametrize(
    ("kind", "method", "status", "rsvp"),
    [
        ("invite", "REQUEST", "CONFIRMED", "TRUE"),
        ("change", "REQUEST", "CONFIRMED", "TRUE"),
        ("link", "REQUEST", "CONFIRMED", "TRUE"),
        ("remind", "REQUEST", "CONFIRMED", "TRUE"),
        ("hold", "REQUEST", "TENTATIVE", "FALSE"),
        ("cancel", "CANCEL", "CANCELLED", "FALSE"),
        ("drop", "CANCEL", None, "FALSE"),
    ],
)
def test_a_calendar_takes_it_in(kind: MailKind, method: str, status: str | None, rsvp: str) -> None:
    message, _text, _html, calendar = parts_of(made(kind))
    part = list(message.iter_parts())[-1]
    assert part.get_content_type() == "text/calendar"
    assert part["Content-Type"].params["method"] == method
    assert calendar["METHOD"] == method
    (event,) = calendar.walk("VEVENT")
    told, _before = KINDS[kind]
    assert event["UID"] == f"{MEETING.id}@confhub"  # as in the calendars of accounts
    assert event["SEQUENCE"] == told.meeting.version - 1
    assert event["DTSTAMP"].dt == NOW
    assert event["DTSTART"].dt == told.meeting.starts_at
    assert event["SUMMARY"] == MEETING.title
    assert event["ORGANIZER"] == f"mailto:{HUB}"
    attendee = event["ATTENDEE"]  # one, so it is no list
    assert attendee == f"mailto:{SITE}"
    assert attendee.params["RSVP"] == rsvp
    assert attendee.params["CN"] == "Xã Chà Nưa (Phòng họp UBND xã Chà Nưa)"
    assert event.get("STATUS") == status


def test_a_later_version_has_a_later_sequence() -> None:
    first, second = (
        parts_of(message_of(mail(), one, None, CHA_NUA, SITE, sender(), MARKS))[3].walk("VEVENT")[0]
        for one in (letter(), moved())
    )
    assert first["UID"] == second["UID"]
    assert first["SEQUENCE"] < second["SEQUENCE"]
    assert (first["DTSTART"].dt, first["DTSTART"].dt.utcoffset().total_seconds()) == (
        STARTS,
        7 * 3600,
    )


@given(title=ANY_TEXT, host=ANY_TEXT, unit=ANY_TEXT, note=ANY_TEXT)
def test_no_text_gets_out_of_its_place(title: str, host: str, unit: str, note: str) -> None:
    """Whatever somebody types is neither a header, nor a property, nor a tag."""
    told = replace(letter(title=title, note=note, chair_name=host, status_reason=note), host=host)
    to = replace(CHA_NUA, unit=unit)
    data = message_of(mail(), told, None, to, SITE, sender(), MARKS)
    message = message_from_bytes(data, policy=policy.compat32)
    assert sorted(message.keys()) == sorted(
        message_from_bytes(made("invite"), policy=policy.compat32).keys()
    )
    assert max(map(len, data.split(b"\r\n"))) <= 78
    raw = [part.get_payload(decode=True) for part in message.walk()][1:]
    _text, html, calendar = (one.decode() for one in raw if isinstance(one, bytes))
    names = [line.partition(":")[0].partition(";")[0] for line in calendar.splitlines()]
    assert names.count("ATTENDEE") == 1
    assert "<script" not in html


def test_a_header_cannot_be_put_in() -> None:
    wild = "Họp\r\nBcc: ai@khac.vn\r\n\r\n<script>alert(1)</script>"
    told = replace(letter(title=wild), host=f'"{wild}"')
    data = message_of(mail(), told, None, replace(CHA_NUA, unit=wild), SITE, sender(), MARKS)
    message, _text, html, calendar = parts_of(data)
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["To"].addresses] == [SITE]
    assert "<script" not in html
    assert len(calendar.walk("VEVENT")) == 1


def test_it_says_until_when_to_answer_while_there_is_something_to_answer() -> None:
    told = replace(letter(), answer_by=STARTS - 3 * HOUR)
    say, formats = catalogue("vi").gettext, Formats("vi", ZONE)
    bodies = {kind: body_of(kind, told, None, CHA_NUA, say, formats) for kind in METHODS}
    said = {kind for kind, body in bodies.items() if "Xin trả lời trước: 05:00" in plain(body)}
    assert said == COMES
