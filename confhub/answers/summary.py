"""How the sites of a meeting have answered, counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from confhub.answers.answer import Answer
from confhub.meetings.meeting import Meeting

# again: it answered, and the meeting moved since; silent: it did not answer.
Standing = Literal["attending", "declined", "unsure", "again", "silent"]


@dataclass(frozen=True, slots=True)
class Summary:
    """So many sites of `total`; `substitutes` are among those that attend."""

    total: int
    attending: int
    substitutes: int
    declined: int
    unsure: int
    again: int
    silent: int


def standing_of(answer: Answer | None, meeting: Meeting) -> Standing:
    if answer is None:
        return "silent"
    return answer.given.state if answer.is_for(meeting) else "again"


def is_awaited(answer: Answer | None, meeting: Meeting) -> bool:
    """Whether a site is still to answer, for the first time or anew."""
    return standing_of(answer, meeting) in ("silent", "again")


def summed(answers: Mapping[str, Answer], site_ids: Collection[str], meeting: Meeting) -> Summary:
    """Of these sites, each counted once; `answers` by site."""
    ids = set(site_ids)
    counts = Counter(standing_of(answers.get(one), meeting) for one in ids)
    substitutes = sum(
        one.given.has_substitute and one.is_for(meeting)
        for site_id, one in answers.items()
        if site_id in ids
    )
    return Summary(
        len(ids),
        counts["attending"],
        substitutes,
        counts["declined"],
        counts["unsure"],
        counts["again"],
        counts["silent"],
    )
