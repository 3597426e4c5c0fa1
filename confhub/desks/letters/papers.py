"""PDFs of official letters for the mails that carry them: each printed once, for all its sites."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from confhub.errors import Unavailable
from confhub.letters import press
from confhub.mail.letter import Letter
from confhub.mail.message import Attached
from confhub.store import Store

log = logging.getLogger(__name__)

# A letter with a list of 150 sites has 0.2 MB, one of every commune of the country 8. As base64 it
# is a third more; many servers take 10 MB, as Postfix does, and a commune's line carries that for
# minutes.
MOST_BYTES = 4 * 1024**2
# Typesetting ends after a minute (letters/press.py); some pages may be ahead of it.
MOST_S = 90.0
# Mails of one meeting go one after another, maybe beside those of some others.
MOST_KEPT = 4
# The mails of a letter that cannot be printed wait, and others go; nobody tries at each of them.
PAUSE = dt.timedelta(minutes=1)


class NotPrinted(Exception):
    """Not now; a later try may do."""


class Papers:
    """Letters never change, so what was printed holds."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], dt.datetime],
        *,
        most_s: float = MOST_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.most_s = most_s
        self._store = store
        self._now = now
        self._most_bytes = most_bytes
        # None: it goes with no mail.
        self._printed: dict[str, Attached | None] = {}
        self._failed: dict[str, dt.datetime] = {}

    async def of(self, letter: Letter) -> Attached | None:
        """What goes with the mails of `letter`, within `most_s`; None where there is nothing, or it
        is too large or cannot be printed at all. NotPrinted; Unavailable where the store is away.
        """
        paper = letter.paper
        if paper is None:
            return None
        if paper.id not in self._printed:
            data = await self._print(paper.id, letter.meeting.id)
            while len(self._printed) >= MOST_KEPT:
                del self._printed[next(iter(self._printed))]
            self._printed[paper.id] = Attached(paper.name, data) if data else None
        return self._printed[paper.id]

    async def _print(self, letter_id: str, meeting_id: str) -> bytes:
        failed_at = self._failed.get(letter_id)
        if failed_at is not None and self._now() < failed_at + PAUSE:
            raise NotPrinted(letter_id)
        letters = self._store.letters
        letter, kept = await letters.get(meeting_id, letter_id), await letters.kept(letter_id)
        try:
            async with asyncio.timeout(self.most_s):
                data = await press.issued(letter, kept)
        except press.OtherTemplate:
            return b""
        except (Unavailable, TimeoutError) as error:
            self._failed = {letter_id: self._now()}
            raise NotPrinted(letter_id) from error
        if len(data) > self._most_bytes:
            log.warning("letter %s has %d bytes: its mails go without", letter_id, len(data))
            return b""
        return data
