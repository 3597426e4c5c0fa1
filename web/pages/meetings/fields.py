"""The meeting form between browser and rules: what was typed, and what the page shows again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat, zip_longest
from zoneinfo import ZoneInfo

from multidict import MultiMapping

from confhub.answers.deadline import CLOSES
from confhub.errors import N_, BadInput, ConfhubError
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.meetings.schedule import AGENDA_ITEMS, SITE_LIMIT, MeetingForm
from confhub.meetings.sitting import MOST_SITTINGS
from confhub.meetings.working_days import WorkCalendar
from confhub.units.site import Site
from confhub.words.texts import MOST_SIGNS, one_line, small_number
from web.meetings.repeat import ONCE, TypedRepeat, read_repeat
from web.pages.meetings.typed_times import plain_day, plain_time, typed_span

DEFAULT_LENGTH = dt.timedelta(minutes=90)
OFFICE_OPENS = dt.time(8)
# Of more than may be invited enough to take some off again; no page sends twice as many.
_MOST_IDS = 2 * SITE_LIMIT
_MOST_CODES = _MOST_IDS * 66  # signs: each of up to 64, and the end of its line
BLANK_ROWS = 3  # for browsers without script, which cannot add rows


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """An agenda item as typed: minutes are text."""

    title: str = ""
    presenter: str = ""
    minutes: str = ""
    id: str = field(default="", compare=False)  # of an item that the meeting has


@dataclass(frozen=True, slots=True)
class SittingRow:
    """A sitting after the first, as typed."""

    date: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """Every field as text, so that a page shows again exactly what somebody typed."""

    title: str = ""
    level_id: str = ""
    host_unit_id: str = ""
    chair_site_id: str = ""
    chair_name: str = ""
    date: str = ""  # YYYY-MM-DD
    start: str = ""  # HH:MM
    end: str = ""
    sittings: tuple[SittingRow, ...] = ()
    note: str = ""
    agenda: tuple[AgendaRow, ...] = ()
    site_ids: tuple[str, ...] = ()
    site_codes: str = ""  # one a line; where there is no script for the picker
    version: int = 0
    confirm: str = ""
    override_reason: str = ""
    repeat: TypedRepeat = ONCE
    is_public: bool = False
    answer_date: str = ""  # empty: as is usual
    answer_time: str = ""  # empty: as offices close
    scope: str = "one"  # of a series, what a change is for
    problems: Mapping[str, ConfhubError] = field(default_factory=dict)  # of reading itself

    @property
    def agenda_rows(self) -> list[AgendaRow]:
        """Rows to show: what is there, and blank ones to fill."""
        room = max(0, AGENDA_ITEMS - len(self.agenda))
        return [*self.agenda, *[AgendaRow()] * min(BLANK_ROWS, room)]

    @property
    def sitting_rows(self) -> list[SittingRow]:
        """As `agenda_rows`."""
        room = max(0, MOST_SITTINGS - 1 - len(self.sittings))
        return [*self.sittings, *[SittingRow()] * min(BLANK_ROWS, room)]

    def as_form(self) -> MeetingForm:
        """What the rules check. The chair's site is always invited."""
        chair = (self.chair_site_id,) if self.chair_site_id else ()
        return MeetingForm(
            title=self.title,
            level_id=self.level_id,
            host_unit_id=self.host_unit_id,
            chair_site_id=self.chair_site_id,
            starts=f"{self.date}T{self.start}",
            ends=f"{self.date}T{self.end}",
            chair_name=self.chair_name,
            note=self.note,
            agenda=tuple(
                AgendaItem(row.title, row.presenter, _minutes(row.minutes), row.id)
                for row in self.agenda
            ),
            site_ids=tuple(dict.fromkeys((*chair, *self.site_ids))),
            is_public=self.is_public,
            answer_by=self._answer_by,
            more=tuple(
                (f"{row.date}T{row.start}", f"{row.date}T{row.end}") for row in self.sittings
            ),
        )

    @property
    def _answer_by(self) -> str:
        if not self.answer_date and not self.answer_time:
            return ""
        return f"{self.answer_date}T{self.answer_time or f'{CLOSES:%H:%M}'}"


def too_many_sites(count: int) -> BadInput:
    return BadInput(
        N_("Mỗi cuộc họp mời nhiều nhất %(limit)s điểm cầu; bạn đã chọn %(has)s."),
        values={"limit": SITE_LIMIT, "has": count},
    )


