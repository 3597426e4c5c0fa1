"""A mail as it goes over the wire: multipart/alternative in seven bits, lines of at most 76 octets
(RFC 2045, 2047), the calendar part as RFC 6047 wants it; within multipart/mixed where the official
letter goes with it. Pure: the same mail is the same bytes.

Written line by line: what the library makes of a header loses blanks between coded words.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.header import Header
from email.quoprimime import body_encode
from email.utils import format_datetime

from confhub.mail.html import html
from confhub.mail.itip import METHODS, Party, itip
from confhub.mail.letter import Letter, Mail
from confhub.mail.notice import Notice
from confhub.mail.text import Body, Recipient, Say, body_of, plain
from confhub.planning.ical import Entry
from confhub.words.formats import Formats
from confhub.words.languages import Language
from confhub.words.texts import one_line

_LINE = 76
# Longer names and titles are only cut by mail programs.
_MOST_NAME = 120
_MOST_SUBJECT = 300


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose mail it is: the hub's address as `can_be_sent_to` takes it, and how it speaks."""

    email: str
    say: Say
    formats: Formats
    language: Language
    origin: str = ""  # of the pages that notices lead to: https://hop.example.gov.vn
    takes_answers: bool = False  # somebody reads what comes back to plus addresses of `email`

    def answer_address(self, token: str) -> str:
        """Where a site answers (RFC 5233): the token says of which invitation."""
        local, _, domain = self.email.rpartition("@")
        return f"{local}+{token}@{domain}" if self.takes_answers else self.email


@dataclass(frozen=True, slots=True)
class Marks:
    """Of the mail's link, as `AnswerTokens` has them: in the `address` by which its site answers,
    and in the `name` of the mail."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A PDF that goes with a mail; `name` in ASCII, without its ending."""

    name: str
    data: bytes


def message_of(
    mail: Mail,
    letter: Letter,
    before: Letter | None,
    to: Recipient,
    email: str,
    sender: Sender,
    marks: Marks,
    attached: Attached | None = None,
) -> bytes:
    """The mail to a site's address, `email`, which `can_be_sent_to`; the rest as `body_of`."""
    answers_to = sender.answer_address(marks.address)
    body = body_of(mail.kind, letter, before, to, sender.say, sender.formats)
    text = plain(body)
    name = f"{to.unit} ({to.site})"
    entry = Entry(letter.meeting, mail.made_at, to.site, text, body.link)
    event = itip(
        mail.kind,
        entry,
        Party(letter.host, answers_to),
        Party(name, email),
        sender.formats.zone,
    )
    return written(
        mail.id,
        sender,
        mail.made_at,
        message_id(mail, sender.email, marks),
        (letter.host, to.unit, email),
        body,
        reply_to=answers_to if sender.takes_answers else "",
        calendar=tuple(_calendar(METHODS[mail.kind], event)),
        attached=attached,
    )


def notice_message(
    notice: Notice, body: Body, whose: str, to: tuple[str, str], sender: Sender
) -> bytes:
    """A notice as it goes: of the unit `whose`, to a name and an address as `message_of`'s."""
    own_id = f"<notice.{notice.id}@{sender.email.rpartition('@')[2]}>"
    return written(notice.id, sender, notice.made_at, own_id, (whose, *to), body)


def written(
    mail_id: str,
    sender: Sender,
    made_at: dt.datetime,
    name: str,
    parties: tuple[str, str, str],
    body: Body,
    *,
    reply_to: str = "",
    calendar: Sequence[str] = (),
    attached: Attached | None = None,
) -> bytes:
    """`name`: its Message-ID; `parties`: whose it is, the recipient's name and address."""
    whose, to, email = parties
    head = (
        f"Date: {format_datetime(made_at.astimezone(dt.UTC))}",
        f"Message-ID: {name}",
        _address("From", whose, sender.email),
        _address("To", to, email),
        *([f"Reply-To:\r\n <{reply_to}>"] if reply_to else []),
        f"Subject: {_coded('Subject', body.subject, _MOST_SUBJECT)}",
        # Out-of-office replies would come back as if they were answers (RFC 3834).
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        f"Content-Language: {sender.language}",
        "MIME-Version: 1.0",
    )
    ending = f"\n\n-- \n{body.labels['sender']}\n"
    parts: list[Iterable[str]] = [
        _words("plain", plain(body) + ending),
        _words("html", html(body, sender.language)),
    ]
    if calendar:
        parts.append(calendar)
    # In quoted-printable "=_" is none of its codes: no line of a part can be taken for it.
    content = _multipart("alternative", f"=_{mail_id}", parts)
    if attached is not None:
        content = _multipart("mixed", f"=_m{mail_id}", (content, _pdf(attached)))
    return "\r\n".join((*head, *content, "")).encode("ascii")


def message_id(mail: Mail, sender: str, marks: Marks) -> str:
    """One for each mail, the same at each try: who gets it twice can know. By its mark a report of
    it is known to be of ours, wherever it comes from; nobody can answer by it."""
    return f"<{marks.name}.{mail.number}@{sender.rpartition('@')[2]}>"


def _multipart(kind: str, boundary: str, parts: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f'Content-Type: multipart/{kind}; boundary="{boundary}"'
    yield ""
    for part in parts:
        yield f"--{boundary}"
        yield from part
    yield f"--{boundary}--"


def _words(kind: str, text: str) -> Iterator[str]:
    yield f"Content-Type: text/{kind}; charset=utf-8"
    yield "Content-Transfer-Encoding: quoted-printable"
    yield ""
    yield body_encode(text.encode().decode("latin-1"), _LINE, "\r\n")


def _calendar(method: str, event: bytes) -> Iterator[str]:
    """In base64 its lines keep the ends that RFC 5545 asks for."""
    yield f"Content-Type: text/calendar; charset=utf-8; method={method}; component=VEVENT"
    yield "Content-Transfer-Encoding: base64"
    yield ""
    yield from _base64(event)


def _pdf(attached: Attached) -> Iterator[str]:
    yield "Content-Type: application/pdf"
    yield f'Content-Disposition: attachment; filename="{attached.name}.pdf"'
    yield "Content-Transfer-Encoding: base64"
    yield ""
    yield from _base64(attached.data)


def _base64(data: bytes) -> Iterator[str]:
    coded = base64.b64encode(data).decode("ascii")
    return (coded[at : at + _LINE] for at in range(0, len(coded), _LINE))


def _address(header: str, name: str, email: str) -> str:
    """The address on a line of its own: 64 letters before the @ and 189 after it are too long for
    one beside a name."""
    return f"{header}: {_coded(header, name, _MOST_NAME)}\r\n <{email}>"


def _coded(header: str, text: str, most: int) -> str:
    """One line of text in coded words, whatever is in it; blanks are within them."""
    shown = one_line(text)[:most]
    return Header(shown, "utf-8", header_name=header).encode(linesep="\r\n", maxlinelen=_LINE - 1)
