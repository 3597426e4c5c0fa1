"""Use cases of mail: the links of a meeting are sent out, and sent again.

By who may change the meeting; NotFound and Forbidden as in desks/meetings.py.
"""

from __future__ import annotations

from dataclasses import replace

from confhub.desks import agreements, rights
from confhub.desks.mail.following import have_planned
from confhub.errors import N_, Conflict, NotFound
from confhub.identity import part_id
from confhub.mail.letter import Mail
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.store import Store, Work
from confhub.store.queue.mail import Mailing

# Before it there is no link, after it nothing to come to.
TOLD = frozenset({"scheduled", "live"})
_NOTHING_TO_SEND = N_(
    "Cuộc họp chưa có lịch, hoặc đã kết thúc hay đã hủy: không có giấy mời nào để gửi."
)
_UNDER_WAY = N_("Thư này đang chờ gửi hoặc đã được gửi lại. Xin tải lại trang.")


async def send_out(store: Store, actor: Actor, meeting_id: str, origin: str) -> None:
    """Every invited site that has an address is told of the meeting, unless it was; from now on
    they hear of each change by themselves. `origin`: of the addresses in the mails. Conflict
    where there is nothing to come to."""
    async with store.work(actor) as work:
        meeting = await _meeting(work, meeting_id)
        if meeting.status not in TOLD:
            raise Conflict(_NOTHING_TO_SEND, code="nothing_to_send")
        await agreements.check_released(work, meeting_id)
        await work.mail.begin(Mailing(meeting_id, actor.now, origin))
        await have_planned(work, meeting_id)
        await work.audit("mail.sent_out", subject=meeting_id)


async def send_again(store: Store, actor: Actor, meeting_id: str, site_id: str) -> int:
    """Tell the site again what its last mail told, be it that this was refused or did not arrive;
    `site_id` empty: all sites whose last mail was refused. How many. Conflict while one waits."""
    async with store.work(actor) as work:
        await _meeting(work, meeting_id)
        latest = await work.mail.latest(meeting_id)
        if site_id:
            chosen = [latest[site_id]] if site_id in latest else []
            if not chosen:
                raise NotFound
            if chosen[0].state == "waiting":
                raise Conflict(_UNDER_WAY)
        else:
            chosen = [mail for mail in latest.values() if mail.state == "refused"]
        await work.mail.add_many([_once_more(mail, actor) for mail in chosen])
        await work.audit("mail.again", subject=meeting_id, detail=site_id or f"{len(chosen)} sites")
    return len(chosen)


def _once_more(mail: Mail, actor: Actor) -> Mail:
    return replace(
        mail,
        id=mail_id(mail.meeting_id, mail.site_id, mail.number + 1),
        number=mail.number + 1,
        made_at=actor.now,
        next_at=actor.now,
        state="waiting",
        settled_at=None,
        tries=0,
        in_hand=False,
        address="",
        error="",
    )


def mail_id(meeting_id: str, site_id: str, number: int) -> str:
    return part_id(f"mail {meeting_id} {site_id}", str(number))


async def _meeting(work: Work, meeting_id: str) -> Meeting:
    meeting = await work.meetings.hold(meeting_id)
    await rights.require_meeting(work, "schedule", meeting)
    return meeting
