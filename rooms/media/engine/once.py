"""Each number of a stream passes once, and what is older than the memory of it never. Pure."""

from __future__ import annotations


class Once:
    """A window over extended numbers, as those of SRTP's own replay protection (RFC 3711
    section 3.3.2): `highest` and what was used of the `size` numbers up to it."""

    __slots__ = ("_size", "_used", "highest")

    def __init__(self, size: int, highest: int | None = None) -> None:
        self._size = size
        self._used = 0  # bit n: highest - n
        self.highest = highest

    def __contains__(self, number: int) -> bool:
        """Whether the number is used, or too old to tell."""
        highest = self.highest
        if highest is None or number > highest:
            return False
        back = highest - number
        return back >= self._size or bool(self._used >> back & 1)

    def use_next(self, count: int) -> None:
        """The `count` numbers after the highest are used now."""
        self.highest = (self.highest or 0) + count
        self._used = (self._used << count | (1 << count) - 1) & (1 << self._size) - 1

    def use(self, number: int) -> bool:
        """True the first time; False again, and for what is older than the window."""
        highest = self.highest
        if highest is None or number > highest:
            ahead = self._size if highest is None else number - highest
            kept = self._used & ((1 << self._size - ahead) - 1) if ahead < self._size else 0
            self._used = kept << ahead | 1
            self.highest = number
            return True
        if number in self:
            return False
        self._used |= 1 << highest - number
        return True
