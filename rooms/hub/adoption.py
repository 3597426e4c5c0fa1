"""What a hub finds at its start: media that went on while no hub was there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from confhub.errors import ConfhubError
from rooms.hub.ownership import ElsewhereError
from rooms.media.running import RunningRoom
from rooms.plane.interface import MediaPlane
from rooms.state.snapshot import NewerSnapshot

log = logging.getLogger(__name__)


class Adoption:
    """`run` until it returns: each time it goes on with the rooms that are left."""

    def __init__(self, media: MediaPlane, find_room: Callable[[str], Awaitable[object]]) -> None:
        self._media = media
        self._find_room = find_room
        self._left: dict[str, None] | None = None  # None until the plane has said

    async def run(self) -> None:
        """Open every room in which media go on, so that whoever does not come back is missed in
        time. Media of rooms that this hub must not run are ended. Raises what failed last, to be
        tried again; a room that fails holds up no other."""
        if self._left is None:
            self._left = dict.fromkeys(await self._media.rooms())
        failed: Exception | None = None
        for meeting_id in list(self._left):
            try:
                await self._adopt(meeting_id)
            except Exception as error:
                log.warning("media of room %s are not taken over yet: %r", meeting_id, error)
                failed = error
            else:
                del self._left[meeting_id]
        if failed is not None:
            raise failed

    async def _adopt(self, meeting_id: str) -> None:
        try:
            await self._find_room(meeting_id)
            log.info("media of room %s went on and are taken over", meeting_id)
        except (ElsewhereError, NewerSnapshot):
            await self._end(meeting_id)
        except ConfhubError as error:
            if error.http_status >= 500:
                raise  # the store or the bus is away
            await self._end(meeting_id)

    async def _end(self, meeting_id: str) -> None:
        conference = self._media.conference(meeting_id)
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
