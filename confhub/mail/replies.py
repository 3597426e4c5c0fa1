"""What a site's answer by mail counts for. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

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
    content: Content, known: Iterable[MailReply], told: Iterable[Letter], meeting: Meeting
) -> Standing:
    """`known`: of the site, what came before; `told`: what it was told of the meeting."""
    if isinstance(content, Bounce | Automatic):
        return "done"
    if isinstance(content, Words | NotRead):
        return "open"
    if any(_is_newer(one, content) for one in known):
        return "late"
    if not answers_now(content.sequence, told, meeting):
        return "past"
    return "open" if content.is_counter or content.answer is None else "counts"


def _is_newer(one: MailReply, reply: Reply) -> bool:
    """By the version that is answered, then by when that was done (RFC 5546, 2.1.5)."""
    if one.kind not in ("reply", "counter") or one.sequence is None or reply.sequence is None:
        return False
    if one.sequence != reply.sequence:
        return one.sequence > reply.sequence
    if one.stamped_at is None or reply.stamped_at is None:
        return False
    return one.stamped_at > reply.stamped_at


def answers_now(sequence: int | None, told: Iterable[Letter], meeting: Meeting) -> bool:
    """Whether the version that is answered was of the meeting's present time; `told`: of it."""
    if sequence is None:
        return True
    version = sequence + 1  # as SEQUENCE is made
    before = [one.meeting for one in told if one.meeting.version <= version]
    if not before:
        return True
    answered = max(before, key=lambda one: one.version)
    return (answered.starts_at, answered.ends_at) == (meeting.starts_at, meeting.ends_at)
