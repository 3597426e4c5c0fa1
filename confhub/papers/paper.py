"""A meeting's papers: versions, uploads that go on, who may read them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors, TooLarge
from confhub.words.texts import one_line

# all: every site of the meeting; levels: sites of units of these levels; host: who plans it alone.
Audience = Literal["all", "levels", "host"]
AUDIENCES: tuple[Audience, ...] = ("all", "levels", "host")
NAME_LENGTH = 200
# A session of a people's council has some sixty; what somebody uploads in a loop is bounded.
MOST_VERSIONS = 200
MB = 1024 * 1024

_NO_NAME = N_("Tệp phải có tên.")
_EMPTY = N_("Tệp không có nội dung.")
_TOO_LARGE = N_("Tệp lớn hơn mức cho phép (%(most)s MB).")
_TOO_LARGE_TOGETHER = N_("Tài liệu của cuộc họp này đã đến mức cho phép (%(most)s MB).")
_TOO_MANY = N_("Cuộc họp này đã có %(most)s tệp tài liệu. Xin gỡ bớt tệp không cần nữa.")
_TOO_MUCH_TODAY = N_(
    "Tài khoản này đã gửi %(most)s MB tài liệu trong 24 giờ qua, mức nhiều nhất cho phép."
    " Xin gửi tiếp sau, hoặc nhờ cán bộ kỹ thuật nâng mức."
)
_NO_LEVELS = N_("Xin chọn ít nhất một cấp.")
_OFF = N_("Cuộc họp đã hủy nên không nhận thêm tài liệu.")


class TakenIn(Conflict):
    """It is given up too late: everybody may have read it."""

    code = "paper_taken_in"
    message = N_("Tệp đã được nhận. Muốn bỏ, xin xóa trong danh sách tài liệu.")


class Refused(ConfhubError):
    """A file that came whole and is not kept; `code` says why."""

    code = "paper_refused"
    http_status = 422
    message = N_("Tệp này không được nhận.")


REFUSALS: dict[str, str] = {
    "paper_kind": N_("Loại tệp này không được nhận. Được nhận: %(kinds)s."),
    "paper_macro": N_("Tệp có chứa macro nên không được nhận. Xin lưu lại dạng không có macro."),
    "paper_locked": N_("Tệp có mật khẩu nên không kiểm tra được. Xin bỏ mật khẩu rồi gửi lại."),
    "paper_infected": N_("Chương trình diệt vi-rút báo tệp này có mã độc nên không nhận."),
}


def refusal(code: str, kinds: Sequence[str]) -> Refused:
    values = {"kinds": ", ".join(kinds)} if code == "paper_kind" else {}
    return Refused(REFUSALS.get(code), code=code, values=values)


@dataclass(frozen=True, slots=True)
class Shown:
    """To whom a paper is shown; `levels` are ids, of `levels` alone."""

    to: Audience = "all"
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One file of a paper, the same for ever. `digest` is the SHA-256 of its bytes; `kind` is a
    name of `confhub.papers.kinds`. `is_scanned`: a scanner found nothing in it."""

    id: str
    paper_id: str
    meeting_id: str
    number: int
    name: str
    digest: str
    size: int
    kind: str
    added_at: dt.datetime
    added_by: str
    is_scanned: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """`versions` are never none, the latest last."""

    id: str
    meeting_id: str
    shown: Shown
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way. `paper_id`: of the paper of which it becomes the next version; empty: it
    is a new one. Once it is whole, `version_id` says what became of it, or `refused` why not."""

    id: str
    meeting_id: str
    account_id: str
    name: str
    size: int
    shown: Shown
    touched_at: dt.datetime
    paper_id: str = ""
    version_id: str = ""
    refused: str = ""

    @property
    def is_over(self) -> bool:
        return bool(self.version_id or self.refused)


@dataclass(frozen=True, slots=True)
class Opening:
    """That somebody opened a version: an account, or whoever holds a site's link."""

    version_id: str
    account_id: str
    site_id: str
    address: str
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes, of a file, of all of a meeting and of what an account sends in 24 hours; `kinds`
    are those that are taken."""

    paper: int
    meeting: int
    daily: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom papers are asked. `levels`: of the sites for which they read."""

    levels: frozenset[str] = frozenset()
    may_change: bool = False
    is_officer: bool = False  # of the host, or above it


def may_read(shown: Shown, reader: Reader) -> bool:
    if reader.may_change:
        return True
    if shown.to == "host":
        return False
    if shown.to == "all" or reader.is_officer:
        return True
    return not reader.levels.isdisjoint(shown.levels)


def clean_name(text: str) -> str:
    """The name of a file as people see it, without the folders of whoever sent it; FieldErrors
    (`name`)."""
    name = one_line(text.replace("\\", "/").rpartition("/")[2]).strip(". ")
    if not name:
        raise FieldErrors({"name": BadInput(_NO_NAME)})
    if len(name) <= NAME_LENGTH:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 8:
        return name[:NAME_LENGTH]
    return f"{stem[: NAME_LENGTH - len(suffix) - 1]}.{suffix}"


def check_shown(shown: Shown, levels: Collection[str]) -> Shown:
    """With none but `levels`, which there are; FieldErrors (`levels`)."""
    if shown.to != "levels":
        return Shown(shown.to)
    chosen = tuple(one for one in shown.levels if one in levels)
    if not chosen:
        raise FieldErrors({"levels": BadInput(_NO_LEVELS)})
    return Shown("levels", chosen)


def check_size(size: int, limits: Limits) -> None:
    if size <= 0:
        raise BadInput(_EMPTY, code="paper_empty")
    if size > limits.paper:
        raise TooLarge(_TOO_LARGE, values={"most": limits.paper // MB})


def check_room(size: int, count: int, used: int, limits: Limits) -> None:
    """Whether a file of this size has room beside so many, of so many bytes together; what is on
    its way counts among them."""
    check_size(size, limits)
    if count >= MOST_VERSIONS:
        raise Conflict(_TOO_MANY, code="too_many_papers", values={"most": MOST_VERSIONS})
    if used + size > limits.meeting:
        raise TooLarge(_TOO_LARGE_TOGETHER, values={"most": limits.meeting // MB})


def check_day(size: int, sent: int, limits: Limits) -> None:
    """Whether an account that sent so many bytes in 24 hours may send so many more: the disk is
    everybody's, whatever one of them does with it."""
    if sent + size > limits.daily:
        raise TooLarge(_TOO_MUCH_TODAY, values={"most": limits.daily // MB})


def check_takes(status: str) -> None:
    """A meeting takes papers until it is called off: conclusions come when it is over."""
    if status == "cancelled":
        raise Conflict(_OFF, code="cancelled")
