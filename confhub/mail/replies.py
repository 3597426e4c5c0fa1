"""What a site's answer by mail counts for. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from confhub.answers.answer import is_as_set
from confhub.mail.intake.found import Answer, Automatic, Bounce, Content, NotRead, Reply, Words
from confhub.mail.letter import Letter
from confhub.meetings.meeting import Meeting

# unread: whoever sees to it opens it in the mailbox, where it stays.
ReplyKind = Literal["reply", "counter", "bounce", "auto", "words", "unread"]
# counts: it is the site's answer, as long as no newer one is; open: people have to read it, or to
# decide; late: there was a newer one; past: of a time that the meeting has no more; done: somebody
# saw to it, or nobody has to.
Standing = Literal["counts", "open", "late", "past", "done"]


@dataclass(frozen=True, slots=True)
class MailReply:
    """One message that came back. `answer`: empty where it gives none. `remark`: the site's words,
    or its server's; of one that is unread the reason, as found.Unread has it. `sender`: as it says,
    which proves nothing. `starts_at`, `ends_at`: a time that it proposes."""

    id: str
    digest: str
    meeting_id: str
    site_id: str
    kind: ReplyKind
    standing: Standing
    received_at: dt.datetime
    answer: Answer | Literal[""] = ""
    remark: str = ""
    sender: str = ""
    subject: str = ""
    sequence: int | None = None
    stamped_at: dt.datetime | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    settled_at: dt.datetime | None = None


def kind_of_reply(content: Content) -> ReplyKind:
    if isinstance(content, Reply):
        return "counter" if content.is_counter else "reply"
    if isinstance(content, Bounce):
        return "bounce"
    if isinstance(content, NotRead):
        return "unread"
    return "auto" if isinstance(content, Automatic) else "words"


def remark_of(content: Content) -> str:
    """What is shown of it, as its writer wrote it."""
    if isinstance(content, Reply):
        return content.comment
    if isinstance(content, Bounce):
        return content.words
    if isinstance(content, Words):
        return content.text
    return content.why


def standing_of(
    content: Content, newest: MailReply | None, told: Iterable[Letter], meeting: Meeting
) -> Standing:
    """`newest`: of the site's answers by mail; `told`: what it was told of the meeting. Whether
    one that counts is the site's answer says the record of answers, which knows others too."""
    if isinstance(content, Bounce | Automatic):
        return "done"
    if isinstance(content, Words | NotRead):
        return "open"
    if newest is not None and _is_newer(newest, content):
        return "late"
    answered = meeting_answered(content.sequence, told, meeting)
    if not is_as_set(answered.starts_at, answered.sittings, meeting):
        return "past"
    if content.is_counter or content.answer is None or is_of_one_sitting(content, meeting):
        return "open"
    return "counts"


def is_of_one_sitting(reply: Reply, meeting: Meeting) -> bool:
    """Whether it says nothing of the meeting's other sittings: programs offer them one by one."""
    return reply.sitting is not None and len(meeting.all_sittings) > 1


def _is_newer(one: MailReply, reply: Reply) -> bool:
    """By the version that is answered, then by when that was done (RFC 5546, 2.1.5)."""
    if one.kind not in ("reply", "counter") or one.sequence is None or reply.sequence is None:
        return False
    if one.sequence != reply.sequence:
        return one.sequence > reply.sequence
    if one.stamped_at is None or reply.stamped_at is None:
        return False
    return one.stamped_at > reply.stamped_at


def meeting_answered(sequence: int | None, told: Iterable[Letter], meeting: Meeting) -> Meeting:
    """The meeting in the version that is answered; `told`: of it."""
    if sequence is None:
        return meeting
    version = sequence + 1  # as SEQUENCE is made
    before = [
        one for one in (*(letter.meeting for letter in told), meeting) if one.version <= version
    ]
    return max(before, key=lambda one: one.version, default=meeting)
