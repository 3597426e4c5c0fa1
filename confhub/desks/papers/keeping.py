"""Use cases of papers that are there: who may read them, their removal, who opened them."""

from __future__ import annotations

from confhub.desks import rights
from confhub.desks.papers.reading import find, find_version, papers_for, papers_for_site
from confhub.meetings.admission import check_link
from confhub.papers.paper import Opening, Paper, Shown, Version, check_shown
from confhub.people.actor import Actor
from confhub.store import Store, Work


async def show(store: Store, actor: Actor, meeting_id: str, paper_id: str, shown: Shown) -> None:
    """By who may change the meeting. FieldErrors (`levels`)."""
    async with store.work(actor) as work:
        paper = await _held(work, meeting_id, paper_id)
        checked = check_shown(shown, [level.id for level in await work.units.levels()])
        if checked == paper.shown:
            return
        await work.papers.show(paper.id, checked)
        changes = {
            "shown_to": (paper.shown.to, checked.to),
            "levels": (list(paper.shown.levels), list(checked.levels)),
        }
        subject = {"subject": meeting_id, "detail": paper.latest.name}
        await work.audit("paper.shown", **subject, changes=changes)


async def remove(store: Store, actor: Actor, meeting_id: str, paper_id: str) -> None:
    """With all its versions, for good; by who may change the meeting."""
    async with store.work(actor) as work:
        paper = await _held(work, meeting_id, paper_id)
        await work.papers.remove([paper.id])
        changes = {"digests": ([one.digest for one in paper.versions], None)}
        subject = {"subject": meeting_id, "detail": paper.latest.name}
        await work.audit("paper.removed", **subject, changes=changes)


async def open_version(
    store: Store,
    actor: Actor,
    meeting_id: str,
    paper_id: str,
    number: int,
    *,
    goes_on: bool = False,
) -> Version:
    """To be handed over, which is noted; NotFound for who may not read it. A part that `goes_on`
    is of an opening before, and is one itself only where there is none."""
    async with store.work(actor) as work:
        meeting = await work.meetings.get(meeting_id)
        papers = await papers_for(work, await rights.mine(work), meeting, actor.today)
        return await _opened(work, find(papers, paper_id), number, "", goes_on=goes_on)


async def open_version_by_link(
    store: Store,
    actor: Actor,
    link_id: str,
    paper_id: str,
    number: int,
    *,
    goes_on: bool = False,
) -> Version:
    """As `open_version`, by whoever holds the site's link; Gone as it is."""
    async with store.work(actor) as work:
        link = await work.links.get(link_id)
        meeting = await work.meetings.get(link.meeting_id)
        check_link(link, meeting)
        papers = await papers_for_site(work, link.site_id, meeting, actor.today)
        paper = find(papers, paper_id)
        return await _opened(work, paper, number, link.site_id, goes_on=goes_on)


async def _opened(work: Work, paper: Paper, number: int, site_id: str, *, goes_on: bool) -> Version:
    version = find_version(paper, number)
    actor = work.actor
    by = "" if site_id else actor.account_id
    opening = Opening(version.id, by, site_id, actor.address, actor.now, actor.now, 1)
    await work.papers.note_opening(opening, goes_on=goes_on)
    return version


async def _held(work: Work, meeting_id: str, paper_id: str) -> Paper:
    meeting = await work.meetings.hold(meeting_id)
    await rights.require_meeting(work, "schedule", meeting)
    return await work.papers.get(meeting_id, paper_id)
