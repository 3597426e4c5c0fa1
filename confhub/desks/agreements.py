"""Use cases of agreed times: the hosting unit asks, the technical centre of the hub answers.

`follow` is a step of every change of a meeting (desks/steps.py), so that no way of moving one goes
by the centre. Who answers is whoever may `confirm_times` in the centre; for everybody else there is
nothing to answer: NotFound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from confhub.bus.news import AGREEMENTS_TOPIC, AgreementNews
from confhub.desks import rights
from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors, NotFound
from confhub.identity import new_id, part_id
from confhub.mail.notice import is_mailed
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import Meeting
from confhub.people.actor import Actor
from confhub.planning.agreement import states as pure
from confhub.planning.agreement.rule import MOST_DAYS, Rule, deadline, rule_for
from confhub.planning.agreement.states import Agreement, AnsweredMeanwhile, NotNow, Said
from confhub.store import Store, Work
from confhub.trail.entry import Changes
from confhub.units.records import UnitPlan

RULES_JOB = "agreement rules"  # the kind of job that has open questions follow a changed rule
NOTICES_JOB = "notices of a time"  # the kind that plans whom to mail of a step

_NOT_ABOVE = N_("Trung tâm kỹ thuật phải là đơn vị này hoặc một đơn vị cấp trên của nó.")
_NOT_CONFIRMED = N_(
    "Giờ họp chưa được xác nhận nên chưa gửi được giấy mời. Xin chờ trung tâm kỹ thuật trả lời."
)
_DAYS = N_("Xin ghi từ 1 đến %(most)s ngày làm việc.")


async def follow(work: Work, meeting: Meeting) -> bool:
    """The question follows what became of the meeting; whether its sites may have links."""
    if work.asks is None:  # a series is many meetings
        work.asks = await work.agreements.is_anybody_asked()
    if not work.asks:
        return True
    known = await work.agreements.find(meeting.id)
    before = work.meetings.held.get(meeting.id)
    asking = await _asking(work, meeting) if meeting.status == "scheduled" else None
    found = pure.follow(known, before, meeting, asking)
    if found is not None and found != known:
        await _keep(work, known, found)
        await _note(work, found, "accepted" if found.state == "confirmed" else found.state)
    return found is None or not (found.holds_links and meeting.status == "scheduled")


async def check_released(work: Work, meeting_id: str) -> None:
    """Conflict (`not_confirmed`) while the meeting's sites may not have links."""
    known = await work.agreements.find(meeting_id)
    if known is not None and known.holds_links:
        raise Conflict(_NOT_CONFIRMED, code="not_confirmed")


async def answer(
    store: Store, actor: Actor, meeting_id: str, version: int, said: Said
) -> Agreement:
    """The centre's answer to that version of the question; the same one sent twice is one.

    AnsweredMeanwhile, NotNow, FieldErrors (`reason`, `start`).
    """
    async with store.work(actor) as work:
        meeting = await work.meetings.hold(meeting_id)
        known = await work.agreements.find(meeting_id)
        if known is None:
            raise NotFound
        await rights.require_reach(work, "confirm_times", known.centre_id)
        if pure.is_repeat(known, said, actor.account_id, version):
            return known
        if known.version != version:
            raise AnsweredMeanwhile
        if meeting.status != "scheduled" or meeting.next_begin(actor.now) is None:
            raise NotNow
        done = pure.answered(known, said, actor.account_id, actor.now)
        await _keep(work, known, done)
        await _note(work, done, done.state, said.reason)
        await _release(work, done, meeting)
    return done


async def confirm_many(
    store: Store, actor: Actor, chosen: Sequence[tuple[str, int]]
) -> tuple[int, list[tuple[str, ConfhubError]]]:
    """Each of the meetings, by its id and the version that was looked at, confirmed by itself: how
    many are, and why others are not: NotFound for one that is not the actor's to confirm, or is
    no more."""
    done, refused = 0, list[tuple[str, ConfhubError]]()
    for meeting_id, version in chosen:
        try:
            await answer(store, actor, meeting_id, version, Said("confirm"))
            done += 1
        except (AnsweredMeanwhile, NotNow, NotFound) as error:
            refused.append((meeting_id, error))
    return done, refused


