"""A right somebody holds: a role in a unit, from one moment to another. Pure.

An account's own post is its standing grant and has the account's id. Further ones are added by an
administrator, or handed over by another holder for a time (ủy quyền). What was handed over holds
only while its source does: a giver who loses the post, is locked or is moved takes it along.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confhub.errors import N_, BadInput, ConfhubError, Forbidden
from confhub.people.account import Account, Role

MAX_REASON_LENGTH = 200  # the store's column
# The longest leave of the labour code is six months (article 139); a post that is empty for longer
# is given to somebody.
LONGEST_HANDOVER = dt.timedelta(days=184)


@dataclass(frozen=True, slots=True)
class Grant:
    """`role` in the unit and what is below it, within [starts_at, ends_at); None: unbounded."""

    id: str
    account_id: str
    role: Role
    unit_id: str
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    given_by: str = ""  # the account that gave it; empty: the command line, or with the account
    given_at: dt.datetime | None = None
    reason: str = ""
    source: Grant | None = None  # what the giver handed over
    active: bool = True  # whether the holder's account is open
    only: frozenset[str] | None = None  # actions that it is narrowed to; None: all of its role

    @property
    def is_post(self) -> bool:
        return self.id == self.account_id

    @property
    def is_handed_over(self) -> bool:
        return self.source is not None


def post_of(
    account: Account, starts_at: dt.datetime | None = None, ends_at: dt.datetime | None = None
) -> Grant:
    """The grant that an account is made with."""
    return Grant(
        account.id,
        account.id,
        account.role,
        account.unit_id,
        starts_at,
        ends_at,
        active=account.active,
    )


def holds(grant: Grant, now: dt.datetime) -> bool:
    """Whether the grant is in force at `now`."""
    if not grant.active or not _within(grant, now):
        return False
    source = grant.source
    if source is None:
        return True
    same = (source.role, source.unit_id) == (grant.role, grant.unit_id)
    return same and source.account_id == grant.given_by and holds(source, now)


def in_force(grants: Iterable[Grant], now: dt.datetime) -> tuple[Grant, ...]:
    """Those that hold at `now`: what `policy.may` is asked with."""
    return tuple(grant for grant in grants if holds(grant, now))


def is_over(grant: Grant, now: dt.datetime) -> bool:
    """Whether its time has passed for good."""
    return grant.ends_at is not None and grant.ends_at <= now


def next_end(grants: Iterable[Grant]) -> dt.datetime | None:
    """When the first of these grants, all in force, ends by itself; None: none does."""
    ends: list[dt.datetime] = []
    for grant in grants:
        link: Grant | None = grant
        while link is not None:
            if link.ends_at is not None:
                ends.append(link.ends_at)
            link = link.source
    return min(ends, default=None)


def period(
    first: dt.date | None, last: dt.date | None, zone: dt.tzinfo
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The instants of whole days as people write them: from the first to the last, both counted."""
    return (
        None if first is None else _midnight(first, zone),
        None if last is None else _midnight(last + dt.timedelta(days=1), zone),
    )


def last_day(ends_at: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The day on which a grant holds for the last time."""
    return (ends_at - dt.timedelta(microseconds=1)).astimezone(zone).date()


def check_period(
    starts_at: dt.datetime | None, ends_at: dt.datetime | None, now: dt.datetime
) -> dict[str, ConfhubError]:
    """What is wrong with a new grant's time, by the form's fields `first` and `last`."""
    if ends_at is None:
        return {}
    if ends_at <= now:
        return {"last": BadInput(N_("Ngày này đã qua. Xin chọn từ hôm nay trở đi."))}
    if starts_at is not None and ends_at <= starts_at:
        return {"last": BadInput(N_("Ngày cuối phải sau hoặc trùng ngày đầu."))}
    return {}


def check_may_hand_over(grant: Grant, now: dt.datetime) -> None:
    """Raise Forbidden if the holder may not hand `grant` over at all.

    What was handed over is not handed on, as the law on local government has it for powers.
    """
    if grant.is_handed_over:
        raise Forbidden(
            N_("Vai trò nhận ủy quyền thì không được ủy quyền tiếp."), code="handed_over"
        )
    if grant.role == "site":
        raise Forbidden(
            N_("Tài khoản điểm cầu là của phòng họp nên không ủy quyền được."), code="no_person"
        )
    if not holds(grant, now):
        raise Forbidden(N_("Vai trò này không còn hiệu lực nên không ủy quyền được."))


def check_handover(
    grant: Grant, starts_at: dt.datetime | None, ends_at: dt.datetime | None, now: dt.datetime
) -> dict[str, ConfhubError]:
    """What is wrong (`first`, `last`) with a time for which `grant` is to be handed over."""
    problems = check_period(starts_at, ends_at, now)
    if ends_at is None:
        problems["last"] = BadInput(N_("Xin ghi ngày cuối của thời gian ủy quyền."))
    elif "last" not in problems:
        begins = max(starts_at or now, now)
        if ends_at - begins > LONGEST_HANDOVER:
            problems["last"] = BadInput(
                N_("Ủy quyền nhiều nhất %(days)s ngày. Lâu hơn thì xin quản trị giao vai trò."),
                values={"days": LONGEST_HANDOVER.days},
            )
        elif grant.ends_at is not None and ends_at > grant.ends_at:
            problems["last"] = BadInput(N_("Vai trò của bạn hết hạn trước ngày này."))
    return problems


def by_use(grants: Sequence[Grant], now: dt.datetime) -> list[Grant]:
    """For reading: the post first, then what holds, what is to come, and what is over, latest
    first."""

    def place(grant: Grant) -> tuple[int, float]:
        if grant.is_post:
            return 0, 0.0
        if holds(grant, now):
            return 1, 0.0
        if grant.starts_at is not None and grant.starts_at > now:
            return 2, grant.starts_at.timestamp()
        return 3, -grant.ends_at.timestamp() if grant.ends_at is not None else 0.0

    return sorted(grants, key=place)


def _within(grant: Grant, now: dt.datetime) -> bool:
    began = grant.starts_at is None or grant.starts_at <= now
    return began and (grant.ends_at is None or now < grant.ends_at)


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
