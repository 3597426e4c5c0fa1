"""What became of a meeting's sites, for programs: answers, attendance, links, documents."""

from __future__ import annotations

from typing import Literal

import msgspec
from aiohttp import web

from confhub.answers.given import Part
from confhub.answers.summary import Standing, standing_of
from confhub.desks.papers.reading import papers_for
from confhub.papers.paper import Paper
from web.api.v1.tags import TAGGED, UNCHANGED, tagged
from web.api.v1.values import Moment
from web.meetings.access import see_meeting
from web.meetings.answers import answers_seen, shown_sites
from web.meetings.attendance import presences
from web.papers.handing_over import hand_over
from web.requests.auth import local_date
from web.requests.bearer import viewer_by_token
from web.requests.route import Answer, Api
from web.services import SERVICES


class Person(msgspec.Struct, frozen=True):
    """`reason`: why it is a substitute."""

    name: str
    title: str
    part: Part
    reason: str


class SiteAnswer(msgspec.Struct, frozen=True):
    """`standing`: again: it answered for another time; `answered_at`: null: it is silent."""

    site_id: str
    standing: Standing
    people: list[Person]
    remark: str
    answered_at: Moment | None


class SiteAnswers(msgspec.Struct, frozen=True):
    answers: list[SiteAnswer]


class SitePresence(msgspec.Struct, frozen=True):
    """`joined_at`: null: it did not come; `left_at`: null: it is in the room, or did not come.
    `stays`: how often it came."""

    site_id: str
    joined_at: Moment | None
    left_at: Moment | None
    stays: int
    seconds: int


class Attendances(msgspec.Struct, frozen=True):
    attendance: list[SitePresence]


class LinkState(msgspec.Struct, frozen=True):
    """`state`: of its latest link; none: it has none yet. The link itself is not told."""

    site_id: str
    state: Literal["open", "revoked", "none"]
    doors_close_at: Moment | None


class LinkStates(msgspec.Struct, frozen=True):
    links: list[LinkState]


class DocumentVersion(msgspec.Struct, frozen=True):
    """`sha256`: of its bytes, in hexadecimal digits."""

    number: int
    name: str
    size: int
    sha256: str
    added_at: Moment


class Document(msgspec.Struct, frozen=True):
    """The latest version last."""

    id: str
    versions: list[DocumentVersion]


class Documents(msgspec.Struct, frozen=True):
    documents: list[Document]


ANSWERS = Api(
    "What sites answered: of a host's officers all, of others those of their own units",
    {200: Answer("The answers.", SiteAnswers, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)
ATTENDANCE = Api(
    "Who came, from when to when, and who did not",
    {200: Answer("Of each site one line.", Attendances, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)
LINKS = Api(
    "Whether sites' links open",
    {200: Answer("Of each site one line.", LinkStates, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)
DOCUMENTS = Api(
    "The documents of a meeting that the token may read",
    {200: Answer("The documents.", Documents, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)
FILE = Api(
    "A version of a document; parts of it by Range",
    {
        200: Answer("The file.", content_type="application/octet-stream", headers=TAGGED),
        206: Answer("A part.", content_type="application/octet-stream", headers=TAGGED),
    },
    errors=(404, 416),
)


async def answers(request: web.Request) -> web.Response:
    """GET /api/v1/meetings/{meeting_id}/answers"""
    seen = await see_meeting(request)
    given = await answers_seen(request, seen)
    found = []
    for site_id in _in_order(seen.meeting.sites, shown_sites(seen)):
        one = given.get(site_id)
        people = one.given.people if one is not None else ()
        found.append(
            SiteAnswer(
                site_id,
                standing_of(one, seen.meeting),
                [Person(who.name, who.title, who.part, who.reason) for who in people],
                one.given.remark if one is not None else "",
                one.answered_at if one is not None else None,
            )
        )
    return tagged(request, SiteAnswers(found))


async def attendance(request: web.Request) -> web.Response:
    """GET /api/v1/meetings/{meeting_id}/attendance"""
    seen, services = await see_meeting(request), request.app[SERVICES]
    stays = await services.store.rooms.attendance(seen.meeting.id)
    known, found = presences(stays, services.clock()), []
    sees_all = seen.viewer.may("see_meetings", seen.host_path)
    shown = seen.meeting.invited if sees_all else seen.own_sites
    for site_id in _in_order((seen.meeting.chair_site_id, *seen.meeting.sites), shown):
        one = known.get(site_id)
        if one is None:
            found.append(SitePresence(site_id, None, None, 0, 0))
        else:
            seconds = int(one.length.total_seconds())
            found.append(SitePresence(site_id, one.joined_at, one.left_at, one.stays, seconds))
    return tagged(request, Attendances(found))


async def links(request: web.Request) -> web.Response:
    """GET /api/v1/meetings/{meeting_id}/links"""
    seen = await see_meeting(request)
    latest = await request.app[SERVICES].store.links.latest(seen.meeting.id)
    by_site, found = {one.site_id: one for one in latest}, []
    invited = (seen.meeting.chair_site_id, *seen.meeting.sites)
    for site_id in _in_order(invited, seen.linked_sites):
        link = by_site.get(site_id)
        if link is None:
            found.append(LinkState(site_id, "none", None))
        else:
            state: Literal["open", "revoked"] = "revoked" if link.revoked_at else "open"
            found.append(LinkState(site_id, state, link.expires_at))
    return tagged(request, LinkStates(found))


async def documents(request: web.Request) -> web.Response:
    """GET /api/v1/meetings/{meeting_id}/documents"""
    seen, store = await see_meeting(request), request.app[SERVICES].store
    found = await papers_for(store, seen.viewer, seen.meeting, local_date(request))
    return tagged(request, Documents([_document(one) for one in found]))


async def file(request: web.Request) -> web.StreamResponse:
    """GET /api/v1/meetings/{meeting_id}/documents/{paper_id}/files/{number}"""
    return await hand_over(request, viewer_by_token)


def _document(paper: Paper) -> Document:
    return Document(
        paper.id,
        [
            DocumentVersion(one.number, one.name, one.size, one.digest, one.added_at)
            for one in paper.versions
        ],
    )


def _in_order(site_ids: tuple[str, ...], shown: frozenset[str]) -> list[str]:
    """Each once, those that are shown."""
    return [site_id for site_id in dict.fromkeys(site_ids) if site_id in shown]
