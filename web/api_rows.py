"""The rows of the URL table for programs with access tokens (web/routes.py): /api/v1."""

from __future__ import annotations

from confhub.bucket import Rate
from confhub.people.api_token import Scope
from web.api.v1 import meetings, registry
from web.api.v1 import sites_of_meetings as parts
from web.requests.route import PAGE, TOKEN, Api, Handler, Route

# Another system copies a province's calendar in the night: some hundred pages of a list.
READS = Rate(5, 120)
ONE = "/api/v1/meetings/{meeting_id}"
FILE = f"{ONE}/documents/{{paper_id}}/files/{{number}}"


def _read(path: str, handler: Handler, scope: Scope, api: Api) -> Route:
    return Route("GET", path, handler, TOKEN, scope=scope, pace=READS, costs=PAGE, api=api)


API_V1 = (
    _read("/api/v1/units", registry.units, "read_units", registry.UNITS),
    _read("/api/v1/units/{unit_id}", registry.one_unit, "read_units", registry.ONE_UNIT),
    _read("/api/v1/sites", registry.sites, "read_units", registry.SITES),
    _read("/api/v1/sites/{site_id}", registry.one_site, "read_units", registry.ONE_SITE),
    _read("/api/v1/meetings", meetings.meetings, "read_meetings", meetings.MEETINGS),
    _read(ONE, meetings.one_meeting, "read_meetings", meetings.ONE_MEETING),
    _read(f"{ONE}/attendance", parts.attendance, "read_meetings", parts.ATTENDANCE),
    _read(f"{ONE}/answers", parts.answers, "read_answers", parts.ANSWERS),
    _read(f"{ONE}/links", parts.links, "read_links", parts.LINKS),
    _read(f"{ONE}/documents", parts.documents, "read_papers", parts.DOCUMENTS),
    _read(FILE, parts.file, "read_papers", parts.FILE),
)
