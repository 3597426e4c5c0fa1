"""What can be asked next of what an answer tells: links of OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping

Links = Mapping[str, Mapping[str, object]]

_ONE = "api_v1_meetings_meeting_id"


def links_of(place: str) -> Links:
    """Of a meeting whose id stands there in the answer, which has its ETag."""
    reads = {"Read": f"get_{_ONE}", "Attendance": f"get_{_ONE}_attendance"}
    reads |= {"Answers": f"get_{_ONE}_answers", "Links": f"get_{_ONE}_links"}
    acts = {"Change": f"patch_{_ONE}"}
    acts |= {name: f"post_{_ONE}_{name.lower()}" for name in ("Postpone", "Cancel", "Invite")}
    named = {"meeting_id": place}
    tagged = {**named, "If-Match": "$response.header.ETag"}
    return {name: {"operationId": to, "parameters": named} for name, to in reads.items()} | {
        name: {"operationId": to, "parameters": tagged} for name, to in acts.items()
    }
