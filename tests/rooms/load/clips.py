"""A clip small enough for tests: two layers of a second, and two seconds of voice."""

from __future__ import annotations

from functools import cache

from rooms.load.synthetic.clip import Clip, ClipPlan, LayerPlan, make_clip

SMALL = ClipPlan(
    (LayerPlan("q", 160, 90, 60_000), LayerPlan("f", 320, 180, 150_000)),
    fps=25,
    group_frames=25,
    groups=2,
    sound_s=1.0,
)


@cache
def small_clip() -> Clip:
    return make_clip(SMALL)
