"""Programs read and give the answer of one site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from confhub.answers.answer import Answer as Kept
from confhub.answers.given import MOST_PEOPLE, Attendee, Given, Part, State
from confhub.answers.summary import standing_of
from confhub.desks.answers import giving as desk
from confhub.errors import NotFound
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.words.texts import one_line
from web.api.v1.acts import act, acting
from web.api.v1.asked import IF_MATCH, posted, seen_version
from web.api.v1.sites_of_meetings import Person, SiteAnswer
from web.api.v1.tags import TAGGED, UNCHANGED, under, with_version
from web.meetings.access import see_meeting
from web.meetings.answers import shown_sites
from web.rendering.answers import json_answer
from web.requests.route import Answer, Api
from web.services import SERVICES


class OneAnswer(SiteAnswer, frozen=True):
    """`item_ids`: of the agenda, in which it takes part; null: in all. `has_documents`: they
    arrived. `version`: 0: it is silent."""

    technician_name: str
    technician_phone: str
    item_ids: list[str] | None
    has_documents: bool
    version: int


class Comer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`reason`: why it is a substitute."""

    name: str
    title: str = ""
    part: Part = "leader"
    reason: str = ""


class NewAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In place of what the site said before. `remark`: of who does not come, why."""

    state: State
    people: Annotated[list[Comer], Meta(max_length=MOST_PEOPLE)] = []
    technician_name: str = ""
    technician_phone: str = ""
    item_ids: list[str] | None = None
    has_documents: bool = False
    remark: str = ""


_PLACES: Mapping[str, str] = {
    "items": "/item_ids",
    **{
        f"{field}-{number}": f"/people/{number}/{field}"
        for number in range(MOST_PEOPLE)
        for field in ("name", "title", "reason")
    },
}
ONE_ANSWER = Api(
    "What one site answered",
    {200: Answer("Its answer.", OneAnswer, headers=TAGGED), 304: UNCHANGED},
    errors=(404,),
)
GIVE = acting(
    Api(
        "A site's answer, by itself or on its behalf",
        {200: Answer("As it stands now.", OneAnswer, headers=TAGGED)},
        question=NewAnswer,
        headers=(IF_MATCH,),
        errors=(412, 428),
    )
)


async def one_answer(request: web.Request) -> web.Response:
    """GET /api/v1/meetings/{meeting_id}/answers/{site_id}"""
    meeting, kept, site_id = await _seen(request)
    return with_version(request, _told(meeting, site_id, kept), _version(kept))


async def give(request: web.Request) -> web.Response:
    """PUT /api/v1/meetings/{meeting_id}/answers/{site_id}"""
    asked = await posted(request, NewAnswer)
    store = request.app[SERVICES].store

    async def do(actor: Actor) -> web.Response:
        meeting, kept, site_id = await _seen(request)
        version = seen_version(request, _version(kept))
        await desk.answer(store, actor, meeting.id, site_id, version, _given(asked))
        return await again()

    async def again(_: str = "") -> web.Response:
        meeting, kept, site_id = await _seen(request)
        return _answer(meeting, site_id, kept)

    subject = request.match_info["site_id"]
    return await act(request, do, again, subject=subject[:64], places=_PLACES)


async def _seen(request: web.Request) -> tuple[Meeting, Kept | None, str]:
    """NotFound for a site whose answer the token may not see."""
    seen, site_id = await see_meeting(request), request.match_info["site_id"]
    if site_id not in shown_sites(seen) | seen.own_sites:
        raise NotFound
    kept = await request.app[SERVICES].store.answers.find(seen.meeting.id, site_id)
    return seen.meeting, kept, site_id


def _given(asked: NewAnswer) -> Given:
    people = (
        Attendee(one_line(one.name), one_line(one.title), one.part, one_line(one.reason))
        for one in asked.people
    )
    return Given(
        asked.state,
        tuple(people),
        one_line(asked.technician_name),
        one_line(asked.technician_phone),
        tuple(asked.item_ids) if asked.item_ids is not None else None,
        asked.has_documents,
        one_line(asked.remark),
    )


def _version(kept: Kept | None) -> int:
    return kept.version if kept is not None else 0


def _answer(meeting: Meeting, site_id: str, kept: Kept | None) -> web.Response:
    response = json_answer(_told(meeting, site_id, kept))
    response.headers.update(under(_version(kept)))
    return response


def _told(meeting: Meeting, site_id: str, kept: Kept | None) -> OneAnswer:
    given = kept.given if kept is not None else Given("unsure")
    return OneAnswer(
        site_id,
        standing_of(kept, meeting),
        [Person(who.name, who.title, who.part, who.reason) for who in given.people],
        given.remark,
        kept.answered_at if kept is not None else None,
        given.technician_name,
        given.technician_phone,
        list(given.items) if given.items is not None else None,
        given.has_documents,
        _version(kept),
    )
