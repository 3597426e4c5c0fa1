"""Use cases of what comes back by mail: taken in by the house, posted and seen to by a secretary.

NotFound and Forbidden as in desks/meetings.py.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from confhub.answers.answer import Reply as SiteReply
from confhub.answers.given import State
from confhub.desks import rights
from confhub.desks.answers.giving import Recorded, record_posted, record_reply
from confhub.desks.mail.planning import plan_again
from confhub.errors import N_, BadInput, Conflict, NotFound
from confhub.identity import part_id
from confhub.mail.intake.found import Answer, Bounce, Incoming, NotRead, Reply, Words
from confhub.mail.letter import Letter
from confhub.mail.replies import (
    MailReply,
    ReplyKind,
    Standing,
    is_of_one_sitting,
    kind_of_reply,
    remark_of,
    standing_of,
)
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.meetings.tokens import AnswerTokens
from confhub.people.actor import Actor
from confhub.store import Store, Work

# taken: it is on record. known: it was before. foreign: it is about no invitation of ours, or of
# another meeting than its address says. revoked: its link is. unread: too large, or broken, and
# on record as such.
# too_many: its site wrote as often within a day as only programs do.
Outcome = Literal["taken", "known", "foreign", "revoked", "unread", "too_many"]

_STATES: Mapping[Answer, State] = {
    "accepted": "attending",
    "declined": "declined",
    "tentative": "unsure",
}
# Of two that may speak, one is the site's answer: what stands says its record.
_RECORDED: Mapping[Recorded, Standing] = {
    "kept": "counts",
    "older": "late",
    "closed": "done",
    "not_invited": "done",
}
Record = Callable[[Work, str, str, SiteReply, Sequence[Letter]], Awaitable[Recorded]]
# What is no answer, though it came back.
_ACTS: Mapping[ReplyKind, str] = {"bounce": "mail.came_back", "auto": "mail.automatic"}
# Of one site about one meeting, of each of these; people do not write as often, and programs that
# answer each other do so without end.
MOST_A_DAY = 50
_ALIKE: tuple[tuple[ReplyKind, ...], ...] = (
    ("reply", "counter"),
    ("words", "unread"),
    ("bounce", "auto"),
)
_MOST_TRIED = 20  # tokens and ids of one message
_ABOUT = re.compile(r"([0-9a-z-]{17,64})\.(\d{1,6})(?:@.*)?", re.IGNORECASE)
_WHY_NOT = {
    "too_large": N_("Thư quá lớn: chỉ nhận tới 2 MB. Xin dán riêng phần trả lời."),
    "too_many_lines": N_("Thư quá dài. Xin dán riêng phần trả lời."),
    "unreadable": N_("Không đọc được: tệp không phải thư trả lời, hoặc đã hỏng."),
}
_OTHER_MEETING = N_("Thư này trả lời cho một cuộc họp khác.")
_KNOWN = N_("Thư này đã được nhận.")
_EMPTY = N_("Xin chọn tệp hoặc dán nội dung trả lời.")
_WHICH = N_("Nội dung này không tự nói điểm cầu có dự không. Xin chọn câu trả lời.")
_SEEN_TO = N_("Thư trả lời này đã được xử lý. Xin tải lại trang.")


@dataclass(frozen=True, slots=True)
class _About:
    link: JoinLink
    number: int | None = None  # of the mail to the site


async def take_in(
    store: Store, actor: Actor, incoming: Incoming, digest: str, tokens: AnswerTokens
) -> Outcome:
    """A message that came by mail, once; `digest`: SHA-256 of its bytes. Of which site it is says a
    token of ours alone, whatever it says of itself."""
    async with store.work(actor, f"reply {digest}") as work:
        await rights.require_the_house(work)
        if await work.replies.is_known(digest):
            return "known"
        about = await _invitation(work, incoming, tokens)
        if about is None:
            return "foreign"
        is_report = isinstance(incoming.content, Bounce)
        if about.link.revoked_at is not None and not is_report:
            return "revoked"
        meeting = await work.meetings.hold(about.link.meeting_id)
        if _is_of_another(incoming, meeting):
            return "foreign"
        if await _are_too_many(work, meeting, about.link.site_id, incoming):
            return "too_many"
        taken = await _take(work, meeting, about, incoming, digest, record_reply)
        if taken.standing != "counts":  # of an answer its own line tells
            act = _ACTS.get(taken.kind, "mail.answered")
            await work.audit(act, subject=meeting.id, detail=taken.site_id)
    return "unread" if taken.kind == "unread" else "taken"


async def post(
    store: Store,
    actor: Actor,
    meeting_id: str,
    site_id: str,
    incoming: Incoming,
    digest: str,
    answer: Answer | None = None,
) -> Standing:
    """A reply that came by another way, vouched for by who may change the meeting; `answer`: what
    words mean that say it to people alone. It is the site's answer as if it were given on its
    behalf. BadInput for what cannot be read, Conflict for what was taken in, NoAnswerNow."""
    async with store.work(actor) as work:
        meeting = await _meeting(work, meeting_id)
        content = incoming.content
        if isinstance(content, NotRead):
            raise BadInput(_WHY_NOT[content.why])
        if isinstance(content, Words):
            if answer is None:
                raise BadInput(_WHICH if content.text else _EMPTY)
            said = Reply(f"{meeting.id}@confhub", answer, comment=content.text)
            incoming = replace(incoming, content=said)
        if _is_of_another(incoming, meeting):
            raise BadInput(_OTHER_MEETING)
        if site_id not in meeting.invited:
            raise NotFound
        if await work.replies.is_known(digest):
            raise Conflict(_KNOWN)
        link = JoinLink("", meeting.id, site_id, meeting.ends_at)
        latest = await work.mail.latest(meeting_id)
        mail = latest.get(site_id)
        number = mail.number if mail is not None else None
        about = _About(link, number)
        taken = await _take(work, meeting, about, incoming, digest, record_posted)
        if taken.standing != "counts":
            await work.audit("mail.posted", subject=meeting.id, detail=site_id)
        return taken.standing


async def settle(
    store: Store, actor: Actor, meeting_id: str, reply_id: str, early_min: int
) -> None:
    """It was read; or the time that it proposes is not taken: the site is told the time that
    stands once more, where it is told by mail. Conflict where somebody saw to it before."""
    async with store.work(actor) as work:
        meeting = await _meeting(work, meeting_id)
        reply = await work.replies.get(reply_id)
        if reply.meeting_id != meeting.id:
            raise NotFound
        if not await work.replies.settle(reply_id, actor.now):
            raise Conflict(_SEEN_TO)
        if reply.kind == "counter":
            mail = (await work.mail.hold_of_sites(meeting.id, [reply.site_id])).get(reply.site_id)
            if mail and mail[0].state != "waiting":
                await plan_again(work, meeting, [reply.site_id], early_min)
        await work.audit("mail.seen_to", subject=meeting.id, detail=reply.site_id)


async def _meeting(work: Work, meeting_id: str) -> Meeting:
    meeting = await work.meetings.hold(meeting_id)
    await rights.require_meeting(work, "schedule", meeting)
    return meeting


async def _invitation(work: Work, incoming: Incoming, tokens: AnswerTokens) -> _About | None:
    """What it is about: by the address it was sent to; a server's report by the Message-ID of a
    mail of ours, which it sends back. What else a message cites or holds says nothing."""
    tried = incoming.tokens[:_MOST_TRIED]
    named: list[tuple[str | None, int | None]] = [(tokens.read(one), None) for one in tried]
    if isinstance(incoming.content, Bounce):
        ids = islice(_ids(incoming), _MOST_TRIED)
        named = [*((tokens.read_mail(one), number) for one, number in ids), *named]
    for link_id, number in named:
        link = await work.links.find(link_id) if link_id is not None else None
        if link is not None:  # not forgotten since, nor of a store that was restored
            return _About(link, number)
    return None


def _ids(incoming: Incoming) -> Iterator[tuple[str, int | None]]:
    for one in incoming.about:
        found = _ABOUT.fullmatch(one)
        if found is not None:
            yield found[1], int(found[2])


def _is_of_another(incoming: Incoming, meeting: Meeting) -> bool:
    content = incoming.content
    return isinstance(content, Reply) and content.uid != f"{meeting.id}@confhub"


async def _are_too_many(work: Work, meeting: Meeting, site_id: str, incoming: Incoming) -> bool:
    """Whether a program at the other end writes: what people say, and what their calendars answer,
    is not crowded out by what servers do."""
    kind = kind_of_reply(incoming.content)
    kinds = next(one for one in _ALIKE if kind in one)
    since = work.actor.now - dt.timedelta(days=1)
    return await work.replies.count(meeting.id, site_id, kinds, since) >= MOST_A_DAY


async def _take(
    work: Work, meeting: Meeting, about: _About, incoming: Incoming, digest: str, record: Record
) -> MailReply:
    content, site_id = incoming.content, about.link.site_id
    if isinstance(content, Reply) and (content.sequence or 0) >= meeting.version:
        content = replace(content, sequence=None)  # no invitation was of that number
    newest = await work.replies.newest(meeting.id, site_id)
    told = await work.mail.letters_of(meeting.id)
    reply = MailReply(
        id=part_id("reply", digest),
        digest=digest,
        meeting_id=meeting.id,
        site_id=site_id,
        kind=kind_of_reply(content),
        standing=standing_of(content, newest, told, meeting),
        received_at=work.actor.now,
        remark=remark_of(content),
        sender=incoming.sender,
        subject=incoming.subject,
    )
    if isinstance(content, Reply):
        reply = _with_answer(reply, content)
        if is_of_one_sitting(content, meeting):
            reply = _of_one_sitting(reply, content, work.actor.zone)
    if reply.standing == "counts" and reply.answer:
        stamp = reply.stamped_at or work.actor.now
        said = SiteReply(_STATES[reply.answer], reply.remark, stamp, reply.sequence)
        recorded = await record(work, meeting.id, site_id, said, told)
        reply = replace(reply, standing=_RECORDED[recorded])
    await work.replies.add(reply)
    if isinstance(content, Bounce) and content.action == "failed" and about.number is not None:
        words = " ".join(f"{content.status} {content.words}".split())
        await work.mail.came_back(meeting.id, site_id, about.number, words, work.actor.now)
    return reply


def _of_one_sitting(reply: MailReply, content: Reply, zone: dt.tzinfo) -> MailReply:
    """People read which; its other hour is no time for the whole meeting."""
    at = [one for one in (content.sitting, reply.starts_at) if one is not None]
    said = " → ".join(f"{one.astimezone(zone):%H:%M %d/%m/%Y}" for one in at)
    remark = f"[{said}] {reply.remark}".rstrip()
    return replace(reply, remark=remark, starts_at=None, ends_at=None)


def _with_answer(reply: MailReply, content: Reply) -> MailReply:
    starts_at, ends_at = content.proposed or (None, None)
    return replace(
        reply,
        answer=content.answer or "",
        sequence=content.sequence,
        stamped_at=content.stamped_at,
        starts_at=starts_at,
        ends_at=ends_at,
    )
