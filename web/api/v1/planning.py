"""Programs plan meetings: a new one, what is changed of one, who is invited and who no more.

The rules are those of the meeting's form: what is sent is put into one, and checked as such.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from confhub.desks import meetings as desk
from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.identity import new_id
from confhub.meetings.changes import check_changeable
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.meetings.schedule import AGENDA_ITEMS, SITE_LIMIT, TITLE_LENGTH, MeetingForm
from confhub.meetings.sitting import MOST_SITTINGS
from confhub.people.actor import Actor
from confhub.planning.conflicts import Override as Word
from confhub.words.dates import FIRST_YEAR, LAST_YEAR
from web.api.v1.acts import act, acting
from web.api.v1.asked import IF_MATCH, posted, seen_version
from web.api.v1.clashing import Override, booked
from web.api.v1.meetings import ApiMeeting, told
from web.api.v1.next import links_of
from web.api.v1.tags import TAGGED, under
from web.api.v1.values import Id, Moment
from web.meetings.access import see_meeting
from web.meetings.invitable import draft_of
from web.rendering.answers import json_answer
from web.requests.route import Answer, Api
from web.services import SERVICES

SiteIds = Annotated[list[Id], Meta(min_length=1, max_length=SITE_LIMIT)]
# Where fields of the form stand in what is sent.
PLACES: Mapping[str, str] = {
    "starts": "/sittings/0/starts_at",
    "ends": "/sittings/0/ends_at",
    "override_reason": "/override/reason",
}
BACKWARDS = N_("Giờ kết thúc phải sau giờ bắt đầu.")
_NO_YEAR = N_("Năm phải từ %(first)s đến %(last)s.")
_SECONDS = N_("Giờ họp tính đến phút; xin bỏ số giây.")
_CHAIR = N_("Điểm cầu chủ trì phải nằm trong danh sách điểm cầu được mời.")
_TOO_MANY = N_("Mỗi cuộc họp mời nhiều nhất %(limit)s điểm cầu; bạn đã chọn %(has)s.")
# Fields that a form has under the same names.
_PLAIN = (
    *("title", "level_id", "host_unit_id", "chair_site_id"),
    *("chair_name", "note", "is_public"),
)

Named = Mapping[str, Any]


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With an offset from UTC, as of RFC 3339."""

    starts_at: Moment
    ends_at: Moment


class NewItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`id`: of an item that the meeting has, so that what sites said of it stays."""

    title: Annotated[str, Meta(pattern=r"\S", max_length=TITLE_LENGTH)]
    presenter: str = ""
    duration_min: Annotated[int, Meta(ge=1, le=720)] | None = None
    id: str = ""


Sittings = Annotated[list[Span], Meta(min_length=1, max_length=MOST_SITTINGS)]
Agenda = Annotated[list[NewItem], Meta(max_length=AGENDA_ITEMS)]


class NewMeeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sittings`: from when to when it is held, mostly one. `site_ids`: who is invited besides the
    chair's site. `answer_by`: null: as is usual."""

    title: str
    level_id: Id
    host_unit_id: Id
    chair_site_id: Id
    sittings: Sittings
    site_ids: SiteIds
    chair_name: str = ""
    note: str = ""
    agenda: Agenda = []
    is_public: bool = False
    answer_by: Moment | None = None
    override: Override | None = None


class MeetingChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """As of a new meeting; what is not named stays."""

    title: str | UnsetType = UNSET
    level_id: Id | UnsetType = UNSET
    host_unit_id: Id | UnsetType = UNSET
    chair_site_id: Id | UnsetType = UNSET
    sittings: Sittings | UnsetType = UNSET
    site_ids: SiteIds | UnsetType = UNSET
    chair_name: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    agenda: Agenda | UnsetType = UNSET
    is_public: bool | UnsetType = UNSET
    answer_by: Moment | UnsetType | None = UNSET
    override: Override | None = None


