"""Sparklines of a link's last five minutes, as paths for an SVG. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from confhub.quality import LinkState
from monitoring.history import SLOT_S, SLOTS, Point

WIDTH, HEIGHT = 300, 44
_PAD = 2  # so that a line at the edge is not cut in half
_SPAN_S = SLOT_S * SLOTS
# Reports come every 5 s and a bit: now and then one slot of 5 s has none.
_JOINED_S = 2 * SLOT_S


@dataclass(frozen=True, slots=True)
class Chart:
    """`line` and `area` are SVG path data; several strokes where there are gaps."""

    line: str
    area: str
    latest: float | None
    top: float  # the value at the upper edge


@dataclass(frozen=True, slots=True)
class Band:
    x: float
    width: float
    state: LinkState


def charts(points: Sequence[Point], now: float) -> Mapping[str, Chart]:
    """By "mos", "loss" (per cent, the worse direction) and "rtt" (ms).

    Scales are fixed where a limit gives them meaning, so that a calm line looks calm: MOS 1 to
    4.5, loss at least to 10 %, round trip at least to 300 ms.
    """
    return {
        "mos": _chart(points, now, lambda point: point.mos, low=1.0, top=4.5),
        "loss": _chart(points, now, _loss_percent, low=0.0, top=10.0),
        "rtt": _chart(points, now, lambda point: point.rtt_ms, low=0.0, top=300.0),
    }


def state_bands(points: Sequence[Point], now: float) -> list[Band]:
    """The states as a strip under the charts; like neighbours are one band."""
    bands: list[Band] = []
    width, before = WIDTH / SLOTS, -math.inf
    for point in points:
        x = _x(point.at, now)
        if x < -width:
            continue
        last = bands[-1] if bands else None
        if last and point.at - before <= _JOINED_S:
            # The last band reaches to where this slot begins, or through it.
            until = x + width if last.state == point.state else x
            bands[-1] = Band(last.x, round(until - last.x, 1), last.state)
        if last is None or bands[-1].state != point.state or point.at - before > _JOINED_S:
            bands.append(Band(round(x, 1), round(width, 1), point.state))
        before = point.at
    return bands


def _loss_percent(point: Point) -> float | None:
    known = [p for p in (point.loss_up_fraction, point.loss_down_fraction) if p is not None]
    return 100 * max(known) if known else None


def _chart(
    points: Sequence[Point],
    now: float,
    pick: Callable[[Point], float | None],
    *,
    low: float,
    top: float,
) -> Chart:
    values = [value for point in points if (value := pick(point)) is not None]
    top = max([top, *values])
    strokes: list[list[tuple[float, float]]] = [[]]
    before = -math.inf
    for point in points:
        value = pick(point)
        if value is None or point.at - before > _JOINED_S:
            strokes.append([])
        if value is None:
            continue
        before = point.at
        share = (value - low) / (top - low)
        y = HEIGHT - _PAD - min(max(share, 0.0), 1.0) * (HEIGHT - 2 * _PAD)
        strokes[-1].append((_x(point.at, now), y))
    strokes = [stroke for stroke in strokes if stroke]
    latest = pick(points[-1]) if points else None
    return Chart("".join(map(_line, strokes)), "".join(map(_area, strokes)), latest, top)


def _x(at: float, now: float) -> float:
    return WIDTH - (now - at) / _SPAN_S * WIDTH


def _line(stroke: Sequence[tuple[float, float]]) -> str:
    # A single point is drawn as a dot: a line of no length with round ends.
    pairs = [*stroke, stroke[0]] if len(stroke) == 1 else stroke
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in pairs)


def _area(stroke: Sequence[tuple[float, float]]) -> str:
    if len(stroke) == 1:
        return ""
    return f"{_line(stroke)}L{stroke[-1][0]:.1f} {HEIGHT}L{stroke[0][0]:.1f} {HEIGHT}Z"
