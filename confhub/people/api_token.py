"""An access token: by it a program asks for a unit, with some of its maker's powers. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from confhub.errors import N_, BadInput, ConfhubError, Conflict
from confhub.people.policy import Action
from confhub.people.powers import Held, Powers
from confhub.units.unit import Unit

Scope = Literal[
    "read_units",
    "read_meetings",
    "read_answers",
    "read_papers",
    "read_links",
    "write_meetings",
    "write_answers",
]
# What each lets a program do at most. Which addresses it opens stands in the URL table.
ALLOWS: Mapping[Scope, frozenset[Action]] = {
    "read_units": frozenset({"see_units"}),
    "read_meetings": frozenset({"see_meetings"}),
    "read_answers": frozenset({"see_meetings", "see_links"}),
    "read_papers": frozenset({"see_meetings", "see_links"}),
    "read_links": frozenset({"see_meetings", "see_links"}),
    "write_meetings": frozenset({"see_units", "see_meetings", "schedule"}),
    "write_answers": frozenset({"see_meetings", "see_links", "join"}),
}
SCOPE_NAMES: Mapping[Scope, str] = {
    "read_units": N_("Đọc danh mục đơn vị và điểm cầu"),
    "read_meetings": N_("Đọc lịch họp, ai đã vào họp"),
    "read_answers": N_("Đọc câu trả lời của điểm cầu, gồm tên người dự"),
    "read_papers": N_("Đọc và tải tài liệu họp"),
    "read_links": N_("Xem trạng thái liên kết vào họp của điểm cầu"),
    "write_meetings": N_("Lập, sửa, dời, hoãn, hủy cuộc họp, mời điểm cầu"),
    "write_answers": N_("Trả lời thay điểm cầu"),
}
# A secret that lies in another system's settings for longer is forgotten there.
LONGEST = dt.timedelta(days=366)
# A unit's other systems are a handful.
MOST_TOKENS = 20
MAX_NAME_LENGTH = 120  # the store's column

_NO_NAME = N_("Xin ghi tên hệ thống sẽ dùng mã này.")
_LONG_NAME = N_("Tên dài quá %(limit)s ký tự.")
_NO_SCOPE = N_("Xin chọn ít nhất một quyền.")
_PAST = N_("Ngày này đã qua. Xin chọn từ hôm nay trở đi.")
_TOO_LATE = N_("Mã dùng được nhiều nhất một năm. Xin chọn ngày sớm hơn.")
_FULL = N_("Đơn vị đã có đủ %(limit)s mã. Xin thu hồi mã không dùng nữa.")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """`account_id`: who made it. Times are aware."""

    id: str
    unit_id: str
    account_id: str
    name: str  # of what uses it
    secret_hash: str
    scopes: tuple[Scope, ...]
    made_at: dt.datetime
    ends_at: dt.datetime
    used_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None  # when it was revoked

    def holds(self, now: dt.datetime) -> bool:
        return self.ended_at is None and now < self.ends_at

    @property
    def actions(self) -> frozenset[Action]:
        found: frozenset[Action] = frozenset()
        return found.union(*(ALLOWS[scope] for scope in self.scopes))


def known_scopes(names: Iterable[str]) -> tuple[Scope, ...]:
    """Those that there are, each once, in their order; others give nothing."""
    given = set(names)
    return tuple(scope for scope in ALLOWS if scope in given)


def wrong_fields(
    name: str, scopes: Sequence[Scope], ends_at: dt.datetime | None, now: dt.datetime
) -> dict[str, ConfhubError]:
    """By field of the form, what is wrong with a new token. No end is for the form to say."""
    found: dict[str, ConfhubError] = {}
    if not name:
        found["name"] = BadInput(_NO_NAME)
    elif len(name) > MAX_NAME_LENGTH:
        found["name"] = BadInput(_LONG_NAME, values={"limit": MAX_NAME_LENGTH})
    if not scopes:
        found["scopes"] = BadInput(_NO_SCOPE)
    if ends_at is not None and ends_at <= now:
        found["last"] = BadInput(_PAST)
    elif ends_at is not None and ends_at > now + LONGEST:
        found["last"] = BadInput(_TOO_LATE)
    return found


def check_count(living: int) -> None:
    """Conflict where a unit has as many as it may."""
    if living >= MOST_TOKENS:
        raise Conflict(_FULL, values={"limit": MOST_TOKENS})


def narrowed(powers: Powers, token: ApiToken, unit_path: Sequence[Unit]) -> Powers:
    """What is left of the maker's powers within the token's unit, at the end of `unit_path`."""
    above = {unit.id for unit in unit_path}
    kept: list[Held] = []
    for one in powers.held:
        if token.unit_id in {unit.id for unit in one.path}:
            kept.append(replace(one, grant=replace(one.grant, only=token.actions)))
        elif one.unit.id in above and not one.alone:
            grant = replace(one.grant, unit_id=token.unit_id, only=token.actions)
            kept.append(Held(grant, tuple(unit_path)))
    return Powers(tuple(kept))
