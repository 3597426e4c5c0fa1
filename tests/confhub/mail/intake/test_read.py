"""Answers and reports as programs send them, and whatever else comes to an address."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from email.message import Message

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from confhub.mail.intake import mime
from confhub.mail.intake.calendar import reply_in
from confhub.mail.intake.found import Automatic, Bounce, Incoming, NotRead, Reply, Words
from confhub.mail.intake.read import read, read_posted
from tests.confhub.mail.intake import samples
from tests.confhub.mail.intake.samples import SITE, TOKEN, UID, calendar, mail
from tests.confhub.mail.letters import ZONE

NINE = dt.datetime(2026, 12, 3, 2, 0, tzinfo=dt.UTC)
TWO_HOURS = dt.timedelta(hours=2)


def content(data: bytes) -> object:
    return read(data, ZONE).content


@pytest.mark.parametrize(
    ("made", "answer", "comment"),
    [
        (samples.outlook, "tentative", "Chờ xe ra huyện."),
        (samples.google, "declined", "Trùng lịch tiếp dân"),
        (samples.thunderbird, "accepted", "Đồng chí Chung dự, có\nba người"),
        (samples.zimbra, "accepted", ""),
        (samples.apple, "declined", "Nước lũ"),
    ],
)
def test_an_answer_of_each_program_is_read(
    made: Callable[[], bytes], answer: str, comment: str
) -> None:
    found = read(made(), ZONE)
    reply = found.content
    assert isinstance(reply, Reply)
    assert (reply.answer, reply.comment) == (answer, comment)
    assert (reply.uid, reply.sequence, reply.attendee) == (UID, 2, SITE)
    assert reply.stamped_at == dt.datetime(2026, 11, 25, 1, 2, 3, tzinfo=dt.UTC)
    assert not reply.is_counter
    assert found.tokens == (TOKEN,)
    assert (found.sender, found.subject) == (SITE, "Trả lời")


def test_another_time_is_read_without_computing_the_rule_of_its_zone() -> None:
    reply = content(samples.outlook_counter())
    assert isinstance(reply, Reply)
    assert reply.is_counter
    assert reply.proposed == (NINE, NINE + TWO_HOURS)
    assert (reply.answer, reply.comment) == ("tentative", "Xin lùi một giờ")


@pytest.mark.parametrize(
    ("times", "proposed"),
    [
        (("DTSTART:20261203T020000Z", "DURATION:PT2H"), (NINE, NINE + TWO_HOURS)),
        (("DTSTART:20261203T090000",), (NINE, None)),  # in the zone of the house
        (("DTSTART;TZID=Nowhere:20261203T090000", "DTEND:20261203T010000Z"), (NINE, None)),
        (("DTSTART;VALUE=DATE:20261203",), None),
        (("DTSTART:20261303T090000",), None),
        (("DTSTART:00010101T000000", "DURATION:P999999999D"), None),
        ((), None),
        # Where zones are kept this is a folder.
        (("DTSTART;TZID=America:20261203T090000",), None),
        (("DTSTART;TZID=Asia/\0:20261203T090000",), None),
        (("DTSTART:20261203T090000" + "0" * 5000,), None),
    ],
)
def test_a_proposed_time_that_is_none_is_left_out(times: tuple[str, ...], proposed: object) -> None:
    reply = content(mail("Content-Type: text/calendar\r\n\r\n" + plain("COUNTER", *times)))
    assert isinstance(reply, Reply)
    assert reply.proposed == proposed


def plain(method: str, *more: str) -> str:
    return calendar(method, "DECLINED", *more).decode()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("kind", ["text/calendar", "text/plain", "application/x-unknown"])
def test_line_ends_and_wrong_types_lose_nothing(end: str, kind: str) -> None:
    lines = calendar(end=end, head=("X-NOTHING",))
    coded = samples.coded(lines)
    data = mail(f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}")
    reply = content(data)
    assert isinstance(reply, Reply)
    assert reply.answer == "accepted"


@pytest.mark.parametrize(
    ("attendees", "answer"),
    [
        ((f'ATTENDEE;CN=Xã "Chà Nưa";PARTSTAT=DECLINED:mailto:{SITE}',), "declined"),
        (("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.vn",) * 2, None),  # of whom?
        (
            (
                "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@x.vn",
                "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x.vn",
            ),
            "accepted",
        ),
        (("ATTENDEE;PARTSTAT=DELEGATED:mailto:a@x.vn",), None),
        (("ATTENDEE:mailto:a@x.vn",), None),
    ],
)
def test_one_attendee_answers(attendees: tuple[str, ...], answer: str | None) -> None:
    reply = reply_in(calendar(attendee="\r\n".join(attendees)).decode(), ZONE)
    assert reply is not None
    assert reply.answer == answer


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", ""])
def test_what_is_no_answer_is_none(method: str) -> None:
    assert reply_in(calendar(method).decode(), ZONE) is None


def test_a_report_says_what_became_of_which_mail() -> None:
    found = read(samples.bounce("token.3@dienbien.gov.vn"), ZONE)
    words = f"550 no such user <{SITE}>: Recipient address rejected"
    assert found.content == Bounce("failed", "5.1.1", words, SITE)
    assert found.about == ("token.3@dienbien.gov.vn",)
    delayed = content(samples.bounce("a@b", "delayed", "4.4.1"))
    assert isinstance(delayed, Bounce)
    assert delayed.action == "delayed"
    arrived = content(samples.bounce("a@b", "relayed", "2.0.0"))
    assert isinstance(arrived, Bounce)
    assert arrived.action == "arrived"


def test_an_old_servers_report_is_read_by_its_words() -> None:
    found = read(samples.old_bounce("token.3@dienbien.gov.vn"), ZONE)
    assert isinstance(found.content, Bounce)
    assert (found.content.action, found.content.status) == ("failed", "5.1.1")
    assert "no mailbox here" in found.content.words
    assert "token.3@dienbien.gov.vn" in found.about


def test_an_absent_persons_program_answers_nothing() -> None:
    assert content(samples.absent()) == Automatic("Auto-Submitted: auto-replied (vacation)")


def test_what_somebody_wrote_is_kept_without_the_mail_that_it_answers() -> None:
    words = content(samples.written())
    assert isinstance(words, Words)
    assert "xin" in words.text
    assert "15" in words.text
    assert "Giấy mời" not in words.text
    page = "<html><style>p{}</style><body><p>Xã <b>dự</b></p></body></html>"
    shown = content(mail(f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}"))
    assert shown == Words("Xã dự")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a: b\n\n" + b"x" * mime.MOST_BYTES, "too_large"),
        (b"a: b\n" + b"\n" * mime.MOST_LINES, "too_many_lines"),
    ],
)
def test_more_than_an_answer_ever_is_stays_unread(data: bytes, why: str) -> None:
    assert content(data) == NotRead(why)  # type: ignore[arg-type]


def test_a_message_that_is_not_read_says_whose_it_is() -> None:
    large = mail("Content-Type: text/plain\r\n\r\n" + "x" * mime.MOST_BYTES, "References: <a@b>")
    found = read(large, ZONE)
    assert found.content == NotRead("too_large")
    assert (found.tokens, found.about) == ((TOKEN,), ("a@b",))
    assert (found.sender, found.subject) == (SITE, "Trả lời")


def test_addresses_that_look_like_containers_are_words() -> None:
    cited = "https://example.gov.vn/message/1\r\n" * 200
    assert isinstance(content(mail(f"Content-Type: text/plain\r\n\r\n{cited}")), Words)


def test_what_stands_deeper_than_in_any_mail_is_not_opened() -> None:
    deep = b"Content-Type: message/rfc822\r\n\r\n" * (mime.MOST_NESTED * 50)
    found = mime.opened(deep + samples.outlook())
    assert isinstance(found, Message)
    assert len(list(found.walk())) == mime.MOST_NESTED + 1


@pytest.mark.parametrize("charset", ["undefined''abc", "idna''", "a%00b''", "a\0b''x", "x''%FF"])
def test_a_boundary_in_no_charset_leaves_the_rest_readable(charset: str) -> None:
    found = read(mail(f"Content-Type: multipart/mixed; boundary*={charset}\r\n\r\nXin"), ZONE)
    assert (found.tokens, found.sender) == ((TOKEN,), SITE)
    named = content(mail(f"Content-Type: text/plain; name*={charset}\r\n\r\nXin"))
    assert named == Words("Xin")


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "undefined", "a" * 999])
def test_words_in_a_charset_that_no_mail_has_are_read_as_utf_8(charset: str) -> None:
    data = f"Content-Type: text/plain; charset={charset}\r\n\r\nXã dự"
    assert content(mail(data)) == Words("Xã dự")


@pytest.mark.parametrize(
    "header", ["Precedence: bulk", "Precedence: junk", "X-Auto-Response-Suppress: All"]
)
def test_what_people_wrote_through_a_list_is_no_programs(header: str) -> None:
    assert content(mail("Content-Type: text/plain\r\n\r\nXin", header)) == Words("Xin")


def test_a_broken_attendees_line_ends_with_its_address() -> None:
    lines = calendar(attendee=f'ATTENDEE;CN="a"b;PARTSTAT=DECLINED;X="MAILTO:x":MailTo:{SITE} ')
    reply = reply_in(lines.decode(), ZONE)
    assert reply is not None
    assert (reply.answer, reply.attendee) == ("declined", SITE)


# Mails of half a megabyte and more take a tenth of a second; what grew with the square, minutes.
MOST_CPU_S = 5.0
_HALF = 500_000
_FORM = b"Content-Type: multipart/mixed; boundary=a\n\n"


def _costly_attendee(length: int) -> bytes:
    return calendar(attendee='ATTENDEE;CN="a"b' + "mailto:" * (length // 7) + '"')


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            b"A: b\nContent-Type: text/calendar\n\n" + _costly_attendee(250_000), id="line"
        ),
        pytest.param(
            _FORM + (b"--a\nContent-Type: text/calendar\n\n" + _costly_attendee(50_000)) * 20,
            id="calendars",
        ),
        pytest.param(b'Content-Type: text/plain; x="' + b";" * _HALF + b'"\n\nx', id="parameters"),
        pytest.param(
            _FORM + (b'--a\nContent-Type: text/plain; x="' + b";" * 3000 + b"\n\nx\n") * 150,
            id="parameters of parts",
        ),
        pytest.param(
            b"Content-Type: message/delivery-status\n\n"
            + b"".join(b"X-%d: a\n" % one for one in range(50_000)),
            id="fields of a report",
        ),
        pytest.param(
            b"Content-Type: message/delivery-status\n\n"
            + (b"Action: failed\nStatus: " + b"=?a?q?" * 200 + b"\n\n") * 400,
            id="coded fields",
        ),
        pytest.param(b"Subject: " + b"=?a?q?" * (_HALF // 6) + b"\n\nx", id="coded subject"),
        pytest.param(
            b"Content-Type: text/plain; charset=punycode\n\n" + b"b9" * _HALF, id="charset"
        ),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 20_000, id="messages"),
        pytest.param(b"Content-Type: multipart/digest; boundary=a\n\n--a\n" * 15_000, id="digests"),
        pytest.param(_FORM + b"--a\n\nx\n" * 15_000, id="parts"),
    ],
)
def test_reading_costs_little_whatever_is_sent(data: bytes) -> None:
    before = time.thread_time()
    assert isinstance(read(data, ZONE), Incoming)
    assert isinstance(read_posted(data, ZONE), Incoming)
    assert time.thread_time() - before < MOST_CPU_S


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Vào 25/11, Hop đã viết:\n> Giấy mời\n\nĐồng ý", "Đồng ý"),
        ("On Wed, 25 Nov 2026 Hop wrote:\n> A\nMột\n> B\nHai", "Một\nHai"),
        ("Đồng ý\n\nOn Wed, 25 Nov 2026 Hop wrote:\nGiấy mời", "Đồng ý"),
        ("Đồng ý\n-----Original Message-----\nGiấy mời", "Đồng ý"),
    ],
)
def test_words_below_and_within_the_quoted_mail_are_kept(text: str, words: str) -> None:
    assert content(mail(f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}")) == Words(words)


@pytest.mark.parametrize(
    "page",
    [
        "<body><style>p{color:red}</style><p>Đồng ý</p><STYLE type=a>x</style >",
        '<body>Đồng ý<div class="gmail_quote">Vào 25/11 viết: <blockquote>Giấy mời',
        "<body><blockquote>Đồng ý</blockquote>",
        "<body>Đồng ý<script>x",
    ],
)
def test_of_a_page_what_was_written_is_kept(page: str) -> None:
    assert content(mail(f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}")) == Words("Đồng ý")


def test_a_person_posts_a_message_a_calendar_or_words() -> None:
    assert read_posted(samples.google(), ZONE) == read(samples.google(), ZONE)
    posted = read_posted(b"\xef\xbb\xbf" + calendar(), ZONE)
    assert isinstance(posted.content, Reply)
    assert posted.tokens == (TOKEN,)
    assert read_posted("Zalo: xã dự".encode(), ZONE) == Incoming(Words("Zalo: xã dự"))
    assert read_posted(calendar("REQUEST"), ZONE).content == NotRead("unreadable")
    assert read_posted(b"x" * (mime.MOST_BYTES + 1), ZONE).content == NotRead("too_large")


SAMPLES = (
    samples.outlook(),
    samples.google(),
    samples.thunderbird(),
    samples.zimbra(),
    samples.apple(),
    samples.outlook_counter(),
    samples.bounce("a.1@b"),
    samples.old_bounce("a.1@b"),
    samples.written(),
)
PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"\r\n",
            b"\n\n",
            b"--B1\r\n",
            b"Content-Type: multipart/report; boundary=B1\r\n",
            b"Content-Type: message/delivery-status\r\n\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 a\r\n",
            b"Content-Type: text/plain; charset=x\xff\r\n",
            b"Content-Type: multipart/mixed; boundary*=undefined''abc\r\n",
            b"Content-Type: multipart/report; boundary*0*=idna''%FF; boundary*1=a\r\n",
            b"Content-Type: text/calendar; name*=a%00b''x; charset*=utf-8''x%00\r\n",
            b"; boundary*=a\0b''c",
            b"; charset*=punycode'vi'%80",
            b"Content-Type: text/calendar; method*0=RE; method*1*=utf-8''PLY\r\n",
            b"Subject: =?utf-8?b?//8?= =?x?q?=zz?=\r\n",
            b"BEGIN:VTIMEZONE\r\nTZID:x\r\nTZOFFSETTO:+9999\r\n",
            b"DTSTART;TZID=x:99991231T235959\r\n",
            b"DTSTAMP;TZID=America:20261203T080000\r\n",
            b"DTSTAMP;TZID=../x\0:20261203T080000\r\n",
            b"ATTENDEE;PARTSTAT=",
        ]
    ),
)


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 60), PIECES), max_size=8),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_result(sample: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    data = sample
    for at, length, piece in cuts:
        data = data[:at] + piece + data[at + length :]
    found = read(data, ZONE)
    assert isinstance(found, Incoming)
    assert isinstance(read_posted(data, ZONE), Incoming)
    if isinstance(found.content, Reply):
        assert "\0" not in found.content.comment
        assert replace(found.content) == found.content


@given(st.binary(max_size=300))
@example(b"Content-Type: message/rfc822\n\n" * 30)
@example(b"Content-Type: multipart/digest; boundary=a\n\n--a\n" * 30)
@settings(max_examples=200, deadline=None)
def test_noise_gives_a_result(data: bytes) -> None:
    assert isinstance(read(data, ZONE), Incoming)
    assert isinstance(read_posted(data, ZONE), Incoming)
