"""A meeting's papers as pages list them, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.papers.reading import papers_for, papers_for_site
from confhub.errors import N_
from confhub.meetings.meeting import Meeting
from confhub.papers.paper import MB, Paper, Shown, Version
from confhub.units.unit import Level
from web.meetings.access import Seen
from web.rendering.pages import formats, language_of, words
from web.requests.auth import local_date
from web.services import SERVICES

_KB = 1024
_TO_ALL = N_("Tất cả điểm cầu")
_TO_LEVELS = N_("Chỉ cấp: %(levels)s")
_TO_HOST = N_("Chỉ thư ký")


@dataclass(frozen=True, slots=True)
class PaperLine:
    """`opened`: how many opened the latest version; None where that is not for the viewer."""

    paper: Paper
    address: str
    size: str
    shown: str = ""
    opened: int | None = None

    @property
    def version(self) -> Version:
        return self.paper.latest


@dataclass(frozen=True, slots=True)
class PaperCard:
    """On a meeting's page."""

    lines: Sequence[PaperLine]
    page: str
    may_change: bool


async def card_of(request: web.Request, seen: Seen) -> PaperCard | None:
    """None: there is nothing to show."""
    store = request.app[SERVICES].store
    papers = await papers_for(store, seen.viewer, seen.meeting, local_date(request))
    if not papers and not (seen.may_change and seen.meeting.status != "cancelled"):
        return None
    base = f"/meetings/{seen.meeting.id}"
    lines = [line_of(request, one, base) for one in papers]
    return PaperCard(lines, f"{base}/papers", seen.may_change)


async def site_lines(
    request: web.Request, meeting: Meeting, site_id: str, base: str
) -> Sequence[PaperLine]:
    """What a site may read, with addresses below `base`."""
    store = request.app[SERVICES].store
    papers = await papers_for_site(store, site_id, meeting, local_date(request))
    return [line_of(request, one, base) for one in papers]


def line_of(
    request: web.Request,
    paper: Paper,
    base: str,
    levels: Sequence[Level] = (),
    opened: Mapping[str, int] | None = None,
) -> PaperLine:
    latest = paper.latest
    return PaperLine(
        paper,
        address_of(base, latest),
        said_size(request, latest.size),
        said_shown(request, paper.shown, levels) if opened is not None else "",
        None if opened is None else opened.get(latest.id, 0),
    )


def address_of(base: str, version: Version) -> str:
    return f"{base}/papers/{version.paper_id}/files/{version.number}"


def said_size(request: web.Request, size: int) -> str:
    """1,5 MB; below a megabyte in KB."""
    if size >= MB:
        return f"{formats(request).decimal(size / MB, 1)} MB"
    return f"{max(1, round(size / _KB))} KB"


def said_shown(request: web.Request, shown: Shown, levels: Sequence[Level]) -> str:
    gettext = words(request).gettext
    if shown.to == "all":
        return gettext(_TO_ALL)
    if shown.to == "host":
        return gettext(_TO_HOST)
    english = language_of(request) == "en"
    names = [one.name_en if english else one.name for one in levels if one.id in shown.levels]
    return gettext(_TO_LEVELS) % {"levels": ", ".join(names)}
