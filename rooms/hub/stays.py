"""Ends stays that nobody ends: those of rooms whose hub died, and to which nobody came back."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging

from confhub.desks import rooms as desk
from confhub.errors import Unavailable
from confhub.people.actor import Actor
from confhub.store import Store

log = logging.getLogger(__name__)

LOOK_EVERY_S = 300.0
# A hub that restarts is back within a minute, and another takes over after half of one. Who comes
# after so long begins a new stay.
SILENT = dt.timedelta(minutes=15)


async def end_left_open(store: Store, every_s: float = LOOK_EVERY_S) -> None:
    """Look now and then, for ever."""
    while True:
        await asyncio.sleep(every_s)
        try:
            house = Actor(dt.datetime.now(dt.UTC))
            for meeting_id in await desk.end_left_open(store, house, SILENT):
                log.info("stays of meeting %s ended with the hub that ran it", meeting_id)
        except Unavailable as error:
            log.warning("stays that were left open were not looked for: %s", error)