async def ask_again(store: Store, actor: Actor, meeting_id: str, version: int) -> Agreement:
    """The question once more, by who plans the meeting, after an answer that did not help; asked
    twice it is one. AnsweredMeanwhile, NotNow."""
    async with store.work(actor) as work:
        meeting = await work.meetings.hold(meeting_id)
        await rights.require_meeting(work, "schedule", meeting)
        known = await work.agreements.find(meeting_id)
        if known is None:
            raise NotFound
        if known.state == "asked" and known.version == version + 1:
            return known
        if known.version != version:
            raise AnsweredMeanwhile
        if meeting.status != "scheduled" or known.state not in pure.UNCONFIRMED - {"asked"}:
            raise NotNow
        asking = await _asking(work, meeting)
        if asking is None:
            raise NotNow
        again = pure.asked_anew(known, asking)
        await _keep(work, known, again)
        await _note(work, again, "asked")
    return again


async def set_rule(store: Store, actor: Actor, unit_id: str, wanted: Rule | None) -> None:
    """Who confirms what the unit hosts, and units below it; None: as the units above have it.

    By who administers the unit; where somebody has to be asked already, by who administers the
    unit above that says so, or the centre: else whoever is to ask could say that they need not.
    FieldErrors (`centre_id`, `days`).
    """
    async with store.work(actor) as work:
        path = [unit.id for unit in await rights.path_to(work, unit_id, actor.today)]
        if not path:
            raise NotFound
        rules = await work.agreements.rules(path)
        await rights.require_reach(work, "edit_units", unit_id)
        await rights.require(work, "edit_units", keeper(path, rules))
        if wanted is not None:
            _check_rule(wanted, path)
            await work.agreements.put_rule(wanted)
        else:
            await work.agreements.drop_rule(unit_id)
        changed = _rule_changes(rules.get(unit_id), wanted)
        if changed:
            await work.audit("agreement.rule", subject=unit_id, changes=changed)
            await work.jobs.add(new_id(), RULES_JOB, {"after": ""}, actor.now, None)


def keeper(path: Sequence[str], rules: Mapping[str, Rule]) -> str:
    """Id of the unit whose administrators change the rule of the one at the end of `path`."""
    above, own = rule_for(path[:-1], rules), rules.get(path[-1])
    if above is not None:
        return above.unit_id
    return own.centre_id if own is not None and own.centre_id else path[-1]


async def see_to(work: Work, meeting_id: str) -> None:
    """In a work of the house: the centre is reminded, or has not answered in time, which holds
    nobody up."""
    await rights.require_the_house(work)
    meeting = await work.meetings.hold(meeting_id)
    known, now = await work.agreements.find(meeting_id), work.actor.now
    if known is None or known.state != "asked":
        return
    if known.due_at <= now:
        lapsed = pure.stepped(known, "lapse")
        await _keep(work, known, lapsed)
        await _note(work, lapsed, "lapsed")
        await _release(work, lapsed, meeting)
    elif known.remind_at <= now and known.reminded_at is None:
        await work.agreements.note_reminder(meeting_id, now)
        await _note(work, known, "reminded")


async def follow_moves(work: Work, plan: UnitPlan) -> None:
    """Units come below others by this plan: from the day on, their open questions are put to
    whoever confirms there. What was confirmed stays so, as where a rule changes."""
    now = work.actor.now
    days = {one.since or one.corrects for one in plan.changes if one.parent_id is not None}
    if not days or not await work.agreements.is_anybody_asked():
        return
    for day in days:
        begins = dt.datetime.combine(day, dt.time(), now.tzinfo)
        await work.jobs.add(new_id(), RULES_JOB, {"after": ""}, now, max(begins, now))


