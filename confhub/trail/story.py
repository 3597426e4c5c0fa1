"""Which acts belong to the history of which kind of thing. Pure.

An act names its subject by an id alone, and who signs in in vain writes what he likes there: only
the kind of act says what the id is of.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Thing = Literal["meeting", "account", "site", "unit"]

# Each with a dot at its end is the beginning of acts.
ACTS_ON: Mapping[Thing, tuple[str, ...]] = {
    "meeting": (
        "meeting.",
        "link.",
        "mail.sent_out",
        "mail.again",
        "mail.answered",
        "mail.automatic",
        "mail.came_back",
        "mail.posted",
        "mail.seen_to",
        "agreement.asked",
        "agreement.confirmed",
        "agreement.declined",
        "agreement.proposed",
        "agreement.accepted",
        "agreement.taken_back",
        "agreement.lapsed",
        "agreement.reminded",
        "answer.given",
        "letter.issued",
        "paper.",
        "whip.",
        "whep.",
        "attendance.",
    ),
    "account": ("account.", "grant.", "person.changed", "signin.ended"),
    "site": ("site.", "blocking."),
    "unit": ("unit.", "agreement.rule", "register.begun", "letterhead.kept", "token.", "blocking."),
}


@lru_cache(maxsize=512)  # all kinds of acts
def things_of(action: str) -> frozenset[Thing]:
    """What the subject of such an act may be."""
    return frozenset(
        thing
        for thing, acts in ACTS_ON.items()
        if any(action.startswith(one) if one.endswith(".") else action == one for one in acts)
    )
