"""What a hub finds at its start: media that went on while no hub was there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from confhub.errors import ConfhubError
from rooms.hub.ownership import ElsewhereError
from rooms.media.running import RunningRoom
from rooms.plane.interface import MediaPlane
from rooms.running.loop import RoomLoop

log = logging.getLogger(__name__)


async def adopt(media: MediaPlane, find_room: Callable[[str], Awaitable[RoomLoop]]) -> None:
    """Open every room in which media go on, so that whoever does not come back is missed in time.
    Media of rooms that this hub must not run are ended. Unavailable, to be tried again."""
    for meeting_id in await media.rooms():
        try:
            await find_room(meeting_id)
            log.info("media of room %s went on and are taken over", meeting_id)
        except ConfhubError as error:
            if error.http_status >= 500 and not isinstance(error, ElsewhereError):
                raise  # the store or the bus is away
            conference = media.conference(meeting_id)
            running = await conference.running()
            for party in running.parties() if running is not None else ():
                conference.remove(party)


async def still_running(media: MediaPlane, meeting_id: str) -> RunningRoom | None:
    """What goes on in a room that is about to open; nothing where the plane does not answer, for
    then its pages build anew."""
    try:
        return await media.conference(meeting_id).running()
    except ConfhubError:
        log.warning("room %s opens without knowing of its media", meeting_id)
        return None
