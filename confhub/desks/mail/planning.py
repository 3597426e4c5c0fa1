"""What each site of a meeting is to be told, compared with what it was told: in pieces, by a job.

Whoever plans holds the meeting, so that no two do at once; what was planned is not planned again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from confhub.answers.summary import is_awaited
from confhub.desks import rights
from confhub.desks.mail.about import letter_about, paper_of
from confhub.identity import part_id
from confhub.mail.letter import (
    Letter,
    Mail,
    kind_of,
    letter_id,
    may_be_repeated,
    reads_alike,
    same_news,
)
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.store import Work

# Whoever plans a meeting changes it some times before it stands. What comes after so many mails of
# it to a site within the pause waits for the end of that, and of what waits only the last is told;
# that a meeting is off is told at once.
MOST_WITHIN = 5
PAUSE = dt.timedelta(minutes=10)
# Who heard of the meeting just now is not reminded of it.
JUST_NOW = dt.timedelta(hours=1)


async def plan(work: Work, meeting_id: str, after: str, limit: int, early_min: int) -> str:
    """Mails for the sites behind `after`, at most so many sites; where to go on, or empty.

    `early_min`: how long before the start the doors open.
    """
    await rights.require_the_house(work)
    mailing = await work.mail.mailing(meeting_id)
    if mailing is None:
        return ""
    meeting = await work.meetings.hold(meeting_id)
    told = await work.mail.sites_told(meeting_id, after, limit)
    site_ids = sorted({*told, *(one for one in meeting.invited if one > after)})[:limit]
    letter = await _letter(work, meeting, mailing.origin, early_min)
    await _tell(work, letter, site_ids, meeting.invited)
    return site_ids[-1] if len(site_ids) == limit else ""


async def plan_again(work: Work, meeting: Meeting, site_ids: Sequence[str], early_min: int) -> int:
    """Mails for these sites also where the last one was refused or, as far as is known, arrived;
    how many. None for a site that is to know nothing of the meeting by now. The meeting is held;
    no mail of these sites waits."""
    letter = await _letter_for(work, meeting, site_ids, early_min)
    if letter is None:
        return 0
    return await _tell(work, letter, site_ids, meeting.invited, again=True)


async def plan_reminders(
    work: Work, meeting: Meeting, site_ids: Sequence[str], early_min: int
) -> int:
    """Mails for these sites, which did not answer: that they are waited for, or what they are to
    know first. How many are told anything; none where the links were not sent out by mail. Within a
    work that holds the meeting."""
    letter = await _letter_for(work, meeting, site_ids, early_min)
    if letter is None:
        return 0
    heard_before = work.actor.now - JUST_NOW
    return await _tell(work, letter, site_ids, meeting.invited, heard_before=heard_before)


async def _letter_for(
    work: Work, meeting: Meeting, site_ids: Sequence[str], early_min: int
) -> Letter | None:
    """None where there is nobody to tell, or nothing is told by mail."""
    mailing = await work.mail.mailing(meeting.id) if site_ids else None
    return await _letter(work, meeting, mailing.origin, early_min) if mailing else None


async def _letter(work: Work, meeting: Meeting, origin: str, early_min: int) -> Letter:
    """As it was told first at this version, with this official letter, where it was."""
    paper = await paper_of(work, meeting)
    own_id = letter_id(meeting.id, origin, meeting.version, paper)
    known = await work.mail.letters([own_id])
    if own_id in known:
        return known[own_id]
    letter = await letter_about(
        work,
        meeting,
        work.actor.now,
        letter_id=own_id,
        origin=origin,
        early_min=early_min,
        paper=paper,
    )
    await work.mail.add_letter(letter)
    return letter


async def _tell(
    work: Work,
    letter: Letter,
    site_ids: Sequence[str],
    invited: Collection[str],
    *,
    again: bool = False,
    heard_before: dt.datetime | None = None,
) -> int:
    """How many are told anything; as _To has it."""
    meeting_id = letter.meeting.id
    sites = {site.id: site for site in await work.sites.get_many(site_ids)}
    links = await work.links.living(meeting_id, site_ids)
    mails = await work.mail.hold_of_sites(meeting_id, site_ids)
    used = {mail.letter_id for rows in mails.values() for mail in rows}
    letters = {letter.id: letter} | await work.mail.letters(used)
    answers = await work.answers.of_sites(meeting_id, site_ids)
    now = work.actor.now
    often = await work.mail.often_told(meeting_id, site_ids, now - PAUSE, MOST_WITHIN)
    new: list[Mail] = []
    obsolete: list[str] = []
    for site_id in site_ids:
        rows = mails.get(site_id, [])
        if site_id not in sites or not (sites[site_id].email or rows):
            continue
        is_invited, link = site_id in invited, links.get(site_id)
        awaited = site_id != letter.meeting.chair_site_id and is_awaited(
            answers.get(site_id), letter.meeting
        )
        to = _To(site_id, rows, link, is_invited, awaited, again, heard_before)
        next_mail, waiting = _next(letter, letters, to)
        obsolete += waiting
        if next_mail is not None:
            waits = site_id in often and next_mail.kind != "cancel"
            next_at = often[site_id] + PAUSE if waits else now
            new.append(replace(next_mail, made_at=now, next_at=next_at))
    await work.mail.drop(obsolete, now)
    await work.mail.add_many(new)
    return len(new)


@dataclass(frozen=True, slots=True)
class _To:
    """A site, and what it was told: the last first. `is_awaited`: it is to answer still. `again`:
    whether that arrived or not; `heard_before`: it is reminded if that arrived by then, None: it is
    not."""

    site_id: str
    rows: Sequence[Mail]
    link: JoinLink | None  # that lives
    is_invited: bool
    is_awaited: bool
    again: bool
    heard_before: dt.datetime | None

    @property
    def last(self) -> Mail | None:
        """Of which it may know."""
        return next((mail for mail in self.rows if mail.may_have_arrived), None)

    @property
    def ahead(self) -> Mail | None:
        """The newest that did not arrive: it waits, or was refused."""
        after = self.last.number if self.last is not None else 0
        found = (mail for mail in self.rows if mail.number > after and mail.state != "dropped")
        return next(found, None)


def _next(letter: Letter, letters: Mapping[str, Letter], to: _To) -> tuple[Mail | None, list[str]]:
    """What is to be told, and which mails that wait say something else."""
    last, ahead = to.last, to.ahead
    known = (last, letters[last.letter_id]) if last is not None else None
    link_id = to.link.id if to.link is not None else ""
    kind = kind_of(letter, link_id, known, invited=to.is_invited, answered=not to.is_awaited)
    before_id = known[1].id if known is not None and not known[0].parts else None
    waiting = [mail for mail in to.rows if mail.state == "waiting"]
    if kind is None and last is not None and _is_to_be_reminded(to, last, ahead, letter):
        kind, before_id = "remind", None
    elif kind is None and last is not None and _is_asked_for(to, last, ahead, letter):
        kind, before_id = last.kind, last.before_id
    if kind is None:
        return None, [mail.id for mail in waiting if mail is not last]
    link_id = link_id or (last.link_id if last is not None else "")
    if ahead is not None and same_news(ahead, letters[ahead.letter_id], kind, link_id, letter):
        is_waiting = ahead.state == "waiting"
        as_it_is = is_waiting and reads_alike(letters[ahead.letter_id], letter)
        if as_it_is or not (is_waiting or to.again):  # it waits, or was refused
            return None, [mail.id for mail in waiting if mail is not ahead]
    number = to.rows[0].number + 1 if to.rows else 1
    made = Mail(
        id=_mail_id(letter.meeting.id, to.site_id, number),
        meeting_id=letter.meeting.id,
        site_id=to.site_id,
        number=number,
        kind=kind,
        letter_id=letter.id,
        link_id=link_id,
        made_at=letter.made_at,
        next_at=letter.made_at,
        before_id=before_id,
    )
    return made, [mail.id for mail in waiting]


def _is_to_be_reminded(to: _To, last: Mail, ahead: Mail | None, letter: Letter) -> bool:
    """Whether there is nothing new, but the site is waited for, now or by a mail that waits."""
    if not to.is_invited or to.link is None or letter.meeting.status != "scheduled":
        return False
    if ahead is not None:
        return (ahead.kind, ahead.state) == ("remind", "waiting")
    if to.heard_before is None or last.settled_at is None or last.in_hand:
        return False
    return last.settled_at <= to.heard_before


def _is_asked_for(to: _To, last: Mail, ahead: Mail | None, letter: Letter) -> bool:
    """Whether there is nothing new, but somebody wants what the site was told told once more, now
    or by a mail that waits, and it is true still."""
    status, has_link = letter.meeting.status, to.link is not None
    if not to.is_invited or not may_be_repeated(last, status, has_link=has_link):
        return False
    if to.again:
        return True
    same = (last.kind, last.before_id, "waiting")
    return ahead is not None and (ahead.kind, ahead.before_id, ahead.state) == same


def _mail_id(meeting_id: str, site_id: str, number: int) -> str:
    return part_id(f"mail {meeting_id} {site_id}", str(number))
