"""What `make bench-pages` asks for: each page of the URL table, at the size of the country.

Addresses stand as in the table (web/routes.py). tests/test_docs.py compares them: a new page goes
into one of the two lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.country import Country


class Page(NamedTuple):
    """`who` asks: a role at the centre, `program` by its access token, or anybody. `path` may name
    what stands in `names_of`."""

    who: str
    path: str
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or self.path


MEETING, LINK = "/meetings/{meeting_id}", "/join/{token}"
UNIT, SITE, ACCOUNT = "/units/{unit_id}", "/sites/{site_id}", "/accounts/{account_id}"
V1 = "/api/v1"

PAGES = (
    Page("secretary", "/", "home"),
    Page("secretary", "/meetings", "meetings"),
    Page("secretary", "/meetings?view=week", "meetings of a week"),
    Page("secretary", "/meetings?q=m%C6%B0%E1%BB%9Dng", "meetings found"),
    Page("secretary", MEETING, "meeting"),
    Page("secretary", f"{MEETING}/links", "links"),
    Page("secretary", f"{MEETING}/edit", "meeting's form"),
    Page("secretary", f"{MEETING}/room", "meeting's room"),
    Page("secretary", "/api/units/tree", "picker: branch"),
    Page("secretary", "/api/units/search?q=nam+po", "picker: search"),
    Page("technician", "/sites", "sites"),
    Page("technician", "/sites?q=muong", "sites found"),
    Page("technician", "/sites?unit={unit_id}", "sites of a district"),
    Page("technician", SITE, "site"),
    Page("technician", "/units", "units"),
    Page("technician", "/units?q=muong", "units found"),
    Page("technician", UNIT, "unit"),
    Page("technician", "/board", "board"),
    Page("technician", "/board?q=muong", "board found"),
    Page("technician", "/board/sites/{site_id}", "board: site"),
    Page("admin", "/accounts", "accounts"),
    Page("admin", "/metrics", "metrics"),
    Page("secretary", "/search?q=muong+xa", "search"),
    Page("secretary", "/meetings?view=month", "meetings of a month"),
    Page("secretary", "/docs/api", "API for other systems"),
    Page("secretary", "/meetings/new"),
    Page("secretary", "/meetings/week"),
    Page("secretary", "/meetings/leaving"),
    Page("technician", "/meetings/asked"),
    Page("secretary", f"{MEETING}/history"),
    Page("secretary", f"{MEETING}/postpone"),
    Page("secretary", f"{MEETING}/cancel"),
    Page("secretary", f"{MEETING}/invitations"),
    Page("secretary", f"{MEETING}/invitations.csv"),
    Page("secretary", f"{MEETING}/letter"),
    Page("secretary", f"{MEETING}/answers"),
    Page("secretary", f"{MEETING}/answers.csv"),
    Page("secretary", f"{MEETING}/sites/{{site_id}}/answer"),
    Page("secretary", f"{MEETING}/papers"),
    Page("secretary", "/patterns"),
    Page("secretary", "/patterns/new"),
    Page("secretary", "/people"),
    Page("secretary", "/people/new"),
    Page("technician", "/blockings"),
    Page("technician", "/account"),
    Page("technician", "/account/feeds"),
    Page("technician", "/account/password"),
    Page("technician", "/sites/new"),
    Page("technician", "/sites/import"),
    Page("technician", f"{SITE}/edit"),
    Page("technician", f"{SITE}/history"),
    Page("admin", f"{UNIT}/history"),
    Page("technician", f"{UNIT}/rooms"),
    Page("technician", f"{UNIT}/line"),
    Page("admin", "/accounts/new"),
    Page("admin", "/accounts/import"),
    Page("admin", ACCOUNT),
    Page("admin", f"{ACCOUNT}/history"),
    Page("admin", f"{ACCOUNT}/password"),
    Page("admin", f"{ACCOUNT}/grants/new"),
    Page("admin", "/jobs"),
    Page("admin", "/working-days"),
    Page("admin", "/units/new"),
    Page("admin", "/units/import"),
    Page("admin", f"{UNIT}/agreement"),
    Page("admin", f"{UNIT}/letters"),
    Page("admin", f"{UNIT}/letterhead"),
    Page("admin", f"{UNIT}/tokens"),
    Page("admin", f"{UNIT}/rename"),
    Page("admin", f"{UNIT}/move"),
    Page("admin", f"{UNIT}/end"),
    Page("", "/signin"),
    Page("", LINK),
    Page("", f"{LINK}/answer"),
    Page("", f"{LINK}/papers"),
    Page("", "/public/units/{unit_id}"),
    Page("", "/public/units/{unit_id}/calendar.ics"),
    Page("", "/public/units/{unit_id}/meetings.json"),
    Page("", "/api/openapi.json"),
    Page("", f"{V1}/openapi.json"),
    Page("program", f"{V1}/units"),
    Page("program", f"{V1}/units/{{unit_id}}"),
    Page("program", f"{V1}/sites"),
    Page("program", f"{V1}/sites/{{site_id}}"),
    Page("program", f"{V1}/meetings"),
    Page("program", f"{V1}/meetings/{{meeting_id}}"),
    Page("program", f"{V1}/meetings/{{meeting_id}}/attendance"),
    Page("program", f"{V1}/meetings/{{meeting_id}}/answers"),
    Page("program", f"{V1}/meetings/{{meeting_id}}/answers/{{site_id}}"),
    Page("program", f"{V1}/meetings/{{meeting_id}}/links"),
    Page("program", f"{V1}/meetings/{{meeting_id}}/documents"),
)


# Not read in a page's time, or not there in the measured record, by a piece of their addresses.
NOT_MEASURED = (
    "/socket",  # they stay open
    "/stream",
    "/whip/",
    "/whep/",
    ".pdf",  # files for an office or a printer, made one at a time
    ".docx",
    "/record.{form}",
    "/template.csv",  # a line
    "/healthz",
    "/readyz",
    "/api/site-lists",
    # One thing each, of which the record has none.
    *("{paper_id}", "{upload_id}", "{letter_id}", "{pattern_id}", "{blocking_id}", "{person_id}"),
    *("{grant_id}", "{link_id}", "{series_id}", "/calendar/{secret}", "{meeting_id}/answer$"),
)


def names_of(country: Country) -> Mapping[str, str]:
    """What stands in the addresses."""
    return {
        "meeting_id": country.large_meeting,
        "site_id": country.a_site,
        "unit_id": country.a_district,
        "account_id": country.an_account,
        "token": country.seats[0],
    }
