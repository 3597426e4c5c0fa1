"""Which connection a remote address belongs to, when more than one says that it is its own. Pure.

A check names its connection and says nothing of where it came from, so whoever has a seat can
send one in the name of another's address. That is a claim, which takes nothing away; the address
changes hands when somebody has answered from there, or when nobody uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from rooms.media.port.path import Path

# Each has both connections of a page at most one of which is really there; more is an attack.
MAX_CLAIMS = 8

Claimant = TypeVar("Claimant")


class Claims(Generic[Claimant]):
    """One holder for each path, and those besides who claim it."""

    def __init__(self) -> None:
        self._holders: dict[Path, Claimant] = {}
        self._others: dict[Path, list[Claimant]] = {}

    def __len__(self) -> int:
        return len(self._holders)

    def __contains__(self, path: Path) -> bool:
        return path in self._holders

    def holder(self, path: Path) -> Claimant | None:
        """Whom a datagram from there belongs to, as far as is known."""
        return self._holders.get(path)

    def others(self, path: Path) -> Sequence[Claimant]:
        return self._others.get(path, ())

    def claim(self, path: Path, claimant: Claimant) -> None:
        """Hold it if nobody does; else stand beside the holder. The longest claim makes room."""
        holder = self._holders.setdefault(path, claimant)
        if holder == claimant:
            return
        others = self._others.setdefault(path, [])
        if claimant not in others:
            others.append(claimant)
            if len(others) >= MAX_CLAIMS:
                del others[0]

    def give(self, path: Path, claimant: Claimant) -> None:
        """It is this one's now; who held it before stands beside."""
        holder = self._holders.get(path)
        if holder == claimant:
            return
        self._leave_others(path, claimant)
        self._holders[path] = claimant
        if holder is not None:
            self.claim(path, holder)

    def leave(self, path: Path, claimant: Claimant) -> bool:
        """No claim any more; the next one holds it. True: nobody is left."""
        if self._holders.get(path) != claimant:
            self._leave_others(path, claimant)
            return False
        del self._holders[path]
        others = self._others.get(path)
        if not others:
            return True
        self._holders[path] = others[-1]
        self._leave_others(path, others[-1])
        return False

    def clear(self) -> None:
        self._holders.clear()
        self._others.clear()

    def _leave_others(self, path: Path, claimant: Claimant) -> None:
        others = self._others.get(path, [])
        if claimant in others:
            others.remove(claimant)
        if not others:
            self._others.pop(path, None)
