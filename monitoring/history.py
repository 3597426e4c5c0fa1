"""The last minutes of one link, in a fixed amount of memory. Pure."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

from confhub.quality import LinkState
from monitoring.reading import Reading

SLOT_S = 5.0  # one digest
SLOTS = 60  # five minutes: long enough to see whether a fault comes and goes
_STATES: tuple[LinkState, ...] = ("absent", "good", "fair", "poor", "lost")
_COLUMNS = 5  # state, mos, rtt, loss up, loss down
_EMPTY = array("f", [math.nan] * _COLUMNS)


@dataclass(frozen=True, slots=True)
class Point:
    """What one slot of 5 s holds; `at` is its beginning in unix seconds."""

    at: float
    state: LinkState
    mos: float | None
    rtt_ms: float | None
    loss_up_fraction: float | None
    loss_down_fraction: float | None


class History:
    """A ring of `SLOTS` slots, 1.2 KB: 11,000 sites take 13 MB. Slots nobody wrote are gaps."""

    __slots__ = ("_cells", "_last")

    def __init__(self) -> None:
        self._cells = array("f", _EMPTY * SLOTS)
        self._last: int | None = None

    def write(self, at: float, state: LinkState, reading: Reading) -> None:
        """Set the slot that holds `at` (unix seconds); a later write in one slot wins."""
        slot = int(at // SLOT_S)
        if self._last is not None:
            if slot <= self._last - SLOTS:
                return
            for skipped in range(max(self._last + 1, slot - SLOTS + 1), slot):
                self._set(skipped, _EMPTY)
        self._last = slot if self._last is None else max(slot, self._last)
        numbers = (
            reading.mos,
            reading.rtt_ms,
            reading.loss_up_fraction,
            reading.loss_down_fraction,
        )
        cells = array("f", [float(_STATES.index(state))])
        cells.extend(math.nan if number is None else number for number in numbers)
        self._set(slot, cells)

    def points(self, now: float) -> list[Point]:
        """What was written in the five minutes up to `now`, oldest first."""
        if self._last is None:
            return []
        first = int(now // SLOT_S) - SLOTS + 1
        oldest = max(first, self._last - SLOTS + 1)
        found = (self._point(slot) for slot in range(oldest, self._last + 1))
        return [point for point in found if point is not None]

    def _set(self, slot: int, cells: array[float]) -> None:
        start = (slot % SLOTS) * _COLUMNS
        self._cells[start : start + _COLUMNS] = cells

    def _point(self, slot: int) -> Point | None:
        start = (slot % SLOTS) * _COLUMNS
        state, *numbers = self._cells[start : start + _COLUMNS]
        if math.isnan(state):
            return None
        mos, rtt, up, down = (None if math.isnan(number) else number for number in numbers)
        return Point(slot * SLOT_S, _STATES[int(state)], mos, rtt, up, down)
