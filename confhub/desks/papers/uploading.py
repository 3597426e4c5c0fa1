"""Use cases of uploads: one is announced, comes to its end, is refused or given up.

By who may change the meeting, each of their own. Its bytes are in the vault; what is known here is
that they are to come, and what became of them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from confhub.desks import rights
from confhub.errors import NotFound
from confhub.identity import part_id
from confhub.papers.kinds import named
from confhub.papers.paper import (
    Limits,
    Paper,
    Upload,
    Version,
    check_day,
    check_room,
    check_shown,
    check_takes,
    clean_name,
)
from confhub.people.actor import Actor
from confhub.store import Store, Work

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a whole file was found to be."""

    digest: str
    kind: str
    is_scanned: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """`upload` as it is kept; `given_up` are ids of those in whose place it comes: their bytes are
    nobody's."""

    upload: Upload
    given_up: tuple[str, ...]


async def begin(store: Store, actor: Actor, upload: Upload, limits: Limits) -> Begun:
    """FieldErrors (`name`, `levels`), TooLarge, Conflict; NotFound for the next version of a paper
    that is not the meeting's.

    Of the same account's files of one name and length one is on its way: whoever did not hear the
    answer, or left the page, announces it anew, and the first would count until it is swept.
    """
    async with store.work(actor) as work:
        meeting = await work.meetings.hold(upload.meeting_id)
        await rights.require_meeting(work, "schedule", meeting)
        check_takes(meeting.status)
        shown = upload.shown
        if upload.paper_id:
            shown = (await work.papers.get(meeting.id, upload.paper_id)).shown
        levels = [level.id for level in await work.units.levels()]
        made = replace(
            upload,
            name=clean_name(upload.name),
            shown=check_shown(shown, levels),
            account_id=actor.account_id,
            touched_at=actor.now,
        )
        given_up = await work.papers.drop_unfinished(made)
        check_day(upload.size, await work.papers.sent(actor.account_id, actor.now - DAY), limits)
        count, used = await work.papers.used(meeting.id)
        check_room(upload.size, count, used, limits)
        await work.papers.add_upload(made)
        return Begun(made, tuple(given_up))


async def finish(store: Store, actor: Actor, upload_id: str, looked: Looked) -> str:
    """The id of the version that it became; the same for whoever comes twice.

    Of a paper that was removed meanwhile it is the first version of a new one.
    """
    async with store.work(actor) as work:
        meeting = await work.meetings.hold((await _own(work, upload_id)).meeting_id)
        upload = await _own(work, upload_id)  # as it is once nobody else is at it
        if upload.version_id:
            return upload.version_id
        await rights.require_meeting(work, "schedule", meeting)
        check_takes(meeting.status)
        before = await _paper(work, upload)
        version = Version(
            part_id(upload.id, "version"),
            before.id if before is not None else part_id(upload.id, "paper"),
            meeting.id,
            before.latest.number + 1 if before is not None else 1,
            named(upload.name, looked.kind),
            looked.digest,
            upload.size,
            looked.kind,
            actor.now,
            actor.account_id,
            looked.is_scanned,
        )
        if before is not None:
            await work.papers.add_version(version)
        else:
            paper = Paper(version.paper_id, meeting.id, upload.shown, (version,))
            await work.papers.add(paper, actor.now)
        done = replace(upload, version_id=version.id, touched_at=actor.now)
        await work.papers.settle_upload(done)
        changes = {"digest": (None, looked.digest), "number": (None, version.number)}
        action = "paper.replaced" if before is not None else "paper.added"
        await work.audit(action, subject=meeting.id, detail=version.name, changes=changes)
        return version.id


async def refuse(store: Store, actor: Actor, upload_id: str, refusal: str) -> None:
    """The file came whole and is not kept, by that code of REFUSALS; again, nothing happens."""
    async with store.work(actor) as work:
        upload = await _own(work, upload_id)
        if upload.refused == refusal:
            return
        await work.papers.settle_upload(replace(upload, refused=refusal, touched_at=actor.now))
        changes = {"why": (None, refusal)}
        subject = {"subject": upload.meeting_id, "detail": upload.name}
        await work.audit("paper.refused", **subject, changes=changes)


async def give_up(store: Store, actor: Actor, upload_id: str) -> None:
    """Conflict where it became a paper before."""
    async with store.work(actor) as work:
        upload = await _own(work, upload_id)
        await work.papers.drop_upload(upload.id)


async def _own(work: Work, upload_id: str) -> Upload:
    """NotFound for somebody else's."""
    upload = await work.papers.upload(upload_id)
    if work.actor.is_house or upload.account_id != work.actor.account_id:
        raise NotFound
    return upload


async def _paper(work: Work, upload: Upload) -> Paper | None:
    if not upload.paper_id:
        return None
    try:
        return await work.papers.get(upload.meeting_id, upload.paper_id)
    except NotFound:
        return None
