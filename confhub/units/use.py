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
_RENAMED = N_(
    "“%(unit)s” có %(sites)s điểm cầu, %(accounts)s tài khoản và %(meetings)s cuộc họp sắp tới."
    " Tất cả giữ nguyên; các cuộc họp từ ngày đổi tên ghi tên mới. Tìm theo tên cũ vẫn thấy."
)
_MOVED = N_(
    "Chuyển theo “%(unit)s”: %(units)s đơn vị trực thuộc, %(sites)s điểm cầu, %(accounts)s tài"
    " khoản, %(meetings)s cuộc họp sắp tới."
)
_ANOTHER_UPPER = N_(
    "Từ ngày đó, quản trị và thư ký của “%(new)s” quản lý các đơn vị này, thay cho “%(old)s”."
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
class Holdings:
    """How much hangs on a unit; `units`: below it."""

    units: int
    sites: int
    accounts: int
    meetings: int


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


def say_renamed(name: str, held: Holdings) -> list[Notice]:
    values = {"sites": held.sites, "accounts": held.accounts, "meetings": held.meetings}
    return [Notice(_RENAMED, {"unit": name, **values})]


def say_moved(name: str, held: Holdings, old: str, new: str) -> list[Notice]:
    """`old` and `new`: the names of the units above."""
    values = {"sites": held.sites, "accounts": held.accounts, "meetings": held.meetings}
    return [
        Notice(_MOVED, {"unit": name, "units": held.units, **values}),
        Notice(_ANOTHER_UPPER, {"old": old, "new": new}),
    ]


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
