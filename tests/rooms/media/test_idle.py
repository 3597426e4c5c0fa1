"""How long a conference is remembered in which nobody is."""

from __future__ import annotations

import time

from rooms.media.conference import IDLE_AFTER_S
from rooms.media.router import MediaRouter


async def test_a_mute_holds_for_whoever_publishes_only_much_later() -> None:
    router = await MediaRouter.open(addresses=["127.0.0.1"], port=0, on_event=lambda _: None)
    conference = router.conference("room")
    conference.set_muted("a", "microphone", True)
    later = time.monotonic() + 2 * IDLE_AFTER_S
    assert not conference.is_idle(later)
    conference.remove("a")
    assert not conference.is_idle(later + IDLE_AFTER_S / 2)
    assert conference.is_idle(later + IDLE_AFTER_S)
    await router.close()
