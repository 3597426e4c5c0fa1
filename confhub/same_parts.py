"""Which parts of something that is changed are those it had before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")


def same_parts(
    old: Sequence[T], new: Sequence[T], alike: Sequence[Callable[[T], Hashable]]
) -> list[T | None]:
    """For each of `new` the one of `old` that it was, each at most once; None: it is new.

    Those are the same by which the first of `alike` is equal, else the second, and so on; of
    several the earlier. A part of which `alike` gives None is like no other.
    """
    found: list[T | None] = [None] * len(new)
    left = dict(enumerate(old))
    for likeness in alike:
        places: dict[Hashable, list[int]] = {}
        for place, part in left.items():
            places.setdefault(likeness(part), []).append(place)
        for number, part in enumerate(new):
            known = likeness(part)
            if found[number] is None and known is not None and places.get(known):
                found[number] = left.pop(places[known].pop(0))
    return found
