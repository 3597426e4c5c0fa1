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


async def issue_letters(services: Services, meeting_id: str) -> None:
    """Two letters of a meeting, the second in the place of the first."""
    actor = Actor(services.clock().astimezone(services.zone))
    letter = Wanted(msgspec.structs.replace(TYPED, number=""), (), press.template("letter-1"))
    first = await issue(services.store, actor, "letter-0", meeting_id, letter)
    typed = msgspec.structs.replace(letter.typed, closing=f"Thay thế Giấy mời số {first.said}.")
    letter = dataclasses.replace(letter, typed=typed, corrects=first.id)
    await issue(services.store, actor, "letter-1", meeting_id, letter)
