"""What sites are to be told of a meeting now, where no mail tells them: the invitation, or what
changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.desks.mail.about import letter_about, paper_of
from confhub.mail.letter import Letter, MailKind
from confhub.mail.text import COMES
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.sitting import Sitting
from confhub.store import AuditEntry
from web.meetings.access import Seen
from web.pages.meetings.invited_sites import InvitedSite, invited_sites
from web.requests.addresses import own_origin
from web.services import SERVICES

# The last time it was set is among them, but for a meeting that is changed all day.
_LATEST_ACTS = 50


@dataclass(frozen=True, slots=True)
class Latest:
    """`before`: the meeting of which its sites know, where its time changed since. `sites`: whose
    link the viewer may see, and who are to hear of it."""

    kind: MailKind
    letter: Letter
    before: Letter | None
    sites: tuple[InvitedSite, ...]


async def latest(request: web.Request, seen: Seen) -> Latest:
    """`?whole=1`: the whole invitation also where the time changed."""
    services, meeting = request.app[SERVICES], seen.meeting
    letter = await letter_about(
        services.store,
        meeting,
        services.clock(),
        letter_id="",
        origin=own_origin(request),
        early_min=services.settings.join_early_min,
        paper=await paper_of(services.store, meeting),
    )
    acts = await services.store.audit.recent(_LATEST_ACTS, meeting.id, thing="meeting")
    before = _before(letter, acts)
    kind = _kind(meeting, is_moved=before is not None)
    if request.query.get("whole") and kind == "change":
        kind, before = "invite", None
    sites = tuple(
        one
        for group in await invited_sites(request, seen)
        for one in group.sites
        if one.link is not None and (one.address or kind not in COMES)
    )
    return Latest(kind, letter, before, sites)


def _kind(meeting: Meeting, *, is_moved: bool) -> MailKind:
    if meeting.status == "cancelled":
        return "cancel"
    if meeting.status == "postponed":
        return "hold"
    return "change" if is_moved else "invite"


def _before(letter: Letter, acts: Iterable[AuditEntry]) -> Letter | None:
    """The meeting as it was before its time was last changed, be it moved, stretched or found after
    it was put off; None if that is how it was issued. `acts`: the last first."""
    meeting = letter.meeting
    for act in acts:
        was = {name: old for name, (old, _new) in act.changes.items()}
        if act.action == "meeting.scheduled":
            continue
        if was.get("status") == "draft":
            return None
        was_off = was.get("status") == "postponed"
        if was_off or was.keys() & {"starts_at", "ends_at", "sittings"}:
            starts_at = _moment(was.get("starts_at"), meeting.starts_at)
            ends_at = _moment(was.get("ends_at"), meeting.ends_at)
            sittings = _sittings(was["sittings"]) if "sittings" in was else meeting.sittings
            status: MeetingStatus = "postponed" if was_off else meeting.status
            then = replace(meeting, starts_at=starts_at, ends_at=ends_at, sittings=sittings)
            return replace(letter, meeting=replace(then, status=status))
    return None


def _moment(recorded: object, otherwise: dt.datetime) -> dt.datetime:
    return dt.datetime.fromisoformat(recorded) if isinstance(recorded, str) else otherwise


def _sittings(recorded: Sequence[Sequence[str]] | None) -> tuple[Sitting, ...]:
    spans = [[dt.datetime.fromisoformat(at) for at in span] for span in recorded or ()]
    return tuple(Sitting(starts_at, ends_at) for starts_at, ends_at in spans)
