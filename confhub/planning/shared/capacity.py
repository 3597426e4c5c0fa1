"""What hubs were measured to carry, and what meetings of one moment ask of them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from confhub.errors import N_
from confhub.meetings.times import Advice
from confhub.planning.takings import LOAD, PICTURES, Need, streams_of


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many sites of one large meeting each hub was measured to carry; empty: none was."""

    sites: tuple[int, ...] = ()

    @property
    def streams(self) -> int:
        """Of all hubs together; 0: they were not measured."""
        return PICTURES * sum(self.sites)

    @property
    def largest(self) -> int:
        """Streams of the hub that carries most: a meeting runs in one."""
        return PICTURES * max(self.sites, default=0)


UNMEASURED = Capacity()


@dataclass(frozen=True, slots=True)
class Load:
    """A meeting that holds its time, as the hub has to carry it."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    sites: int

    @property
    def streams(self) -> int:
        return streams_of(self.sites)


def sites_of(load: Load) -> int:
    return load.sites


def streams_in(load: Load) -> int:
    return load.streams


def most_at_once(
    loads: Iterable[Load],
    start: dt.datetime,
    end: dt.datetime,
    count: Callable[[Load], int] = sites_of,
) -> int:
    """What meetings of one moment within [start, end) count together, at most."""
    changes: list[tuple[dt.datetime, int]] = []
    for load in loads:
        begin, finish = max(load.starts_at, start), min(load.ends_at, end)
        if begin < finish:
            changes += [(begin, count(load)), (finish, -count(load))]
    most = now = 0
    for _at, change in sorted(changes):  # who leaves at a moment makes room for who comes
        now += change
        most = max(most, now)
    return most


def advise_large(needs: Iterable[Need], capacity: Capacity) -> list[Advice]:
    """What to say of a meeting that no hub was measured to carry, even by itself."""
    amount = next((need.amount for need in needs if need.resource == LOAD), 0)
    if amount <= capacity.largest:
        return []
    message = N_(
        "Cuộc họp này cần máy chủ gửi %(amount)s luồng hình cùng lúc; một máy chủ được đo là tải"
        " tốt %(holds)s. Hình ảnh có thể kém."
    )
    return [Advice("hub_alone", message, {"amount": amount, "holds": capacity.largest})]
