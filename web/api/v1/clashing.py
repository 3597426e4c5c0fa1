"""Who is taken, as a program is told before it books all the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from confhub.errors import N_, Conflict
from confhub.meetings.meeting import Meeting
from confhub.meetings.schedule import Draft
from confhub.planning.conflicts import Clashing
from confhub.planning.conflicts import Override as Word
from web.api.v1.values import Moment
from web.meetings.conflicts import Findings, find_conflicts, override_of
from web.rendering.problems import Problem, problem
from web.services import SERVICES


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The word of who saw what a 409 told: its `seal`, and why it is booked all the same, which
    goes on record. Without clashes no reason is needed."""

    seal: str
    reason: str = ""


class Taken(msgspec.Struct, frozen=True):
    """A meeting, or a time that is blocked, which holds somebody. `meeting_id`: null: one that the
    token may not see, or no meeting. `chair`: the person in both chairs; `other`: a room, a
    technician or a line, in words."""

    meeting_id: str | None
    title: str
    starts_at: Moment | None
    ends_at: Moment | None
    site_ids: list[str]
    chair: str | None
    other: str


class ClashProblem(Problem, frozen=True, omit_defaults=True):
    """`advice`: what else must be seen, as that the time has passed. `seal`: for `override.seal` of
    the same question, sent again; empty: there is nothing to override."""

    clashes: tuple[Taken, ...] = ()
    advice: tuple[str, ...] = ()
    seal: str = ""


class ToBeSeen(Conflict):
    """Nothing was done: the findings were not seen yet, or are others than those that were."""

    code = "clashing"
    message = N_(
        "Giờ này có điều cần xem trước khi xếp. Xin đổi, hoặc gửi lại kèm override (seal, reason)."
    )

    def __init__(self, findings: Findings) -> None:
        super().__init__()
        self.findings = findings


async def booked(
    request: web.Request,
    draft: Draft,
    meeting_id: str,
    override: Override | None,
    book: Callable[[Word], Awaitable[Meeting]],
) -> Meeting:
    """The meeting as `book` left it, with ids of all its parts; ToBeSeen."""
    seal, reason = (override.seal, override.reason) if override is not None else ("", "")
    findings = await find_conflicts(request, draft, meeting_id)
    if findings.seal and findings.seal != seal:
        raise ToBeSeen(findings)
    try:
        stored = await book(override_of(seal, reason))
    except Clashing:  # taken since it was asked
        raise ToBeSeen(await find_conflicts(request, draft, meeting_id)) from None
    return await request.app[SERVICES].store.meetings.get(stored.id)


def refused(request: web.Request, error: ToBeSeen) -> web.Response:
    findings = error.findings
    clashes = tuple(
        Taken(
            one.meeting_id,
            one.title,
            one.starts_at,
            one.ends_at,
            list(one.site_ids),
            one.chair,
            one.whole,
        )
        for one in findings.clashes
    )
    told = {"clashes": clashes, "advice": findings.advice, "seal": findings.seal}
    return problem(request, error, ClashProblem, **told)
