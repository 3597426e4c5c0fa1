"""Rules of scheduling: what a meeting's form must hold. Pure.

What is said of its times is in times.py, layout on days in timetable.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.meetings.sitting import Sitting, all_sittings, kept_over, read_sittings
from confhub.meetings.times import (
    LONGEST,
    Advice,
    advise,
    advise_days,
    advise_hours,
    read_moment,
    read_span,
)
from confhub.meetings.working_days import WorkCalendar
from confhub.units.site import Site
from confhub.units.unit import Level
from confhub.words.texts import many_lines, one_line

TITLE_LENGTH = 300  # the column's width
NAME_LENGTH = 120
PRESENTER_LENGTH = 200
NOTE_LENGTH = 10_000  # a long page; more belongs into a document
AGENDA_ITEMS = 50
# A meeting of every province and district has 768 sites; more is several meetings, or a later
# step with its own page.
SITE_LIMIT = 1_000
OUT_OF_REACH = N_("Điểm cầu “%(name)s” nằm ngoài phạm vi của bạn. Xin bỏ chọn.")


@dataclass(frozen=True, slots=True)
class MeetingForm:
    """A meeting as somebody typed it; times are local, `YYYY-MM-DDTHH:MM`, as `read_span` takes
    them; `more`: of the sittings after the first. `answer_by` empty: as is usual."""

    title: str
    level_id: str
    host_unit_id: str
    chair_site_id: str
    starts: str
    ends: str
    chair_name: str = ""
    note: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    site_ids: tuple[str, ...] = ()
    is_public: bool = False
    answer_by: str = ""
    more: tuple[tuple[str, str], ...] = ()


# What a draft says of a meeting: fields that both have.
_CONTENT = (
    *("title", "level_id", "host_unit_id", "chair_site_id", "starts_at", "ends_at"),
    *("chair_name", "note", "agenda", "sites", "is_public", "answer_by", "sittings"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked form: times aware UTC, text trimmed, sites without repeats, chair site first."""

    title: str
    level_id: str
    host_unit_id: str
    chair_site_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    chair_name: str
    note: str
    agenda: tuple[AgendaItem, ...]
    sites: tuple[str, ...]
    advice: tuple[Advice, ...] = ()
    is_public: bool = False
    answer_by: dt.datetime | None = None
    sittings: tuple[Sitting, ...] = ()

    @property
    def to_come(self) -> tuple[Sitting, ...]:
        """As of a Meeting."""
        sittings = all_sittings(self.starts_at, self.ends_at, self.sittings)
        return tuple(one for one in sittings if not one.is_over)

    @classmethod
    def of(cls, meeting: Meeting) -> Draft:
        """A stored meeting as a form would have it."""
        return cls(**{name: getattr(meeting, name) for name in _CONTENT})

    def new_meeting(self, meeting_id: str, created_by: str) -> Meeting:
        """The meeting this draft becomes, scheduled."""
        return Meeting(id=meeting_id, created_by=created_by, **self._fields())

    def describes(self, meeting: Meeting) -> bool:
        """Whether the meeting's content is just this draft's."""
        return self.applied_to(meeting) == meeting

    def applied_to(self, meeting: Meeting) -> Meeting:
        """`meeting` with this draft's content; id, status, history and version stay."""
        fields = self._fields() | {"sittings": kept_over(meeting.sittings, self.sittings)}
        return replace(meeting, **fields)

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _CONTENT}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a form is checked against.

    `sites` holds at least every site the form names; `reach` the ids of the units the
    scheduling account may host for; `invitable` those whose sites it may invite (None: the
    same units). `meeting`: the one that is changed.
    """

    zone: ZoneInfo
    now: dt.datetime  # aware
    levels: Sequence[Level]
    sites: Mapping[str, Site]
    reach: Collection[str]
    calendar: WorkCalendar
    invitable: Collection[str] | None = None
    meeting: Meeting | None = None


def check_form(form: MeetingForm, around: Surroundings) -> Draft:
    """The form as a Draft, or FieldErrors keyed by the form's field names, all at once."""
    form = _cleaned(form)
    errors: dict[str, ConfhubError] = {}
    for check in (_check_texts, _check_agenda, _check_host, _check_sites, _check_chair):
        for field, error in check(form, around):
            errors.setdefault(field, error)
    try:
        first = starts_at, ends_at = read_span(form.starts, form.ends, around.zone)
        sittings = read_sittings(form.more, first, around.zone)
    except FieldErrors as found:
        raise FieldErrors({**errors, **found.fields}) from None
    if sittings:
        starts_at, ends_at = sittings[0].starts_at, sittings[-1].ends_at
        if around.meeting is not None:
            sittings = kept_over(around.meeting.sittings, sittings)
    answer_by = _read_deadline(form.answer_by, starts_at, around, errors)
    if errors:
        raise FieldErrors(errors)
    hours = [(one.starts_at, one.ends_at) for one in all_sittings(starts_at, ends_at, sittings)]
    others = [site_id for site_id in dict.fromkeys(form.site_ids) if site_id != form.chair_site_id]
    return Draft(
        title=form.title,
        level_id=form.level_id,
        host_unit_id=form.host_unit_id,
        chair_site_id=form.chair_site_id,
        starts_at=starts_at,
        ends_at=ends_at,
        chair_name=form.chair_name,
        note=form.note,
        agenda=tuple(item for item in form.agenda if item.title),
        sites=(form.chair_site_id, *others),
        advice=(
            *advise_hours(hours, around.zone),
            *advise(starts_at, around.now, around.zone, around.calendar),
            *advise_days(hours, around.zone, around.calendar),
        ),
        is_public=form.is_public,
        answer_by=answer_by,
        sittings=sittings,
    )


