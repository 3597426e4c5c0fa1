"""Use cases of confirmation: what a site answers to its invitation.

By whoever may sit in the site's seat: its own people, those of units above it, on its behalf; by
who holds its link; and on its behalf by who plans the meeting, but not for rooms above the host.
NotFound for who does not see the meeting, or a site that is not invited; Forbidden for who only
sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from confhub.answers.answer import (
    Answer,
    AnsweredElsewhere,
    By,
    Reply,
    answered,
    check_open,
    is_as_set,
    is_open,
    is_repeat,
    replied,
)
from confhub.answers.given import Given, check
from confhub.bus.news import ANSWERS_TOPIC, AnswerNews
from confhub.desks import rights
from confhub.errors import Forbidden, NotFound
from confhub.mail.letter import Letter
from confhub.mail.replies import meeting_answered
from confhub.meetings.admission import check_link
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.people.policy import rights_of
from confhub.store import Store, Work
from confhub.trail.values import Table, changed

# kept: it is the site's answer now; older: the site said something newer; closed: the meeting has
# no time or is over; not_invited: the site is not, any more.
Recorded = Literal["kept", "older", "closed", "not_invited"]

VALUES: Table[Answer] = {
    "state": lambda one: one.given.state,
    "people": lambda one: [[p.name, p.title, p.part, p.reason] for p in one.given.people],
    "technician_name": lambda one: one.given.technician_name,
    "technician_phone": lambda one: one.given.technician_phone,
    "items": lambda one: None if one.given.items is None else list(one.given.items),
    "has_documents": lambda one: one.given.has_documents,
    "remark": lambda one: one.given.remark,
    "starts_at": lambda one: one.starts_at,
}


async def answer(
    store: Store, actor: Actor, meeting_id: str, site_id: str, version: int, given: Given
) -> Answer:
    """The site's answer in place of that version, 0: it had none; the same one sent twice is one.

    AnsweredElsewhere, NoAnswerNow, FieldErrors.
    """
    async with store.work(actor) as work:
        meeting = await work.meetings.hold(meeting_id)
        by = await _speaker(work, meeting, site_id)
        return await _answer(work, meeting, site_id, version, given, by)


async def answer_by_link(
    store: Store, actor: Actor, link_id: str, version: int, given: Given
) -> Answer:
    """As `answer`, by whoever holds the site's link, whatever else they may. Gone once it is
    revoked, or the site is not invited any more."""
    async with store.work(actor) as work:
        link = await work.links.get(link_id)
        meeting = await work.meetings.hold(link.meeting_id)
        check_link(link, meeting)
        return await _answer(work, meeting, link.site_id, version, given, By("link"))


async def record_reply(
    work: Work, meeting_id: str, site_id: str, reply: Reply, told: Sequence[Letter]
) -> Recorded:
    """In a work of the house: what the site's mail program replied; `told`: all letters about the
    meeting. It raises nothing where there is nothing to record: mail comes late, twice and in any
    order."""
    await rights.require_the_house(work)
    meeting = await work.meetings.hold(meeting_id)
    if site_id not in meeting.invited:
        return "not_invited"
    if not is_open(meeting, work.actor.now):
        return "closed"
    return await _record(work, meeting, site_id, reply, told, By("mail"))


async def record_posted(
    work: Work, meeting_id: str, site_id: str, reply: Reply, told: Sequence[Letter]
) -> Recorded:
    """Likewise of a reply that came another way, on the site's behalf. As `answer` of who may, and
    when; an older one than the site's answer is none."""
    meeting = await work.meetings.hold(meeting_id)
    by = await _speaker(work, meeting, site_id)
    check_open(meeting, work.actor.now)
    return await _record(work, meeting, site_id, reply, told, by)


async def _record(
    work: Work, meeting: Meeting, site_id: str, reply: Reply, told: Sequence[Letter], by: By
) -> Recorded:
    known = await work.answers.find(meeting.id, site_id)
    that = meeting_answered(reply.sequence, told, meeting)
    is_to_now = is_as_set(that.starts_at, that.sittings, meeting)
    if known is not None and known.is_for(meeting) and not is_to_now:
        return "older"
    found = replied(known, meeting, site_id, reply, by, that, work.actor.now)
    if found is None:
        return "older"
    await _keep(work, known, found)
    return "kept"


async def _answer(
    work: Work, meeting: Meeting, site_id: str, version: int, given: Given, by: By
) -> Answer:
    known = await work.answers.find(meeting.id, site_id)
    if known is not None and is_repeat(known, meeting, given, by, version):
        return known
    check_open(meeting, work.actor.now)
    if version != (known.version if known is not None else 0):
        raise AnsweredElsewhere
    check(given, [item.id for item in meeting.agenda])
    made = answered(known, meeting, site_id, given, by, work.actor.now)
    await _keep(work, known, made)
    return made


async def _keep(work: Work, known: Answer | None, made: Answer) -> None:
    await work.answers.put(made)
    await work.mail.drop_reminders(made.meeting_id, made.site_id, work.actor.now)
    changes = {**changed(known, made, VALUES), "way": (None, made.by.way)}
    subject = {"subject": made.meeting_id, "detail": made.site_id}
    await work.audit("answer.given", **subject, changes=changes)
    news = AnswerNews(made.meeting_id, made.site_id, made.given.state)
    await work.tell(ANSWERS_TOPIC, news)


async def _speaker(work: Work, meeting: Meeting, site_id: str) -> By:
    actor = work.actor
    if site_id not in meeting.invited:
        raise NotFound
    if actor.is_house:
        return By("behalf", unit_id=meeting.host_unit_id)
    powers = await rights.mine(work)
    host_path = await rights.path_to(work, meeting.host_unit_id, actor.today)
    if site_id not in await rights.answered_sites(work, powers, meeting, host_path, actor.today):
        await rights.require_meeting(work, "schedule", meeting)
        raise Forbidden
    unit_id = (await work.sites.get(site_id)).unit_id
    path = [one.id for one in await rights.path_to(work, unit_id, actor.today)]
    able = [one.unit.id for one in powers.held if "join" in rights_of(one.grant)]
    if unit_id in able:
        return By("account", actor.account_id)
    above = [one for one in able if one in path]
    return By("behalf", actor.account_id, max(above, key=path.index, default=host_path[-1].id))
