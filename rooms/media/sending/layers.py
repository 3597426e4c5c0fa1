"""Which simulcast layer, at which frame rate, each picture of one receiver gets. Pure.

Audio has been taken off the budget before. What is left goes by importance, and a step at a
time (as in Jitsi's allocation): the first picture until it is legible, screens as large as they
are shown, then a small picture of everybody, and then better ones in turns. So the least
important picture is the first to go without, and nobody goes without so that another is fine.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

# A picture may be shown up to a quarter larger than it was sent before the next layer up,
# which costs three times as much, is worth it.
ENLARGEMENT = 1.25
# A step up must fit with this much to spare, or the next small change would take it back.
UP_HEADROOM = 1.15
# After a step down, this long before the same picture may step up again; twice as long each
# time when the step up did not last.
UP_DELAY_S = 4.0
MAX_UP_DELAY_S = 32.0
LASTING_S = 10.0
# Assumed heights, lowest first, of layers whose first key frame has not come yet.
USUAL_HEIGHTS = (180, 360, 720, 1080)
# Faces and gestures can be read at this height: the first picture's due before all others'.
LEGIBLE_PX = 360

Rank = Literal["main", "screen", "tile"]


@dataclass(frozen=True, slots=True)
class Option:
    """A layer that is or can be sent. `height_px` is 0 while unknown.

    `layer` counts from the lowest. Options of one layer differ by `temporal`, the highest
    temporal layer that is sent; None sends all.
    """

    height_px: int
    bitrate_bps: float
    layer: int = 0
    temporal: int | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """One picture: its shown height, its options lowest first, and the option it has now."""

    key: Hashable
    height_px: int
    options: Sequence[Option]
    current: int | None
    rank: Rank = "tile"


class LayerChooser:
    """Remembers when pictures stepped up and down, so that they do not flap."""

    def __init__(self) -> None:
        self._steps: dict[Hashable, _Steps] = {}

    def choose(
        self,
        demands: Sequence[Demand],
        budget_bps: float,
        now: float,
        *,
        first_anyway: bool = False,
    ) -> list[int | None]:
        """The option for each demand, most important first; None means no picture.

        The sum stays within the budget. `first_anyway`: but for the first picture's lowest
        option, where the budget is a guess that only sending can prove wrong.
        """
        waiting = {
            demand.key
            for demand in demands
            if demand.key in self._steps and self._steps[demand.key].up_from > now
        }
        picks = _Distribution(demands, budget_bps, waiting).share_out()
        if first_anyway and picks and picks[0] is None and demands[0].options:
            picks[0] = 0
        for demand, pick in zip(demands, picks, strict=True):
            now_is, was = -1 if pick is None else pick, demand.current
            if now_is > (-1 if was is None else was):
                self._steps.setdefault(demand.key, _Steps()).rise(now)
            elif was is not None and now_is < was:
                self._steps.setdefault(demand.key, _Steps()).fall(now)
        if len(self._steps) > 4 * len(demands) + 16:
            keys = {demand.key for demand in demands}
            self._steps = {key: steps for key, steps in self._steps.items() if key in keys}
        return picks


class _Steps:
    """Of one picture: when it rose last, and from when it may again."""

    __slots__ = ("_delay_s", "_rose_at", "up_from")

    def __init__(self) -> None:
        self.up_from = float("-inf")
        self._rose_at = float("-inf")
        self._delay_s = UP_DELAY_S

    def rise(self, now: float) -> None:
        self._rose_at = now

    def fall(self, now: float) -> None:
        did_last = now - self._rose_at > LASTING_S
        self._delay_s = UP_DELAY_S if did_last else min(2 * self._delay_s, MAX_UP_DELAY_S)
        self.up_from = now + self._delay_s


class _Distribution:
    def __init__(
        self, demands: Sequence[Demand], budget_bps: float, waiting: set[Hashable]
    ) -> None:
        self._demands = demands
        self._left = budget_bps
        self._waiting = waiting
        self._picks: list[int | None] = [None] * len(demands)
        self._ideals = [ideal_option(one.height_px, one.options) for one in demands]

    def share_out(self) -> list[int | None]:
        order = range(len(self._demands))
        for index in order:
            demand = self._demands[index]
            if demand.rank == "main":
                legible = min(demand.height_px, LEGIBLE_PX)
                self._climb(index, ideal_option(legible, demand.options))
        for index in order:
            if self._demands[index].rank == "screen":
                self._climb(index, self._ideals[index])
        for index in order:
            if self._picks[index] is None:
                self._raise(index)
        while sum(self._raise(index) for index in order):  # one step each, in turns
            pass
        return self._picks

    def _climb(self, index: int, to: int) -> None:
        while (self._picks[index] or 0) < to or self._picks[index] is None:
            if not self._raise(index):
                return

    def _raise(self, index: int) -> bool:
        """One step up, if it is due and fits."""
        demand, pick = self._demands[index], self._picks[index]
        to = 0 if pick is None else pick + 1
        if to > self._ideals[index]:
            return False
        cost = needed = demand.options[to].bitrate_bps
        if demand.current is None or to > demand.current:
            # The first picture may come back at once: nothing matters more.
            if demand.key in self._waiting and not (demand.rank == "main" and to == 0):
                return False
            needed *= UP_HEADROOM
        paid = 0.0 if pick is None else demand.options[pick].bitrate_bps
        if needed > self._left + paid:
            return False
        self._left -= cost - paid
        self._picks[index] = to
        return True


def ideal_option(height_px: int, options: Sequence[Option]) -> int:
    """The smallest layer that fills `height_px`, or the largest there is, at its full frame
    rate; -1 without any."""
    found = -1
    for index, option in enumerate(options):
        if found >= 0 and option.layer != options[found].layer and fills(options[found], height_px):
            break
        found = index
    return found


def fills(option: Option, height_px: int) -> bool:
    """Whether nothing is to be gained by a larger layer."""
    usual = USUAL_HEIGHTS[min(option.layer, len(USUAL_HEIGHTS) - 1)]
    return (option.height_px or usual) * ENLARGEMENT >= height_px
