"""Which of a meeting's papers somebody may read: asked by pages, and within use cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from confhub.desks import rights
from confhub.desks.rights import Sight
from confhub.errors import NotFound
from confhub.meetings.meeting import Meeting
from confhub.papers.paper import Paper, Reader, Version, may_read
from confhub.people.powers import Powers
from confhub.store.repositories import Repositories


async def papers_for(
    record: Repositories, powers: Powers, meeting: Meeting, on: dt.date
) -> Sequence[Paper]:
    """Those that the holder of `powers` may read, as `_as_read`; NotFound as `rights.see`."""
    sight = await rights.see(record, powers, meeting, on)
    papers = await record.papers.of_meeting(meeting.id)
    if not papers:
        return ()
    reader = await _reader(record, powers, sight, papers, on)
    if meeting.status == "cancelled" and not reader.may_change:
        return ()
    return _as_read(papers, reader)


async def papers_for_site(
    record: Repositories, site_id: str, meeting: Meeting, on: dt.date
) -> Sequence[Paper]:
    """Those that a site of the meeting may read, as `_as_read`; it is asked before whether somebody
    is it."""
    if meeting.status in ("draft", "cancelled"):
        return ()
    papers = await record.papers.of_meeting(meeting.id)
    levels = frozenset[str]()
    if any(one.shown.to == "levels" for one in papers):
        levels = await _levels(record, [site_id], on)
    return _as_read(papers, Reader(levels))


def find(papers: Sequence[Paper], paper_id: str) -> Paper:
    """NotFound also for one that is not for them."""
    for one in papers:
        if one.id == paper_id:
            return one
    raise NotFound


def find_version(paper: Paper, number: int) -> Version:
    """NotFound as `find`."""
    for one in paper.versions:
        if one.number == number:
            return one
    raise NotFound


def _as_read(papers: Sequence[Paper], reader: Reader) -> Sequence[Paper]:
    """What was replaced, maybe because nobody was to read it, is for who may change it alone."""
    readable = [one for one in papers if may_read(one.shown, reader)]
    if reader.may_change:
        return readable
    return [replace(one, versions=(one.latest,)) for one in readable]


async def _reader(
    record: Repositories, powers: Powers, sight: Sight, papers: Sequence[Paper], on: dt.date
) -> Reader:
    may_change = powers.may("schedule", sight.host_path)
    is_officer = powers.may("see_links", sight.host_path)
    levels = frozenset[str]()
    if not is_officer and any(one.shown.to == "levels" for one in papers):
        levels = await _levels(record, sight.own_sites, on)
    return Reader(levels, may_change, is_officer)


async def _levels(record: Repositories, site_ids: Collection[str], on: dt.date) -> frozenset[str]:
    units = {site.unit_id for site in await record.sites.get_many(site_ids)}
    return frozenset(unit.level_id for unit in await record.units.get_many(units, on, ended=True))
