"""Answers as programs write them, made after RFC 5546, RFC 3464 and what their makers publish."""

from __future__ import annotations

import base64
import quopri

TOKEN = "k7v2m9q4x1c8z5b3" + "w6n0t8r2y4d7f1h3"
ORGANIZER = f"hop+{TOKEN}@dienbien.gov.vn"
UID = "meeting000000001@confhub"
SITE = "chanua@dienbien.gov.vn"


def calendar(
    method: str = "REPLY",
    answer: str = "ACCEPTED",
    *more: str,
    head: tuple[str, ...] = ("VERSION:2.0", "PRODID:-//Someone//Calendar//EN"),
    attendee: str = "",
    end: str = "\r\n",
) -> bytes:
    lines = (
        "BEGIN:VCALENDAR",
        *head,
        *([f"METHOD:{method}"] if method else []),
        "BEGIN:VEVENT",
        f"UID:{UID}",
        "SEQUENCE:2",
        "DTSTAMP:20261125T010203Z",
        f"ORGANIZER;CN=UBND:mailto:{ORGANIZER}",
        attendee or f"ATTENDEE;PARTSTAT={answer};CN=Xã Chà Nưa:mailto:{SITE}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return end.join(lines).encode()


def mail(
    body: str, *headers: str, to: str = ORGANIZER, sender: str = f"Xã Chà Nưa <{SITE}>"
) -> bytes:
    """`body`: from its Content-Type header on."""
    head = (
        f"From: {sender}",
        f"To: <{to}>",
        "Subject: =?utf-8?q?Tr=E1=BA=A3_l=E1=BB=9Di?=",
        "Date: Wed, 25 Nov 2026 08:02:03 +0700",
        "MIME-Version: 1.0",
        *headers,
    )
    return "\r\n".join((*head, body)).encode()


def coded(data: bytes) -> str:
    return base64.encodebytes(data).decode().replace("\n", "\r\n")


def outlook() -> bytes:
    """Exchange: alternative parts, the words in the text, the calendar in base64, folded lines, a
    zone by its name in Windows."""
    lines = calendar(
        "REPLY",
        "TENTATIVE",
        "DTSTART;TZID=SE Asia Standard Time:20261203T080000",
        "DTEND;TZID=SE Asia Standard Time:20261203T100000",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        head=("PRODID:Microsoft Exchange Server 2010", "VERSION:2.0"),
        attendee=(
            'ATTENDEE;PARTSTAT=TENTATIVE;CN="Điểm cầu xã\r\n  Chà Nưa, huyện Nậm\r\n\tPồ":MAILTO:'
            + SITE
        ),
    )
    words = base64.b64encode("Chờ xe ra huyện.\r\n".encode()).decode()
    body = (
        'Content-Type: multipart/alternative; boundary="_000_AB_"\r\n\r\n'
        "--_000_AB_\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{words}\r\n"
        "--_000_AB_\r\n"
        'Content-Type: text/calendar; charset="utf-8"; method=REPLY\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{coded(lines)}"
        "--_000_AB_--\r\n"
    )
    return mail(body, "X-MS-Has-Attach:", "Thread-Topic: Giao ban")


def google() -> bytes:
    """Two copies of the calendar, a text of its own, the comment on the attendee's line."""
    lines = calendar(
        "REPLY",
        "DECLINED",
        head=("PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0"),
        attendee=(
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN=Chà Nưa"
            f';X-NUM-GUESTS=0;X-RESPONSE-COMMENT="Trùng lịch tiếp dân":mailto:{SITE}'
        ),
    )
    body = (
        'Content-Type: multipart/mixed; boundary="0001"\r\n\r\n--0001\r\n'
        'Content-Type: multipart/alternative; boundary="0002"\r\n\r\n--0002\r\n'
        "Content-Type: text/plain; charset=UTF-8; format=flowed\r\n\r\n"
        "Cha Nua has declined this invitation.\r\n--0002\r\n"
        "Content-Type: text/calendar; charset=UTF-8; method=REPLY\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
        f"{lines.decode()}--0002--\r\n--0001\r\n"
        'Content-Type: application/ics; name="invite.ics"\r\n'
        'Content-Disposition: attachment; filename="invite.ics"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{coded(lines)}--0001--\r\n"
    )
    return mail(body, "Auto-Submitted: auto-generated")


def thunderbird() -> bytes:
    """The calendar alone, in quoted-printable."""
    lines = calendar("REPLY", "ACCEPTED", "COMMENT:Đồng chí Chung dự\\, có\\nba người")
    text = quopri.encodestring(lines).decode().replace("\n", "\r\n")
    body = (
        "Content-Type: text/calendar; charset=UTF-8; method=REPLY\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{text}"
    )
    return mail(body)


def zimbra() -> bytes:
    """The method in the header alone, bare line feeds, no version."""
    lines = calendar("", "ACCEPTED", head=("PRODID:Zimbra-Calendar-Provider",), end="\n")
    body = (
        'Content-Type: multipart/alternative; boundary="=_z"\r\n\r\n--=_z\r\n'
        "Content-Type: text/plain; charset=utf-8\r\n\r\nAccepted\r\n--=_z\r\n"
        "Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n"
        f"{lines.decode()}--=_z--\r\n"
    )
    return mail(body)


def apple() -> bytes:
    """An attachment without a calendar's type, with the server's own comment."""
    lines = calendar(
        "REPLY",
        "DECLINED",
        "X-CALENDARSERVER-ATTENDEE-COMMENT;X-CALENDARSERVER-DTSTAMP=20261125T01Z:Nước lũ",
        head=("VERSION:2.0", "PRODID:-//Apple Inc.//macOS 15//EN", "CALSCALE:GREGORIAN"),
    )
    body = (
        'Content-Type: multipart/mixed; boundary="Apple-Mail=_1"\r\n\r\n--Apple-Mail=_1\r\n'
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n\r\n--Apple-Mail=_1\r\n"
        'Content-Type: application/octet-stream; name="reply.ics"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{coded(lines)}--Apple-Mail=_1--\r\n"
    )
    return mail(body)


def outlook_counter() -> bytes:
    """Another time, in a zone that only the calendar itself explains."""
    lines = calendar(
        "COUNTER",
        "TENTATIVE",
        "COMMENT;LANGUAGE=vi-VN:Xin lùi một giờ",
        "DTSTART;TZID=Customized Time Zone:20261203T090000",
        "DTEND;TZID=Customized Time Zone:20261203T110000",
        "X-MS-OLK-ORIGINALSTART;TZID=Customized Time Zone:20261203T080000",
        head=(
            "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN",
            "VERSION:2.0",
            "BEGIN:VTIMEZONE",
            "TZID:Customized Time Zone",
            "BEGIN:STANDARD",
            "DTSTART:16010101T000000",
            "RRULE:FREQ=SECONDLY",
            "TZOFFSETFROM:+0700",
            "TZOFFSETTO:+0700",
            "END:STANDARD",
            "END:VTIMEZONE",
        ),
    )
    body = (
        "Content-Type: text/calendar; method=COUNTER; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{coded(lines)}"
    )
    return mail(body)


def bounce(
    message_id: str, action: str = "failed", status: str = "5.1.1", words: str = "550 no such user"
) -> bytes:
    """As Postfix reports (RFC 3464), in one mail with the headers of ours."""
    body = (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B1"\r\n\r\n'
        "--B1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        "This is the mail system at host mx.dienbien.gov.vn.\r\n--B1\r\n"
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.dienbien.gov.vn\r\n"
        f"Original-Envelope-Id: {message_id.partition('@')[0]}\r\n\r\n"
        f"Final-Recipient: rfc822; {SITE}\r\nOriginal-Recipient: rfc822;{SITE}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n    <{SITE}>: Recipient address rejected\r\n\r\n"
        f"--B1\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: <hop@dienbien.gov.vn>\r\n"
        f"Message-ID: <{message_id}>\r\nSubject: Giay moi\r\n\r\n--B1--\r\n"
    )
    return mail(
        body,
        "Auto-Submitted: auto-replied",
        to="hop@dienbien.gov.vn",
        sender="MAILER-DAEMON@mx.dienbien.gov.vn (Mail Delivery System)",
    )


def old_bounce(message_id: str) -> bytes:
    """As qmail reports: in words."""
    body = (
        "Return-Path: <>\r\nContent-Type: text/plain\r\n\r\n"
        f"Hi. This is the qmail-send program.\r\n<{SITE}>:\r\n"
        "Sorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        "--- Below this line is a copy.\r\n\r\n"
        f"From: hop@dienbien.gov.vn\r\nMessage-ID: <{message_id}>\r\nSubject: Giay moi\r\n"
    )
    return mail(body, to="hop@dienbien.gov.vn", sender="MAILER-DAEMON@old.example")


def absent() -> bytes:
    body = "Content-Type: text/plain; charset=utf-8\r\n\r\nTôi đi công tác.\r\n"
    return mail(body, "Auto-Submitted: auto-replied (vacation)", "X-Auto-Response-Suppress: All")


def written() -> bytes:
    """Words in the charset of Vietnamese Windows, above a quoted mail."""
    words = "Xã dự được, nhưng xin đến muộn 15 phút.\n\nVào 25/11/2026, Hop đã viết:\n> Giấy mời"
    text = words.encode("cp1258", "ignore")
    coded_words = quopri.encodestring(text).decode().replace("\n", "\r\n")
    body = (
        "Content-Type: text/plain; charset=windows-1258\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{coded_words}"
    )
    return mail(body, "In-Reply-To: <other@example>")
