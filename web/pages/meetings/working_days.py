"""/working-days: which days of a year offices are open or closed against the week's rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from aiohttp import web

from confhub.desks import work_calendar as desk
from confhub.errors import N_, BadInput, FieldErrors, Forbidden, NotFound
from confhub.meetings.working_days import SpecialDay, holidays_of, worked_saturdays
from confhub.words.dates import FIRST_YEAR, LAST_YEAR, read_date
from confhub.words.texts import one_line, small_number
from web.pages.meetings.typed_times import plain_day
from web.rendering.pages import field_messages, language_of, redirect, render, words
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the year's table; `kept` by an administrator, against or beside the calendar."""

    day: dt.date
    is_off: bool
    name: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed; `kind` is off or work."""

    day: str = ""
    kind: str = "off"
    name: str = ""


async def show(request: web.Request) -> web.Response:
    """GET /working-days?year="""
    return await _page(request, _asked_year(request), Typed())


async def keep(request: web.Request) -> web.Response:
    """POST /working-days: a day that a notice moves."""
    _require_the_house(request)
    fields = await posted_form(request)
    texts = {name: one_line(str(fields.get(name, ""))) for name in ("day", "kind", "name")}
    typed = Typed(plain_day(texts["day"], local_date(request)), texts["kind"], texts["name"])
    try:
        special = _read(typed)
        await desk.set_day(request.app[SERVICES].store, actor_of(request), special)
    except FieldErrors as error:
        return await _page(request, _asked_year(request), typed, error)
    said = words(request).gettext(N_("Đã ghi ngày vào bảng."))
    return redirect(request, f"/working-days?year={special.day.year}", said)


async def drop(request: web.Request) -> web.Response:
    """POST /working-days/{day}/drop: the calendar's own word holds again."""
    try:
        day = dt.date.fromisoformat(request.match_info["day"])
    except ValueError:
        raise NotFound from None
    await desk.drop_day(request.app[SERVICES].store, actor_of(request), day)
    said = words(request).gettext(N_("Đã bỏ ngày khỏi bảng."))
    return redirect(request, f"/working-days?year={day.year}", said)


async def _page(
    request: web.Request, year: int, typed: Typed, error: FieldErrors | None = None
) -> web.Response:
    return await render(
        request,
        "meetings/working_days.html",
        status=400 if error else 200,
        year=year,
        years=[n for n in (year - 1, year + 1) if FIRST_YEAR <= n <= LAST_YEAR],
        rows=await _rows(request, year),
        typed=typed,
        problems=field_messages(request, error),
        may_keep=require_viewer(request).runs_the_house,
    )


async def _rows(request: web.Request, year: int) -> list[Row]:
    language = language_of(request)
    rows: dict[dt.date, Row] = {}
    worked = words(request).gettext(N_("Làm bù"))
    for day, name in holidays_of(year, language):
        rows[day] = Row(day, is_off=True, name=name, kept=False)
    for day in worked_saturdays(year):
        rows[day] = Row(day, is_off=False, name=worked, kept=False)
    for special in await request.app[SERVICES].store.special_days.all():
        if special.day.year == year:
            rows[special.day] = Row(special.day, special.is_off, special.name, kept=True)
    return [rows[day] for day in sorted(rows)]


def _read(typed: Typed) -> SpecialDay:
    problems: dict[str, BadInput] = {}
    day = None
    try:
        day = read_date(typed.day)
        if day is None:
            problems["day"] = BadInput(N_("Xin nhập ngày."))
    except BadInput as error:
        problems["day"] = error
    if typed.kind not in ("off", "work"):
        problems["kind"] = BadInput(N_("Xin chọn nghỉ hay làm việc."))
    if day is None or problems:
        raise FieldErrors(problems)
    return SpecialDay(day, typed.kind == "off", typed.name)


def _asked_year(request: web.Request) -> int:
    year = small_number(request.query.get("year", ""))
    within = year is not None and FIRST_YEAR <= year <= LAST_YEAR
    return year if year is not None and within else local_date(request).year


def _require_the_house(request: web.Request) -> None:
    """A day off is the whole house's."""
    if not require_viewer(request).runs_the_house:
        raise Forbidden
