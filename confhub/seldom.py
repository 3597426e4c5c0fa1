"""What happens in crowds stands in the log now and then, with how many more there were."""

from __future__ import annotations

from collections.abc import Hashable


class Seldom:
    """Of each kind of event one in a while. Kinds are few: they are never forgotten."""

    def __init__(self) -> None:
        self._last: dict[Hashable, float] = {}
        self._left_out: dict[Hashable, int] = {}

    def due(self, kind: Hashable, now: float, every_s: float) -> int | None:
        """How many were left out since the last one; None if this one is left out too.

        `now` is any steady clock in seconds.
        """
        if now - self._last.get(kind, float("-inf")) < every_s:
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return None
        self._last[kind] = now
        return self._left_out.pop(kind, 0)
