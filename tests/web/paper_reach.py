"""Who may reach the papers of meetings: no paper was sent, and none is on its way."""

from __future__ import annotations

from tests.web.reach_rules import Rule, changes, nowhere, of_meetings
from tests.web.reach_world import World

LIST = "/meetings/{meeting_id}/papers"
ONE = f"{LIST}/{{paper_id}}"
NONE = "/meetings/none/papers/none"
PAPER_RULES: dict[tuple[str, str], Rule] = {
    ("GET", LIST): of_meetings(World.sees, "/meetings/{}/papers"),
    ("GET", ONE): nowhere(NONE),
    ("POST", ONE): nowhere(NONE),
    ("POST", f"{ONE}/remove"): nowhere(f"{NONE}/remove"),
    ("GET", f"{ONE}/files/{{number}}"): nowhere(f"{NONE}/files/1"),
    ("POST", f"/api{LIST}"): of_meetings(changes, "/api/meetings/{}/papers"),
    ("GET", "/api/papers/{upload_id}"): nowhere("/api/papers/none"),
    ("PATCH", "/api/papers/{upload_id}"): nowhere("/api/papers/none"),
    ("DELETE", "/api/papers/{upload_id}"): nowhere("/api/papers/none"),
}
