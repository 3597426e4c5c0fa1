"""A process's line to its keeper, which is its standard input: signs of life go out, and when
the line ends the keeper is dead, and so must this process be.

One left behind would hold ports and files against the keeper's next run.
"""

from __future__ import annotations

import asyncio
import logging
import os

log = logging.getLogger(__name__)

LINE = 0
BEAT = b"."
BEAT_S = 0.25
ORPHANED = 70  # sysexits(3), EX_SOFTWARE


class Part:
    """Made in the running loop of a process that a keeper started; `line` is a descriptor."""

    def __init__(self, line: int = LINE) -> None:
        self._line = line
        os.set_blocking(line, False)
        asyncio.get_running_loop().add_reader(line, self._listen)

    def beat(self) -> None:
        """This process is up, and its loop turns."""
        try:
            os.write(self._line, BEAT)
        except BlockingIOError:
            return  # a keeper that is starved reads what is there first
        except OSError:
            self._end()

    async def keep_beating(self) -> None:
        while True:
            self.beat()
            await asyncio.sleep(BEAT_S)

    def _listen(self) -> None:
        try:
            said = os.read(self._line, 64)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self._end()

    def _end(self) -> None:
        log.error("the process that keeps this one is gone")
        os._exit(ORPHANED)
