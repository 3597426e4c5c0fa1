"""The rows of the URL table that are about papers of meetings (web/routes.py)."""

from __future__ import annotations

from confhub.bucket import Rate
from web.api import papers as uploads
from web.pages.papers import behind_link, files, one
from web.pages.papers import list as papers
from web.requests.route import PAGE, PUBLIC, SMALL, Route

LIST = "/meetings/{meeting_id}/papers"
ONE = f"{LIST}/{{paper_id}}"
LINKED = "/join/{token}/papers"
UPLOAD = "/api/papers/{upload_id}"
# A folder of fifty files is chosen at once; whoever begins uploads in a loop fills the table.
BEGUN = Rate(1, 60)
# A line that breaks every few seconds asks anew each time.
PIECES = Rate(10, 120)
# A player of PDF files asks for many small parts; a link is in the hands of a whole office.
PARTS = Rate(10, 200)

PAPERS = (
    Route("GET", LIST, papers.show),
    Route("GET", ONE, one.show),
    Route("POST", ONE, one.save),
    Route("POST", f"{ONE}/remove", one.remove),
    Route("GET", f"{ONE}/files/{{number}}", files.show, pace=PARTS, costs=PAGE),
    Route("GET", LINKED, behind_link.show, PUBLIC),
    Route(
        "GET",
        f"{LINKED}/{{paper_id}}/files/{{number}}",
        files.show_by_link,
        PUBLIC,
        pace=PARTS,
        costs=PAGE,
    ),
    Route(
        "POST",
        "/api/meetings/{meeting_id}/papers",
        uploads.begin,
        pace=BEGUN,
        costs=PAGE,
        api=uploads.BEGIN,
    ),
    Route("GET", UPLOAD, uploads.ask, pace=PIECES, costs=SMALL, api=uploads.ASKED),
    Route(
        "PATCH",
        UPLOAD,
        uploads.send,
        body=uploads.PIECE,
        pace=PIECES,
        costs=SMALL,
        api=uploads.SENT,
    ),
    Route("DELETE", UPLOAD, uploads.give_up, api=uploads.GIVEN_UP),
)
