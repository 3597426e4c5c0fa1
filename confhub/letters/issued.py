"""Letters that were issued: their number, and what is kept of them for good. Pure.

A letter is numbered in the register of the unit that issues it, one for each year, in the order and
with the day of its issue. It never changes: what is wrong in it is put right by another one, which
names it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.letters.invitation import Group, Invitation, Typed, said_day

KIND = "GM"  # as decree 30/2020/NĐ-CP shortens "giấy mời" in a letter's number
# A number in a letter has room for so many digits, and no unit invites as often in a year.
MOST_NUMBER = 99_999

_NUMBERED_HERE = N_("Số do sổ đăng ký cấp khi phát hành. Xin để trống mục này.")
_OF_TODAY = N_("Giấy mời phát hành hôm nay mang ngày hôm nay. Xin để trống hoặc ghi đúng ngày.")
_NAMES_IT_NOT = N_("Xin ghi rõ: thay thế Giấy mời số %(number)s.")
_NO_NUMBER = N_("Xin ghi một số từ 1 đến %(most)s.")
_REPLACES = "Giấy mời này thay thế Giấy mời số "


class Kept(msgspec.Struct, frozen=True):
    """A letter as it is printed, what was typed for it, and when its meeting was to start; None: a
    program issued it that did not keep that."""

    letter: Invitation
    typed: Typed
    starts_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """By what a letter is printed: its name, and the SHA-256 of its file."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter that is to be issued; `corrects`: the id of the one in whose place."""

    typed: Typed
    annex: tuple[Group, ...]
    template: Template
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """`year` is of its register, by the calendar of the house; `starts_at` as of what is kept."""

    id: str
    meeting_id: str
    unit_id: str
    year: int
    number: int
    symbol: str
    day: dt.date
    issued_at: dt.datetime
    issued_by: str
    template: Template
    corrects: str = ""
    starts_at: dt.datetime | None = None

    @property
    def said(self) -> str:
        return f"{self.number:02}/{KIND}-{self.symbol}"

    @property
    def file_name(self) -> str:
        """Without its ending."""
        return f"giay-moi-{self.number:02}-{self.year}"

    def is_for(self, starts_at: dt.datetime) -> bool:
        """Whether a meeting that starts then is, as far as is known, the one it invites to."""
        return self.starts_at in (None, starts_at)


@dataclass(frozen=True, slots=True)
class Register:
    """`last`: the number that was taken last; one below `first` where none was."""

    unit_id: str
    year: int
    first: int
    last: int


def in_force(letters: Sequence[Issued], starts_at: dt.datetime) -> Issued | None:
    """Of a meeting's letters, the last first, the one that invites to it as it stands; None also
    where the meeting was moved since the last one."""
    return letters[0] if letters and letters[0].is_for(starts_at) else None


def check(typed: Typed, day: dt.date | None, today: dt.date) -> None:
    """What is typed as number and day of a letter that is issued today; FieldErrors."""
    errors = dict[str, ConfhubError]()
    if typed.number:
        errors["number"] = BadInput(_NUMBERED_HERE)
    if day not in (None, today):
        errors["day"] = BadInput(_OF_TODAY)
    if errors:
        raise FieldErrors(errors)


def check_names(typed: Typed, old: Issued) -> None:
    """A correction says whose place it takes; FieldErrors (`closing`)."""
    if old.said not in " ".join((typed.purpose, typed.closing, typed.content)):
        raise FieldErrors({"closing": BadInput(_NAMES_IT_NOT, values={"number": old.said})})


def check_first(first: int | None) -> int:
    """The first number of a register; FieldErrors (`first`)."""
    if first is None or not 1 <= first <= MOST_NUMBER:
        raise FieldErrors({"first": BadInput(_NO_NUMBER, values={"most": MOST_NUMBER})})
    return first


def correction(old: Issued, typed: Typed, expected: Mapping[str, str]) -> dict[str, str]:
    """What the form of a letter in place of `old` holds: what was `typed` for that, but the time,
    of which nothing is as likely to have changed, as the meeting has it now (`expected`)."""
    lines = [line for line in typed.closing.split("\n") if not line.startswith(_REPLACES)]
    replaces = f"{_REPLACES}{old.said} {said_day(old.day)}."
    return {
        **{name: str(text) for name, text in msgspec.structs.asdict(typed).items()},
        "number": "",
        "time": expected["time"],
        "closing": "\n".join((replaces, *lines)),
    }
