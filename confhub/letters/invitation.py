"""The invitation letter, form 1.7 of decree 30/2020/NĐ-CP: what is typed, and how it reads. Pure.

A letter is Vietnamese in whatever language its pages are read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.words.texts import many_lines, one_line

# What is typed, and the longest of each. Longer ones would push the signature off the first page.
LIMITS: Mapping[str, int] = {
    "superior": 120,
    "agency": 160,
    "symbol": 40,
    "place": 60,
    "number": 12,
    "subject": 300,
    "guests": 2000,
    "purpose": 600,
    "chair": 300,
    "time": 2000,  # of a fortnight, a line a day
    "venue": 1000,
    "content": 4000,
    "closing": 2000,
    "recipients": 1000,
    "authority": 120,
    "post": 120,
    "signer": 80,
}
_OF_LINES = frozenset({"agency", "guests", "time", "venue", "content", "closing", "recipients"})
_NEEDED = frozenset({"agency", "symbol", "place", "subject", "guests", "time", "venue", "post"})
# Signs that Liberation Serif has, of which no letter of Vietnamese is missing.
_NO_SIGN = re.compile(
    r"[^\n -~\u00a0-\u017f\u0192\u01a0\u01a1\u01af\u01b0\u0391-\u03a1\u03a3-\u03c9\u0410-\u044f"
    r"\u1ea0-\u1ef9\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a"
    r"\u20ab\u20ac\u2116\u2122\u2190-\u2193\u2212\u2264\u2265]"
)
_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

_MISSING = N_("Xin ghi mục này.")
_TOO_LONG = N_("Dài quá %(limit)s ký tự.")
_NOT_PRINTED = N_("Dấu “%(sign)s” không in được trong văn bản. Xin bỏ hoặc viết bằng chữ.")
_NO_SYMBOL = N_("Ký hiệu chỉ gồm chữ, số, dấu gạch ngang, gạch chéo; ví dụ UBND, UBND-VP.")


class Group(msgspec.Struct, frozen=True):
    """Units of one level with their sites, in the list behind a letter."""

    name: str
    rows: tuple[tuple[str, str], ...]


class Typed(msgspec.Struct, frozen=True):
    """What a letter is made from, as it was typed; `number` may be left for the clerk to write."""

    agency: str
    symbol: str
    place: str
    subject: str
    guests: str
    time: str
    venue: str
    post: str
    superior: str = ""
    number: str = ""
    purpose: str = ""
    chair: str = ""
    content: str = ""
    closing: str = ""
    recipients: str = ""
    authority: str = ""
    signer: str = ""


class Invitation(msgspec.Struct, frozen=True):
    """A letter word by word; whoever prints it adds nothing."""

    superior: str
    agency: tuple[str, ...]
    number: str
    dated: str
    subject: str
    greeting: str
    guests: tuple[str, ...]
    purpose: tuple[str, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    closing: tuple[str, ...]
    recipients: tuple[str, ...]
    authority: str
    post: str
    signer: str
    annex_note: str
    annex: tuple[Group, ...]
    nation: str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    motto: str = "Độc lập - Tự do - Hạnh phúc"
    title: str = "GIẤY MỜI"
    recipients_head: str = "Nơi nhận:"
    annex_title: str = "DANH SÁCH ĐIỂM CẦU"
    annex_heads: tuple[str, ...] = ("TT", "Đơn vị", "Điểm cầu")


def read(fields: Mapping[str, Any]) -> Typed:
    """What was typed, put in order; FieldErrors by its names."""
    texts, errors = {}, dict[str, ConfhubError]()
    for name, limit in LIMITS.items():
        texts[name] = text = put_in_order(name, str(fields.get(name, "")))
        error = _wrong(name, text, limit)
        if error is not None:
            errors[name] = error
    if errors:
        raise FieldErrors(errors)
    return Typed(**texts)


def _wrong(name: str, text: str, limit: int) -> ConfhubError | None:
    if not text and name in _NEEDED:
        return BadInput(_MISSING)
    if len(text) > limit:
        return BadInput(_TOO_LONG, values={"limit": limit})
    if (error := not_printed(text)) is not None:
        return error
    if name == "symbol" and not re.fullmatch(r"[^\W_]+([-/&][^\W_]+)*", text):
        return BadInput(_NO_SYMBOL)
    return None


def put_in_order(name: str, text: str) -> str:
    """As that field has it: one line, or several."""
    return many_lines(text) if name in _OF_LINES else one_line(text)


def not_printed(text: str) -> BadInput | None:
    """What is wrong with a text that has a sign of which the letter's face knows nothing."""
    found = _NO_SIGN.search(text)
    return BadInput(_NOT_PRINTED, values={"sign": found.group()}) if found is not None else None


