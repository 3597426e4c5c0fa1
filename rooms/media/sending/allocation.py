"""The pictures of one receiver: what they could be, what the line allows, and making it so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rooms.media.engine.interface import ALL_TEMPORAL
from rooms.media.receiving.track import Layer, Track
from rooms.media.sending.layers import (
    UP_HEADROOM,
    USUAL_HEIGHTS,
    Demand,
    LayerChooser,
    Option,
    Rank,
    fills,
    ideal_option,
)
from rooms.media.sending.slot import Meanwhile, VideoSlot
from rooms.media.source import SourceKey, Tile

# What layers of the usual heights take, for those that have only begun.
USUAL_BPS = (150_000.0, 500_000.0, 1_500_000.0, 3_000_000.0)
# Pictures that take this many times what there is fill a queue by a second each second.
FAR_OVER = 2.0


class Choice(NamedTuple):
    """An option, and what it means for a slot."""

    layer: Layer
    temporal: int
    option: Option


class PictureAllocation:
    """Owned by a Subscriber. `wanted_bps` is what all its pictures would take at their best.

    Every picture is at its best, and stays so, while the budget is over `settled_above_bps`; that
    is infinite while one is not.
    """

    def __init__(self, find_track: Callable[[SourceKey], Track | None]) -> None:
        self.wanted_bps = 0.0
        self.settled_above_bps = float("inf")
        self._find_track = find_track
        self._chooser = LayerChooser()

    def share_out(
        self,
        tiles: Sequence[Tile],
        slots: Sequence[VideoSlot],
        budget_bps: float,
        now: float,
        *,
        is_guess: bool = False,
    ) -> None:
        """Aim each slot at what its picture gets; `tiles` most important first.

        `is_guess`: the budget is no measurement; see LayerChooser.choose.
        """
        by_key = {slot.key: slot for slot in slots}
        shown: list[tuple[VideoSlot, list[Choice]]] = []
        demands: list[Demand] = []
        wanted_bps = 0.0
        for tile in tiles:
            key = SourceKey(tile.member_id, tile.source)
            slot, track = by_key.get(key), self._find_track(key)
            if slot is None:
                continue
            choices = list_choices(track, now) if track is not None and not track.muted else []
            wanted_bps += find_wanted_bps(track, choices, tile.height_px)
            shown.append((slot, choices))
            options = [choice.option for choice in choices]
            rank: Rank = "tile" if demands else "main"
            if demands and tile.source == "screen":
                rank = "screen"
            demands.append(Demand(key, tile.height_px, options, find_current(slot, choices), rank))
        self.wanted_bps = UP_HEADROOM * wanted_bps
        picks = self._chooser.choose(demands, budget_bps, now, first_anyway=is_guess)
        self.settled_above_bps = _settled_above_bps(demands, picks)
        meanwhile = _meanwhile(demands, budget_bps)
        for (slot, choices), demand, pick in zip(shown, demands, picks, strict=True):
            if pick is None:
                slot.aim(None)
                continue
            is_down = demand.current is not None and pick < demand.current
            slot.aim(choices[pick].layer, choices[pick].temporal, meanwhile if is_down else "keep")


def list_choices(track: Track, now: float) -> list[Choice]:
    """What a picture can be, cheapest first. The smallest layer comes with fewer frames too:
    a picture that jerks is better than none, and a larger one is not better than fluent."""
    choices: list[Choice] = []
    for index, layer in enumerate(track.available_layers(now)):
        height_px = layer.height_px or USUAL_HEIGHTS[min(index, len(USUAL_HEIGHTS) - 1)]
        cost_bps = layer.cost_bps(now) or _usual_bps(height_px)
        for temporal, share in layer.shares.steps() if index == 0 else ():
            option = Option(layer.height_px, share * cost_bps, index, temporal)
            choices.append(Choice(layer, temporal, option))
        option = Option(layer.height_px, cost_bps, index)
        choices.append(Choice(layer, ALL_TEMPORAL, option))
    return choices


def find_current(slot: VideoSlot, choices: Sequence[Choice]) -> int | None:
    """The choice that the slot shows or is about to; of its layer, the nearest frame rate."""
    aim = slot.target or slot.current
    found: int | None = None
    for index, choice in enumerate(choices):
        if choice.layer is aim and (found is None or choice.temporal <= slot.temporal):
            found = index
    return found


def _usual_bps(height_px: int) -> float:
    for height, bitrate_bps in zip(USUAL_HEIGHTS, USUAL_BPS, strict=True):
        if height_px <= height:
            return bitrate_bps
    return USUAL_BPS[-1]


def find_wanted_bps(track: Track | None, choices: Sequence[Choice], height_px: int) -> float:
    """What a picture would take at its best; layers that have yet to come are counted."""
    if track is None or not choices:
        return 0.0
    options = [choice.option for choice in choices]
    ideal = options[ideal_option(height_px, options)]
    if ideal.layer + 1 < len(track.agreed.rids) and not fills(ideal, height_px):
        return _usual_bps(height_px)
    return ideal.bitrate_bps


def _settled_above_bps(demands: Sequence[Demand], picks: Sequence[int | None]) -> float:
    present_bps = 0.0
    for demand, pick in zip(demands, picks, strict=True):
        if not demand.options:
            continue
        if pick is None or pick != ideal_option(demand.height_px, demand.options):
            return float("inf")
        present_bps += demand.options[pick].bitrate_bps
    return UP_HEADROOM * present_bps


def _meanwhile(demands: Sequence[Demand], budget_bps: float) -> Meanwhile:
    """What is to become of layers that are left, until the next one's key frame comes."""
    present_bps = sum(
        one.options[one.current].bitrate_bps for one in demands if one.current is not None
    )
    if present_bps <= budget_bps:
        return "keep"
    return "pause" if present_bps > FAR_OVER * budget_bps else "thin"