def read_form(data: MultiMapping[object], today: dt.date) -> Typed:
    """A posted form. Nothing is refused here; `problems` names what cannot be read."""

    def texts(name: str) -> list[str]:
        # All is shown again where the form is refused.
        return [value[:MOST_SIGNS] for value in data.getall(name, []) if isinstance(value, str)]

    def text(name: str) -> str:
        return next(iter(texts(name)), "")

    codes_field = data.get("site_codes", "")

    rows = [
        AgendaRow(title, presenter, one_line(minutes), item_id)
        for title, presenter, minutes, item_id in zip(
            texts("agenda_title"),
            texts("agenda_presenter"),
            texts("agenda_minutes"),
            chain(texts("agenda_id"), repeat("")),  # which a page from before has not
            strict=False,
        )
        if one_line(title) or one_line(presenter) or one_line(minutes)
    ]
    sites_field = data.get("sites", "")
    chosen = sites_field.split() if isinstance(sites_field, str) else []
    ids = [*chosen, *texts("site")]
    sites = dict.fromkeys(ids[:_MOST_IDS])
    problems: dict[str, ConfhubError] = {}
    if any(row.minutes and _minutes(row.minutes) is None for row in rows):
        problems["agenda"] = BadInput(N_("Thời lượng của mục chương trình là số phút."))
    elif any(not one_line(row.title) for row in rows):
        problems["agenda"] = BadInput(N_("Xin nhập nội dung cho mỗi mục chương trình."))
    if len(ids) > _MOST_IDS or len(sites) > SITE_LIMIT:
        has = len(ids) if len(ids) > _MOST_IDS else len(sites)
        problems["site_ids"] = too_many_sites(has)
    version = text("version")
    return Typed(
        title=text("title"),
        level_id=text("level_id"),
        host_unit_id=text("host_unit_id"),
        chair_site_id=text("chair_site_id"),
        chair_name=text("chair_name"),
        date=plain_day(text("date"), today),
        start=plain_time(text("start")),
        end=plain_time(text("end")),
        sittings=_read_sittings(texts, today),
        note=text("note").replace("\r\n", "\n"),
        agenda=tuple(rows),
        site_ids=tuple(sites),
        site_codes=codes_field[:_MOST_CODES] if isinstance(codes_field, str) else "",
        version=small_number(version) or 0,
        confirm=text("confirm"),
        override_reason=text("override_reason"),
        repeat=read_repeat(data),
        is_public=text("is_public") == "1",
        answer_date=plain_day(text("answer_date"), today),
        answer_time=plain_time(text("answer_time")),
        scope=text("scope") or "one",
        problems=problems,
    )


def _read_sittings(texts: Callable[[str], list[str]], today: dt.date) -> tuple[SittingRow, ...]:
    """Rows of which something was typed; one more than may be is told by the rules."""
    typed = zip_longest(
        *(texts(f"sitting_{name}")[:MOST_SITTINGS] for name in ("date", "start", "end")),
        fillvalue="",
    )
    return tuple(
        SittingRow(plain_day(day, today), plain_time(start), plain_time(end))
        for day, start, end in typed
        if day.strip() or start.strip() or end.strip()
    )


def shown_meeting(meeting: Meeting, zone: ZoneInfo) -> Typed:
    """A stored meeting as its form shows it."""
    times, *more = (typed_span(*hours, zone) for hours in meeting.hours)
    local = meeting.answer_by.astimezone(zone) if meeting.answer_by is not None else None
    return Typed(
        title=meeting.title,
        level_id=meeting.level_id,
        host_unit_id=meeting.host_unit_id,
        chair_site_id=meeting.chair_site_id,
        chair_name=meeting.chair_name,
        date=times["date"],
        start=times["start"],
        end=times["end"],
        sittings=tuple(SittingRow(**one) for one in more),
        note=meeting.note,
        agenda=tuple(
            AgendaRow(item.title, item.presenter, str(item.duration_min or ""), item.id)
            for item in meeting.agenda
        ),
        site_ids=meeting.sites,
        version=meeting.version,
        is_public=meeting.is_public,
        answer_date=f"{local:%Y-%m-%d}" if local else "",
        answer_time=f"{local:%H:%M}" if local else "",
    )


def with_sittings_of(meeting: Meeting, typed: Typed, zone: ZoneInfo) -> Typed:
    """What came from a page of the version before, which knew of one sitting: those after it stay,
    and where such a page showed the last one's end, the first one's does too."""
    shown = shown_meeting(meeting, zone)
    if not shown.sittings:
        return typed
    ends_as_shown = typed.end == shown.sittings[-1].end
    return replace(typed, sittings=shown.sittings, end=shown.end if ends_as_shown else typed.end)


def blank_form(
    host_unit_id: str,
    level_id: str,
    own_sites: Sequence[Site],
    now: dt.datetime,
    zone: ZoneInfo,
    calendar: WorkCalendar,
    *,
    on: dt.date | None = None,
    at: dt.time = OFFICE_OPENS,
) -> Typed:
    """A new meeting for 90 minutes, chaired from the host's own room; where no day is given on the
    first that leaves the notice of an invitation."""
    day = on or calendar.first_day_with_notice(now.astimezone(zone).date())
    start = dt.datetime.combine(day, at)
    end = start + DEFAULT_LENGTH
    chair = own_sites[0].id if own_sites else ""
    return Typed(
        level_id=level_id,
        host_unit_id=host_unit_id,
        chair_site_id=chair,
        date=start.date().isoformat(),
        start=f"{start:%H:%M}",
        end=f"{end:%H:%M}",
        site_ids=(chair,) if chair else (),
    )


def _minutes(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
