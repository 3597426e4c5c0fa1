"""So much and no more each second. Pure."""

from __future__ import annotations


class Allowance:
    """So many of something each second."""

    __slots__ = ("_left", "_per_s", "_second")

    def __init__(self, per_s: int) -> None:
        self._per_s = self._left = per_s
        self._second = 0

    def take(self, now: float) -> bool:
        """One of this second's, if there is any left."""
        second = int(now)
        if second != self._second:
            self._second, self._left = second, self._per_s
        self._left -= 1
        return self._left >= 0