def _read_deadline(
    text: str, starts_at: dt.datetime, around: Surroundings, errors: dict[str, ConfhubError]
) -> dt.datetime | None:
    if not text:
        return None
    try:
        answer_by = read_moment(text, around.zone)
    except BadInput as error:
        errors["answer_by"] = error
        return None
    if answer_by > starts_at:
        errors["answer_by"] = BadInput(N_("Hạn trả lời không được sau giờ bắt đầu họp."))
    elif answer_by <= around.now and not _stays(answer_by, starts_at, around.meeting):
        message = N_("Hạn trả lời đã qua. Xin chọn giờ trong tương lai, hoặc để trống.")
        errors["answer_by"] = BadInput(message)
    return answer_by


def _stays(answer_by: dt.datetime, starts_at: dt.datetime, meeting: Meeting | None) -> bool:
    """Whether the meeting has that deadline, and begins then, already."""
    return meeting is not None and (meeting.answer_by, meeting.starts_at) == (answer_by, starts_at)


_Found = Iterable[tuple[str, ConfhubError]]


def _cleaned(form: MeetingForm) -> MeetingForm:
    agenda = (
        replace(item, title=one_line(item.title), presenter=one_line(item.presenter))
        for item in form.agenda
    )
    return replace(
        form,
        title=one_line(form.title),
        chair_name=one_line(form.chair_name),
        note=many_lines(form.note),
        agenda=tuple(agenda),
    )


def _check_texts(form: MeetingForm, around: Surroundings) -> _Found:
    return check_texts(form, {level.id for level in around.levels})


class Texts(Protocol):
    """What a form of a meeting and a pattern of one have in common, as `one_line` leaves it."""

    @property
    def title(self) -> str: ...
    @property
    def level_id(self) -> str: ...
    @property
    def chair_name(self) -> str: ...
    @property
    def note(self) -> str: ...


def check_texts(of: Texts, level_ids: Collection[str]) -> _Found:
    """What is wrong with title, chair, note and level, by field."""
    if not of.title:
        yield "title", BadInput(N_("Xin nhập tên cuộc họp."))
    for field, text, length in (
        ("title", of.title, TITLE_LENGTH),
        ("chair_name", of.chair_name, NAME_LENGTH),
        ("note", of.note, NOTE_LENGTH),
    ):
        if len(text) > length:
            yield field, too_long(length, len(text))
    if of.level_id not in level_ids:
        yield "level_id", BadInput(N_("Xin chọn cấp họp."))


def _check_agenda(form: MeetingForm, around: Surroundings) -> _Found:
    return check_agenda(form.agenda)


def check_agenda(agenda: Sequence[AgendaItem]) -> _Found:
    """What is wrong with the items of an agenda, under "agenda"."""
    if len(agenda) > AGENDA_ITEMS:
        yield (
            "agenda",
            BadInput(
                N_("Chương trình có nhiều nhất %(limit)s mục."), values={"limit": AGENDA_ITEMS}
            ),
        )
    for item in agenda:
        if len(item.title) > TITLE_LENGTH:
            yield "agenda", too_long(TITLE_LENGTH, len(item.title))
        if len(item.presenter) > PRESENTER_LENGTH:
            yield "agenda", too_long(PRESENTER_LENGTH, len(item.presenter))
        if item.duration_min is not None and not 0 < item.duration_min <= LONGEST.seconds // 60:
            yield (
                "agenda",
                BadInput(
                    N_("Thời lượng của mục “%(title)s” phải từ 1 đến %(limit)s phút."),
                    values={"title": item.title, "limit": LONGEST.seconds // 60},
                ),
            )


def _check_host(form: MeetingForm, around: Surroundings) -> _Found:
    if not form.host_unit_id:
        yield "host_unit_id", BadInput(N_("Xin chọn đơn vị chủ trì."))
    elif form.host_unit_id not in around.reach:
        yield (
            "host_unit_id",
            BadInput(N_("Bạn chỉ lập được cuộc họp cho đơn vị mình và các đơn vị trực thuộc.")),
        )


def _check_sites(form: MeetingForm, around: Surroundings) -> _Found:
    if not set(form.site_ids) - {form.chair_site_id}:
        yield (
            "site_ids",
            BadInput(N_("Xin chọn ít nhất một điểm cầu ngoài điểm cầu chủ trì.")),
        )
        return
    invitable = around.reach if around.invitable is None else around.invitable
    for site_id in form.site_ids:
        site = around.sites.get(site_id)
        if site is None:
            message = N_("Có điểm cầu không còn trong danh mục. Xin chọn lại.")
            yield "site_ids", BadInput(message)
            continue
        if not site.active:
            message = N_("Điểm cầu “%(name)s” đã ngừng hoạt động. Xin bỏ chọn.")
            yield "site_ids", BadInput(message, values={"name": site.name})
        elif site.unit_id not in invitable:
            yield "site_ids", BadInput(OUT_OF_REACH, values={"name": site.name})


def _check_chair(form: MeetingForm, around: Surroundings) -> _Found:
    if not form.chair_site_id:
        yield "chair_site_id", BadInput(N_("Xin chọn điểm cầu chủ trì."))
    elif form.chair_site_id not in form.site_ids:
        yield (
            "chair_site_id",
            BadInput(N_("Điểm cầu chủ trì phải nằm trong danh sách điểm cầu được mời.")),
        )


def too_long(length: int, has: int) -> BadInput:
    """Of a text of `has` characters where `length` fit."""
    return BadInput(
        N_("Dài nhất %(limit)s ký tự; đang có %(has)s."), values={"limit": length, "has": has}
    )
