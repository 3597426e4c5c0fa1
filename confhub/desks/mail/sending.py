"""Use cases of mail: the links of a meeting are sent out, and sent again.

By who may change the meeting; NotFound and Forbidden as in desks/meetings.py.
"""

from __future__ import annotations

from confhub.desks import agreements, rights
from confhub.desks.mail.following import have_planned
from confhub.desks.mail.planning import plan_again
from confhub.errors import N_, Conflict, NotFound
from confhub.mail.letter import TOLD
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.store import Store, Work
from confhub.store.queue.mail import Mailing

_NOTHING_TO_SEND = N_(
    "Cuộc họp chưa có lịch, hoặc đã kết thúc hay đã hủy: không có giấy mời nào để gửi."
)
_UNDER_WAY = N_("Thư này đang chờ gửi hoặc đã được gửi lại. Xin tải lại trang.")
_NOT_TRUE_NOW = N_(
    "Không gửi lại thư này: cuộc họp đã hoãn, hủy hay kết thúc, hoặc điểm cầu thôi được mời hay có"
    " liên kết đã thu hồi. Xin tải lại trang."
)


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


async def send_again(
    store: Store, actor: Actor, meeting_id: str, site_id: str, early_min: int
) -> int:
    """Tell the site what it is to know by now, be it that its last mail was refused or did not
    arrive; `site_id` empty: all sites whose last mail was refused. How many were told anything.

    `early_min`: how long before the start the doors open. Conflict while a mail waits, and where
    what the site was told is true no more.
    """
    async with store.work(actor) as work:
        meeting = await _meeting(work, meeting_id)
        latest = await work.mail.latest(meeting_id)
        if site_id:
            if site_id not in latest:
                raise NotFound
            if latest[site_id].state == "waiting":
                raise Conflict(_UNDER_WAY)
            chosen = [site_id]
        else:
            chosen = [one for one, mail in latest.items() if mail.state == "refused"]
        count = await plan_again(work, meeting, chosen, early_min)
        if site_id and not count:
            raise Conflict(_NOT_TRUE_NOW)
        await work.audit("mail.again", subject=meeting_id, detail=site_id or f"{count} sites")
    return count


async def _meeting(work: Work, meeting_id: str) -> Meeting:
    meeting = await work.meetings.hold(meeting_id)
    await rights.require_meeting(work, "schedule", meeting)
    return meeting
