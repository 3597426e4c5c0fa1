"""The days on which a year's notice has offices open or closed, whatever the calendar says.

They hold for the whole house: who runs it keeps them, and for everybody else it is Forbidden.
"""

from __future__ import annotations

import datetime as dt

from confhub.desks import rights
from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.meetings.working_days import SpecialDay
from confhub.people.actor import Actor
from confhub.store import Store
from confhub.words.texts import one_line

MOST_NAME = 200  # the store's column
# Thirty years of notices; every form for a meeting reads them.
MOST_DAYS = 600


async def set_day(store: Store, actor: Actor, special: SpecialDay) -> None:
    """FieldErrors for `name` and `day`; a day that stands there already is changed."""
    name = one_line(special.name)
    problems: dict[str, ConfhubError] = {}
    if not name:
        problems["name"] = BadInput(N_("Xin ghi lý do, ví dụ tên ngày lễ hoặc số công văn."))
    elif len(name) > MOST_NAME:
        message = N_("Dài nhất %(limit)s ký tự; đang có %(has)s.")
        problems["name"] = BadInput(message, values={"limit": MOST_NAME, "has": len(name)})
    async with store.work(actor) as work:
        await rights.require_the_house(work)
        if problems:
            raise FieldErrors(problems)
        there = {one.day: one for one in await work.special_days.all()}
        made = SpecialDay(special.day, special.is_off, name)
        if there.get(special.day) == made:
            return
        if special.day not in there and len(there) >= MOST_DAYS:
            message = N_("Bảng đã đủ %(limit)s ngày. Xin bỏ những năm đã qua trước.")
            raise FieldErrors({"day": BadInput(message, values={"limit": MOST_DAYS})})
        await work.special_days.put(made)
        await work.audit(
            "special_day.off" if special.is_off else "special_day.work",
            subject=special.day.isoformat(),
            detail=name,
        )


async def drop_day(store: Store, actor: Actor, day: dt.date) -> None:
    """The calendar's own word holds again; NotFound."""
    async with store.work(actor) as work:
        await rights.require_the_house(work)
        await work.special_days.drop(day)
        await work.audit("special_day.dropped", subject=day.isoformat())