class Sites(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Those that are to be invited, or not to be, and are so already stay so."""

    site_ids: SiteIds
    override: Override | None = None


AS_IT_STANDS = Answer("As it stands now.", ApiMeeting, headers=TAGGED)


def changing(summary: str, question: type) -> Api:
    """What an act on a meeting is asked for and answers."""
    answers = {200: AS_IT_STANDS}
    return acting(Api(summary, answers, question=question, headers=(IF_MATCH,), errors=(412, 428)))


CREATE = acting(
    Api(
        "A new meeting",
        {
            201: Answer(
                "It is scheduled.",
                ApiMeeting,
                headers=("Location", *TAGGED),
                links=links_of("$response.body#/id"),
            )
        },
        question=NewMeeting,
    )
)
CHANGE = changing("What is named of a meeting is changed, as by its form", MeetingChange)
INVITE = changing("More sites are invited", Sites)
UNINVITE = changing("Sites are invited no more", Sites)


async def create(request: web.Request) -> web.Response:
    """POST /api/v1/meetings"""
    asked, meeting_id = await posted(request, NewMeeting), new_id()
    store, zone = request.app[SERVICES].store, request.app[SERVICES].zone

    async def do(actor: Actor) -> web.Response:
        draft = await draft_of(request, _form(msgspec.structs.asdict(asked), {}, zone))

        def book(word: Word) -> Awaitable[Meeting]:
            return desk.schedule(store, actor, meeting_id, draft, word)

        return _created(await booked(request, draft, meeting_id, asked.override, book))

    async def again(made_id: str) -> web.Response:
        return _created((await see_meeting(request, made_id)).meeting)

    return await act(request, do, again, subject=meeting_id, places=PLACES)


async def change(request: web.Request) -> web.Response:
    """PATCH /api/v1/meetings/{meeting_id}"""
    asked = await posted(request, MeetingChange)
    named = {
        name: value for name, value in msgspec.structs.asdict(asked).items() if value is not UNSET
    }
    return await _changed(request, asked.override, lambda _: named)


async def invite(request: web.Request) -> web.Response:
    """POST /api/v1/meetings/{meeting_id}/invite"""
    asked = await posted(request, Sites)

    def more(meeting: Meeting) -> Named:
        return {"site_ids": [*meeting.sites, *asked.site_ids]}

    return await _changed(request, asked.override, more)


async def uninvite(request: web.Request) -> web.Response:
    """POST /api/v1/meetings/{meeting_id}/uninvite"""
    asked = await posted(request, Sites)

    def fewer(meeting: Meeting) -> Named:
        if meeting.chair_site_id in asked.site_ids:
            raise FieldErrors({"site_ids": BadInput(_CHAIR)})
        return {"site_ids": [one for one in meeting.sites if one not in asked.site_ids]}

    return await _changed(request, asked.override, fewer)


async def as_it_stands(request: web.Request, meeting_id: str) -> web.Response:
    """The answer of an act on the meeting, to who asks for it again."""
    return stored_answer(request, (await see_meeting(request, meeting_id)).meeting)


def stored_answer(request: web.Request, meeting: Meeting) -> web.Response:
    response = json_answer(told(meeting))
    response.headers.update(under(meeting.version))
    return response


async def _changed(
    request: web.Request, override: Override | None, named_of: Callable[[Meeting], Named]
) -> web.Response:
    """The meeting with what is named of it, and the rest as it was."""
    store, meeting_id = request.app[SERVICES].store, request.match_info["meeting_id"]

    async def do(actor: Actor) -> web.Response:
        meeting = (await see_meeting(request, to_change=True)).meeting
        version = seen_version(request, meeting.version)
        check_changeable(meeting)
        form = _form(named_of(meeting), _named(meeting), request.app[SERVICES].zone)
        draft = await draft_of(request, form, meeting)

        def book(word: Word) -> Awaitable[Meeting]:
            return desk.change(store, actor, meeting_id, version, draft, word)

        return stored_answer(request, await booked(request, draft, meeting_id, override, book))

    again = partial(as_it_stands, request)
    return await act(request, do, again, subject=meeting_id, places=PLACES)


def _created(meeting: Meeting) -> web.Response:
    response = json_answer(told(meeting), 201)
    response.headers.update(under(meeting.version))
    response.headers["Location"] = f"/api/v1/meetings/{meeting.id}"
    return response


def _named(meeting: Meeting) -> dict[str, Any]:
    """A stored meeting as a program would have sent it."""
    names = set(NewMeeting.__struct_fields__) - {"sittings", "site_ids", "agenda", "override"}
    return {name: getattr(meeting, name) for name in names} | {
        "sittings": [Span(*hours) for hours in meeting.hours],
        "site_ids": list(meeting.sites),
        "agenda": list(meeting.agenda),
    }


def _form(sent: Named, stored: Named, zone: ZoneInfo) -> MeetingForm:
    """What the rules check: what was sent, else what is stored; FieldErrors. The chair's site is
    always invited."""
    named = {**stored, **sent}
    site_ids = tuple(dict.fromkeys((named["chair_site_id"], *named["site_ids"])))
    errors: dict[str, ConfhubError] = {}
    if len(site_ids) > SITE_LIMIT:
        errors["site_ids"] = BadInput(_TOO_MANY, values={"limit": SITE_LIMIT, "has": len(site_ids)})
    for number, one in enumerate(sent.get("sittings", ())):
        for name in ("starts_at", "ends_at"):
            _check_moment(f"sittings/{number}/{name}", getattr(one, name), errors)
        if one.ends_at <= one.starts_at:  # which a form takes for the next day
            errors[f"sittings/{number}/ends_at"] = BadInput(BACKWARDS)
    if sent.get("answer_by") is not None:
        _check_moment("answer_by", sent["answer_by"], errors)
    if errors:
        raise FieldErrors(errors)
    (starts, ends), *more = (
        (local_text(one.starts_at, zone), local_text(one.ends_at, zone))
        for one in named["sittings"]
    )
    return MeetingForm(
        **{name: named[name] for name in _PLAIN},
        starts=starts,
        ends=ends,
        agenda=tuple(
            AgendaItem(one.title, one.presenter, one.duration_min, one.id)
            for one in named["agenda"]
        ),
        site_ids=site_ids,
        answer_by=local_text(named["answer_by"], zone) if named["answer_by"] is not None else "",
        more=tuple(more),
    )


def _check_moment(place: str, moment: dt.datetime, errors: dict[str, ConfhubError]) -> None:
    try:
        check_moment(moment)
    except BadInput as error:
        errors[place] = error


def check_moment(moment: dt.datetime) -> None:
    """BadInput for one that was sent with seconds, which no page shows, or is at the ends of the
    calendar."""
    if moment.second or moment.microsecond:
        raise BadInput(_SECONDS)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadInput(_NO_YEAR, values={"first": FIRST_YEAR, "last": LAST_YEAR})


def local_text(moment: dt.datetime, zone: ZoneInfo) -> str:
    """The moment where the users are, as forms have it."""
    return moment.astimezone(zone).replace(tzinfo=None).isoformat()
