"""What tests of pages find of letters."""

from __future__ import annotations

import dataclasses

import msgspec

from confhub.desks.letters.issuing import issue
from confhub.letters import press
from confhub.letters.issued import Wanted
from confhub.people.actor import Actor
from tests.confhub.letters.samples import TYPED
from web.services import Services

# By route: who looks, and at which addresses.
LETTER_PAGES = {
    "/units/{unit_id}/letterhead": ("admin.dien-bien", ("/units/nam-po/letterhead",)),
    "/units/{unit_id}/letters": (
        "admin.dien-bien",
        ("/units/nam-po/letters", "/units/dien-bien/letters"),
    ),
    "/meetings/{meeting_id}/letter": (
        "secretary.nam-po",
        ("/meetings/early/letter", "/meetings/early/letter?corrects=letter-1"),
    ),
}


async def issue_letters(services: Services, meeting_id: str) -> None:
    """Two letters of a meeting, the second in the place of the first."""
    actor = Actor(services.clock().astimezone(services.zone))
    letter = Wanted(msgspec.structs.replace(TYPED, number=""), (), press.template("letter-1"))
    first = await issue(services.store, actor, "letter-0", meeting_id, letter)
    typed = msgspec.structs.replace(letter.typed, closing=f"Thay thế Giấy mời số {first.said}.")
    letter = dataclasses.replace(letter, typed=typed, corrects=first.id)
    await issue(services.store, actor, "letter-1", meeting_id, letter)
