"""What can be asked next of what an answer tells: links of OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping

Links = Mapping[str, Mapping[str, object]]

_ONE = "api_v1_meetings_meeting_id"


def links_of(place: str, *, with_acts: bool = True) -> Links:
    """Of a meeting whose id stands there in the answer; acts where the answer has its ETag."""
    reads = {"Read": f"get_{_ONE}", "Attendance": f"get_{_ONE}_attendance"}
    reads |= {"Answers": f"get_{_ONE}_answers", "Links": f"get_{_ONE}_links"}
    found = {
        name: {"operationId": to, "parameters": {"meeting_id": place}} for name, to in reads.items()
    }
    if with_acts:
        acts = {"Change": f"patch_{_ONE}"}
        acts |= {name: f"post_{_ONE}_{name.lower()}" for name in ("Postpone", "Cancel", "Invite")}
        named = {"meeting_id": place, "If-Match": "$response.header.ETag"}
        found |= {name: {"operationId": to, "parameters": named} for name, to in acts.items()}
    return found
