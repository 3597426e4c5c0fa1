"""Mail of one sort, each written when it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from confhub.mail.letter import Mail
from confhub.mail.notice import Notice
from confhub.store.queue.outgoing import Outgoing

M = TypeVar("M", Mail, Notice)


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail as it goes; `data` is empty where `email` cannot be sent to. `is_late`: for its
    meeting; `is_past`: there is nothing to tell any more. `told`: which beside it are told too."""

    email: str = ""
    data: bytes = b""
    is_late: bool = False
    is_past: bool = False
    told: frozenset[str] = frozenset()


class Bag(Protocol[M]):
    queue: Outgoing[M]

    async def beside(self, one: M, now: dt.datetime, until: dt.datetime) -> Sequence[M]:
        """Others that the same mail tells, for oneself until then."""

    async def ready(self, one: M, also: Sequence[M], now: dt.datetime) -> Ready: ...