def written(typed: Typed, day: dt.date, annex: Sequence[Group], *, dated: bool) -> Invitation:
    """The letter of a day; not `dated`: the day in it is left for the clerk to write."""
    number = typed.number.rjust(2, "0") if typed.number.isdecimal() else typed.number
    agency = " ".join(typed.agency.split("\n"))
    on = said_day(day) if dated else f"ngày        tháng {_month(day)} năm {day.year}"
    facts = (
        ("Chủ trì", _lines(typed.chair)),
        ("Thời gian", _lines(typed.time)),
        ("Địa điểm", _lines(typed.venue)),
        ("Nội dung", _lines(typed.content)),
    )
    numbered = f"{number or '…'}/GM-{typed.symbol}"
    return Invitation(
        superior=typed.superior,
        agency=_lines(typed.agency),
        number=f"Số: {number or '        '}/GM-{typed.symbol}",
        dated=f"{typed.place}, {on}",
        subject=typed.subject,
        greeting=f"{agency} trân trọng kính mời:",
        guests=_lines(typed.guests),
        purpose=_lines(typed.purpose),
        facts=tuple((label, lines) for label, lines in facts if lines),
        closing=_lines(typed.closing),
        recipients=_lines(typed.recipients),
        authority=typed.authority,
        post=typed.post,
        signer=typed.signer,
        annex_note=f"(Kèm theo Giấy mời số {numbered} {on} của {agency})",
        annex=tuple(_printed(one) for one in annex),
    )


def _printed(group: Group) -> Group:
    rows = tuple((_NO_SIGN.sub("?", unit), _NO_SIGN.sub("?", site)) for unit, site in group.rows)
    return Group(_NO_SIGN.sub("?", group.name), rows)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def said_day(day: dt.date) -> str:
    """ngày 05 tháng 12 năm 2026: with a nought before days under 10 and the first two months."""
    return f"ngày {day.day:02} tháng {_month(day)} năm {day.year}"


def _month(day: dt.date) -> str:
    return f"{day.month:02}" if day.month < 3 else str(day.month)


def said_sittings(hours: Sequence[tuple[dt.datetime, dt.datetime]]) -> str:
    """Of a meeting in several sittings: from which day to which, and each day's hours."""
    first, last = hours[0][0], hours[-1][0]
    days: dict[dt.date, list[str]] = {}
    for starts_at, ends_at in hours:
        begin, end = (f"{at.hour:02} giờ {at.minute:02}" for at in (starts_at, ends_at))
        until = "" if starts_at.date() == ends_at.date() else f", {said_day(ends_at)}"
        days.setdefault(starts_at.date(), []).append(f"từ {begin} đến {end}{until}")
    span = f"{said_day(first)} ({_DAYS[first.weekday()]})"
    if len(days) > 1:
        span = f"Từ {span} đến {said_day(last)} ({_DAYS[last.weekday()]}), cụ thể:"
        lines = [f"- {_weekday(day)}, {said_day(day)}: " for day in days]
    else:
        span, lines = "", [f"{span[0].upper()}{span[1:]}, "]
    told = [line + "; ".join(parts) for line, parts in zip(lines, days.values(), strict=True)]
    return "\n".join([*filter(None, [span]), *(f"{one};" for one in told[:-1]), f"{told[-1]}."])


def _weekday(day: dt.date) -> str:
    name = _DAYS[day.weekday()]
    return name[0].upper() + name[1:]


def said_span(starts_at: dt.datetime, ends_at: dt.datetime) -> str:
    """Both in the zone of those who read it."""
    begin, end = (f"{at.hour:02} giờ {at.minute:02}" for at in (starts_at, ends_at))
    day = f"{said_day(starts_at)} ({_DAYS[starts_at.weekday()]})"
    if starts_at.date() == ends_at.date():
        return f"Từ {begin} đến {end}, {day}."
    return f"Từ {begin}, {day} đến {end}, {said_day(ends_at)} ({_DAYS[ends_at.weekday()]})."