async def follow_rule(work: Work, meeting_id: str) -> None:
    """In a work of the house: a question that is open follows the rule as it is now: it is taken
    back where nobody has to be asked any more, and put to whoever confirms now."""
    await rights.require_the_house(work)
    meeting = await work.meetings.hold(meeting_id)
    known = await work.agreements.find(meeting_id)
    if known is None or known.state not in pure.UNCONFIRMED or meeting.status != "scheduled":
        return
    asking = await _asking(work, meeting)
    if asking is not None and asking.centre_id == known.centre_id:
        return
    found = pure.put_to(known, asking)
    await _keep(work, known, found)
    await _note(work, found, found.state)
    await _release(work, found, meeting)


async def _asking(work: Work, meeting: Meeting) -> Agreement | None:
    """The question as it would be put now; None: nobody has to be asked."""
    now = work.actor.now
    begins = meeting.next_begin(now)
    if begins is None:
        return None
    path = [one.id for one in await rights.path_to(work, meeting.host_unit_id, work.actor.today)]
    rule = rule_for(path, await work.agreements.rules(path))
    if rule is None or rule.centre_id is None:
        return None
    calendar = await work.special_days.calendar()
    zone = now.tzinfo or dt.UTC
    remind_at, due_at = deadline(now, begins, rule.days, calendar, zone)
    return Agreement(
        meeting.id,
        rule.centre_id,
        meeting.starts_at,
        meeting.ends_at,
        now,
        due_at,
        remind_at,
        work.actor.account_id,
    )


async def _keep(work: Work, known: Agreement | None, found: Agreement) -> None:
    if known is None:
        await work.agreements.add(found)
    else:
        await work.agreements.update(found)


async def _release(work: Work, agreement: Agreement, meeting: Meeting) -> None:
    if not agreement.holds_links:
        await work.links.ensure(meeting, meeting.ends_at + OPEN_AFTER_END)


async def _note(work: Work, agreement: Agreement, what: str, reason: str | None = None) -> None:
    """One line on record, and told to whom it concerns. An answer has a reason, or none; whatever
    else is noted names the centre."""
    await work.audit(
        f"agreement.{what}",
        subject=agreement.meeting_id,
        detail=agreement.centre_id if reason is None else reason,
        changes=_changes(agreement),
    )
    news = AgreementNews(agreement.meeting_id, what, agreement.centre_id)
    await work.tell(AGREEMENTS_TOPIC, news)
    if is_mailed(what):
        step = {"meeting_id": agreement.meeting_id, "version": agreement.version, "what": what}
        job_id = part_id(f"notices {agreement.meeting_id}", f"{agreement.version} {what}")
        by = {"by": work.actor.account_id}
        await work.jobs.add(job_id, NOTICES_JOB, step | by, work.actor.now, None)


def _changes(agreement: Agreement) -> Changes:
    """Of a proposal: the time that was asked for, and the one that is proposed."""
    proposed = pure.proposed_span(agreement)
    if agreement.state != "proposed" or proposed is None:
        return {}
    asked = agreement.starts_at, agreement.ends_at
    both = zip(("starts_at", "ends_at"), asked, proposed, strict=True)
    return {name: (_moment(old), _moment(new)) for name, old, new in both}


def _rule_changes(old: Rule | None, new: Rule | None) -> Changes:
    """`mode`: above (as the units above have it), off, on."""
    before, after = ({"mode": _mode(one), **_told(one)} for one in (old, new))
    return {
        name: (before.get(name), after.get(name))
        for name in ("mode", "centre_id", "days")
        if before.get(name) != after.get(name)
    }


def _mode(rule: Rule | None) -> str:
    if rule is None:
        return "above"
    return "on" if rule.centre_id else "off"


def _told(rule: Rule | None) -> dict[str, object]:
    on = rule is not None and rule.centre_id
    return {"centre_id": rule.centre_id, "days": rule.days} if rule is not None and on else {}


def _check_rule(rule: Rule, path: Sequence[str]) -> None:
    errors: dict[str, ConfhubError] = {}
    if rule.centre_id is not None and rule.centre_id not in path:
        errors["centre_id"] = BadInput(_NOT_ABOVE)
    if not 1 <= rule.days <= MOST_DAYS:
        errors["days"] = BadInput(_DAYS, values={"most": MOST_DAYS})
    if errors:
        raise FieldErrors(errors)


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
