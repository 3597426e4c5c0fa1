"""Blockings: when a site, the sites of a unit or the whole hub cannot meet, and why. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from confhub.errors import N_, BadInput, ConfhubError
from confhub.planning.takings import HUB, Cause, Holder, Resource, Taking

Reach = Literal["site", "unit", "below", "hub"]
REACHES: tuple[Reach, ...] = get_args(Reach)
KINDS: tuple[Cause, ...] = ("maintenance", "power_cut", "busy")
REASON_LENGTH = 200  # the store's column
# A building is rebuilt within a year; what lasts longer is a site that is switched off.
LONGEST = dt.timedelta(days=366)
_WEEK = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Blocking:
    """`reach`: one site, the sites of a unit alone, those of the units below it too, or all.

    A weekly one comes again at its hour by the clocks of `zone`, the last time on `until` at the
    latest (None: for good).
    """

    id: str
    reach: Reach
    kind: Cause
    reason: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    unit_id: str = ""
    site_id: str = ""
    weekly: bool = False
    until: dt.date | None = None
    ended_at: dt.datetime | None = None  # since when it is in nobody's way

    @property
    def over_at(self) -> dt.datetime | None:
        """When it is over by itself; None: never."""
        if not self.weekly:
            return self.ends_at
        if self.until is None:
            return None
        midnight = dt.datetime.combine(self.until + _DAY, dt.time(), ZoneInfo(self.zone))
        return midnight.astimezone(dt.UTC) + (self.ends_at - self.starts_at)

    def times(
        self, start: dt.datetime, end: dt.datetime
    ) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """Each of its times that overlaps [start, end), as UTC, ascending."""
        length = self.ends_at - self.starts_at
        zone = ZoneInfo(self.zone)
        first = self.starts_at.astimezone(zone).replace(tzinfo=None)
        # Clocks that were put forward make a week an hour shorter: one week too early is looked at.
        week = max(0, (start - self.ends_at) // _WEEK - 1) if self.weekly else 0
        while True:
            local = first + week * _WEEK
            if week and self.until is not None and local.date() > self.until:
                return
            begin = local.replace(tzinfo=zone).astimezone(dt.UTC)
            if begin >= end:
                return
            if begin + length > start:
                yield begin, begin + length
            if not self.weekly:
                return
            week += 1


@dataclass(frozen=True, slots=True)
class Hit:
    """A meeting ahead that a blocking is in the way of, and how many of its sites."""

    meeting_id: str
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    host_unit_id: str
    sites: int


def blocked(
    blockings: Iterable[Blocking],
    homes: Mapping[str, Collection[str]],
    start: dt.datetime,
    end: dt.datetime,
) -> Iterator[Taking]:
    """What blockings take of sites within [start, end). `homes`: by site the ids of its unit and of
    those above it, its own first."""
    for one in blockings:
        times = list(one.times(start, end))
        taken = list(_taken(one, homes)) if times else []
        for starts_at, ends_at in times if taken else ():
            holder = Holder(one.id, starts_at, ends_at, one.reason, one.kind)
            for resource in taken:
                yield Taking(resource, holder)


def _taken(blocking: Blocking, homes: Mapping[str, Collection[str]]) -> Iterator[Resource]:
    if blocking.reach == "hub":
        yield HUB
        return
    for site_id, units in homes.items():
        if (
            site_id == blocking.site_id
            if blocking.reach == "site"
            else blocking.unit_id in (units if blocking.reach == "below" else [*units][:1])
        ):
            yield Resource("site", site_id)


def check_blocking(blocking: Blocking, now: dt.datetime) -> Mapping[str, ConfhubError]:
    """What is wrong with a new one, by the form's fields; empty: nothing."""
    problems: dict[str, ConfhubError] = {}
    if blocking.kind not in KINDS:
        problems["kind"] = BadInput(N_("Xin chọn loại."))
    if not blocking.reason:
        problems["reason"] = BadInput(N_("Xin ghi lý do; thư ký xếp lịch họp sẽ đọc."))
    elif len(blocking.reason) > REASON_LENGTH:
        values = {"limit": REASON_LENGTH, "has": len(blocking.reason)}
        message = N_("Dài nhất %(limit)s ký tự; đang có %(has)s.")
        problems["reason"] = BadInput(message, values=values)
    length = blocking.ends_at - blocking.starts_at
    if length <= dt.timedelta(0):
        problems["end"] = BadInput(N_("Giờ kết thúc phải sau giờ bắt đầu."))
    elif blocking.weekly and length > _WEEK:
        problems["last"] = BadInput(N_("Lặp hằng tuần thì mỗi lần dài nhất một tuần."))
    elif length > LONGEST:
        message = N_("Dài nhất %(days)s ngày. Lâu hơn thì xin ngừng dùng điểm cầu.")
        problems["last"] = BadInput(message, values={"days": LONGEST.days})
    over_at = blocking.over_at
    if blocking.until is not None and blocking.until < _first_day(blocking):
        problems["until"] = BadInput(N_("Ngày cuối phải sau hoặc trùng ngày đầu."))
    elif over_at is not None and over_at <= now and not problems:
        field = "until" if blocking.weekly else "last"
        problems[field] = BadInput(N_("Thời gian này đã qua. Xin chọn từ hôm nay trở đi."))
    return problems


def _first_day(blocking: Blocking) -> dt.date:
    return blocking.starts_at.astimezone(ZoneInfo(blocking.zone)).date()
