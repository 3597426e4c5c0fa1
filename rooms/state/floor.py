"""The floor queue: who asked to speak, in the order of asking. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# Two hands in the same tick must still have an order that every page agrees on.
TICK_S = 0.001


class Floor:
    """Hands by member; times are unix seconds and strictly increase along the queue."""

    def __init__(self, hands: Iterable[tuple[str, float]] = ()) -> None:
        self._hands = dict(sorted(hands, key=lambda hand: hand[1]))

    def __contains__(self, member: str) -> bool:
        return member in self._hands

    def raise_hand(self, member: str, now: float) -> bool:
        """Queue a member; False if it already waits (its place does not change)."""
        if member in self._hands:
            return False
        last = max(self._hands.values(), default=now - TICK_S)
        self._hands[member] = max(now, last + TICK_S)
        return True

    def lower_hand(self, member: str) -> bool:
        """Take a member out; False if it was not waiting."""
        return self._hands.pop(member, None) is not None

    def raised_at(self, member: str) -> float | None:
        return self._hands.get(member)

    def queue(self) -> list[str]:
        """Members in the order of asking."""
        return list(self._hands)
