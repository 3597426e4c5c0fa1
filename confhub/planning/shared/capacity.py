"""How many sites meet at once, beside what the hub was measured to carry. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from confhub.errors import N_
from confhub.meetings.times import Advice


@dataclass(frozen=True, slots=True)
class Load:
    """A meeting that holds its time, as the hub has to carry it."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    sites: int


def most_at_once(loads: Iterable[Load], start: dt.datetime, end: dt.datetime) -> int:
    """Of how many sites the meetings of one moment within [start, end) are, at most."""
    changes: list[tuple[dt.datetime, int]] = []
    for load in loads:
        begin, finish = max(load.starts_at, start), min(load.ends_at, end)
        if begin < finish:
            changes += [(begin, load.sites), (finish, -load.sites)]
    most = now = 0
    for _at, sites in sorted(changes):  # who leaves at a moment makes room for who comes
        now += sites
        most = max(most, now)
    return most


def advise_hub(own: Load, others: Iterable[Load], carried: int) -> list[Advice]:
    """What to say of a meeting with which the hub would carry more than the `carried` sites that it
    was measured for; 0: it was not."""
    together = own.sites + most_at_once(others, own.starts_at, own.ends_at)
    if not carried or together <= carried:
        return []
    message = N_(
        "Vào giờ này sẽ có %(sites)s điểm cầu họp cùng lúc; máy chủ được đo là tải tốt %(carried)s"
        " điểm cầu. Hình ảnh có thể kém; nên chọn giờ khác."
    )
    return [Advice("hub_full", message, {"sites": together, "carried": carried})]
