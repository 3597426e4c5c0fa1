"""What each site of a meeting is to be told, compared with what it was told: in pieces, by a job.

Whoever plans holds the meeting, so that no two do at once; what was planned is not planned again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from confhub.desks import rights
from confhub.desks.mail.about import letter_about
from confhub.desks.mail.sending import mail_id
from confhub.identity import part_id
from confhub.mail.letter import Letter, Mail, kind_of, same_news
from confhub.meetings.meeting import JoinLink, Meeting
from confhub.store import Work


async def plan(work: Work, meeting_id: str, after: str, limit: int, early_min: int) -> str:
    """Mails for the sites behind `after`, at most so many sites; where to go on, or empty.

    `early_min`: how long before the start the doors open.
    """
    await rights.require_the_house(work)
    mailing = await work.mail.mailing(meeting_id)
    if mailing is None:
        return ""
    meeting = await work.meetings.hold(meeting_id)
    invited = {*meeting.sites, meeting.chair_site_id}
    told = await work.mail.sites_told(meeting_id, after, limit)
    site_ids = sorted({*told, *(one for one in invited if one > after)})[:limit]
    letter = await _letter(work, meeting, mailing.origin, early_min)
    await _tell(work, letter, site_ids, invited)
    return site_ids[-1] if len(site_ids) == limit else ""


async def _letter(work: Work, meeting: Meeting, origin: str, early_min: int) -> Letter:
    """As it was told first at this version, where it was."""
    letter_id = part_id(f"letter {meeting.id} {origin}", str(meeting.version))
    known = await work.mail.letters([letter_id])
    if letter_id in known:
        return known[letter_id]
    letter = await letter_about(
        work,
        meeting,
        work.actor.now,
        letter_id=letter_id,
        origin=origin,
        early_min=early_min,
    )
    await work.mail.add_letter(letter)
    return letter


async def _tell(
    work: Work, letter: Letter, site_ids: Sequence[str], invited: Collection[str]
) -> None:
    meeting_id = letter.meeting.id
    sites = {site.id: site for site in await work.sites.get_many(site_ids)}
    links = await work.links.living(meeting_id, site_ids)
    mails = await work.mail.of_sites(meeting_id, site_ids)
    used = {mail.letter_id for rows in mails.values() for mail in rows}
    letters = {letter.id: letter} | await work.mail.letters(used)
    new: list[Mail] = []
    obsolete: list[str] = []
    for site_id in site_ids:
        rows = mails.get(site_id, [])
        if site_id not in sites or not (sites[site_id].email or rows):
            continue
        link = links.get(site_id)
        next_mail, waiting = _next(
            letter, letters, link, rows, site_id, is_invited=site_id in invited
        )
        obsolete += waiting
        if next_mail is not None:
            new.append(replace(next_mail, made_at=work.actor.now, next_at=work.actor.now))
    await work.mail.drop(obsolete, work.actor.now)
    await work.mail.add_many(new)


def _next(
    letter: Letter,
    letters: Mapping[str, Letter],
    link: JoinLink | None,
    rows: Sequence[Mail],
    site_id: str,
    *,
    is_invited: bool,
) -> tuple[Mail | None, list[str]]:
    """What is to be told, and which mails that wait say something else. `rows`: the last first."""
    last = next((mail for mail in rows if mail.may_have_arrived), None)
    known = (last, letters[last.letter_id]) if last is not None else None
    link_id = link.id if link is not None else ""
    kind = kind_of(letter, link_id, known, invited=is_invited)
    waiting = [mail for mail in rows if mail.state == "waiting"]
    newest = next((mail for mail in rows if mail.state != "dropped"), None)
    says_so = False
    if kind is None:
        return None, [mail.id for mail in waiting if mail is not last]
    link_id = link_id or (last.link_id if last is not None else "")
    if newest is not None and newest is not last:
        told = letters[newest.letter_id]
        says_so = same_news(newest, told, kind, link_id, letter)
    if says_so:  # be it that it waits, or that it was refused
        return None, [mail.id for mail in waiting if mail is not newest]
    number = rows[0].number + 1 if rows else 1
    made = Mail(
        id=mail_id(letter.meeting.id, site_id, number),
        meeting_id=letter.meeting.id,
        site_id=site_id,
        number=number,
        kind=kind,
        letter_id=letter.id,
        link_id=link_id,
        made_at=letter.made_at,
        next_at=letter.made_at,
        before_id=known[1].id if known is not None and not known[0].parts else None,
    )
    return made, [mail.id for mail in waiting]
