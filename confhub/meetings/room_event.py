"""One act in a meeting's room, as it is kept for minutes and reports. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """`epoch` counts the hubs that ran the room one after another, `seq` its acts; `payload` is
    JSON, with `by`: the member who did it."""

    meeting_id: str
    epoch: int
    seq: int
    at: dt.datetime
    kind: str
    payload: Mapping[str, Any]
