"""The rows of the URL table for programs with access tokens (web/routes.py): /api/v1."""

from __future__ import annotations

from confhub.bucket import Rate
from confhub.people.api_token import Scope
from web.api.v1 import answering, meetings, planning, putting_off, registry
from web.api.v1 import sites_of_meetings as parts
from web.requests.route import LARGE, LONG_JSON, PAGE, TOKEN, Api, Handler, Route

# Another system copies a province's calendar in the night: some hundred pages of a list.
READS = Rate(5, 120)
# It takes over a plan of some hundred meetings in minutes; each is looked at for clashes.
WRITES = Rate(1, 60)
ONE = "/api/v1/meetings/{meeting_id}"
ANSWER = f"{ONE}/answers/{{site_id}}"
FILE = f"{ONE}/documents/{{paper_id}}/files/{{number}}"


def _read(path: str, handler: Handler, scope: Scope, api: Api) -> Route:
    return Route("GET", path, handler, TOKEN, scope=scope, pace=READS, costs=PAGE, api=api)


def _act(method: str, path: str, handler: Handler, scope: Scope, api: Api) -> Route:
    return Route(
        method,
        path,
        handler,
        TOKEN,
        scope=scope,
        body=LONG_JSON,
        pace=WRITES,
        costs=LARGE,
        api=api,
    )


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
    _read(ANSWER, answering.one_answer, "read_answers", answering.ONE_ANSWER),
    _act("PUT", ANSWER, answering.give, "write_answers", answering.GIVE),
    _act("POST", "/api/v1/meetings", planning.create, "write_meetings", planning.CREATE),
    _act("PATCH", ONE, planning.change, "write_meetings", planning.CHANGE),
    _act("POST", f"{ONE}/invite", planning.invite, "write_meetings", planning.INVITE),
    _act("POST", f"{ONE}/uninvite", planning.uninvite, "write_meetings", planning.UNINVITE),
    _act("POST", f"{ONE}/postpone", putting_off.postpone, "write_meetings", putting_off.POSTPONE),
    _act("POST", f"{ONE}/cancel", putting_off.cancel, "write_meetings", putting_off.CANCEL),
    _read(FILE, parts.file, "read_papers", parts.FILE),
)
