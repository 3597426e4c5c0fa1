"""What is still a unit's own on the day it ends: told by name before anybody lets it end. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from confhub.errors import N_

# More names than fit on a line help nobody; the count says the rest.
MOST_NAMES = 10

_SITES = N_("“%(unit)s” còn %(count)s điểm cầu đang dùng: %(names)s. Cần chuyển sang đơn vị mới.")
_ACCOUNTS = N_(
    "“%(unit)s” còn %(count)s tài khoản: %(names)s. Từ ngày kết thúc không đăng nhập được nữa,"
    " cần chuyển sang đơn vị khác."
)
_MEETINGS = N_(
    "“%(unit)s” còn %(count)s cuộc họp đang diễn ra hoặc sắp tới: %(names)s. Các cuộc họp và liên"
    " kết vẫn giữ nguyên."
)


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting that the unit hosts or is invited to, and that is not over."""

    title: str
    starts_at: dt.datetime


@dataclass(frozen=True, slots=True)
class UnitUse:
    unit_id: str
    sites: tuple[str, ...] = ()  # names
    accounts: tuple[str, ...] = ()  # login names
    meetings: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """`message` as in ConfhubError."""

    message: str
    values: Mapping[str, object]

    @property
    def text(self) -> str:
        return self.message % self.values


def say_use(use: UnitUse, name: str, zone: dt.tzinfo | None) -> list[Notice]:
    """A sentence for each kind of thing that a unit of this name leaves."""
    meetings = [
        f"{one.title} ({one.starts_at.astimezone(zone):%H:%M %d/%m/%Y})" for one in use.meetings
    ]
    kinds: tuple[tuple[str, Sequence[str]], ...] = (
        (_SITES, use.sites),
        (_ACCOUNTS, use.accounts),
        (_MEETINGS, meetings),
    )
    return [
        Notice(message, {"unit": name, "count": len(names), "names": _list(names)})
        for message, names in kinds
        if names
    ]


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
