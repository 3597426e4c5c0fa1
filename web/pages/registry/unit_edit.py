"""/units/new and /units/{unit_id}/rename, /move, /end: a unit is changed from a day on.

The first press shows what will change and what hangs on it, the second does just that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.registry.units import edit_unit
from confhub.errors import N_, BadInput, Conflict, FieldErrors
from confhub.imports.report import Report
from confhub.imports.unit_edits import Act, Edit
from confhub.imports.unit_lines import CODE_LENGTH, NAME_LENGTH
from confhub.units.unit import Unit
from confhub.words.dates import read_date
from confhub.words.texts import one_line
from web.pages.registry import shared as registry
from web.rendering import unit_choice
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

Page = Callable[[web.Request], Awaitable[web.Response]]

# As boxes to tick; further ones are typed by their codes.
MOST_BOXES = 60
# The columns of a file, by the fields of the page.
_FIELDS = {"parent_code": "unit_id", "valid_from": "day", "valid_to": "day", "level": "level_id"}


@dataclass(frozen=True, slots=True)
class _Words:
    heading: str
    explained: str
    done: str


_WORDS: Mapping[Act, _Words] = {
    "add": _Words(
        N_("Thêm đơn vị"),
        N_("Đơn vị mới có hiệu lực từ ngày ghi dưới đây; để trống nếu đơn vị đã có từ lâu."),
        N_("Đã thêm đơn vị."),
    ),
    "rename": _Words(
        N_("Đổi tên đơn vị"),
        N_("Tên cũ vẫn ở lại trong lịch sử, tìm theo tên cũ vẫn thấy đơn vị."),
        N_("Đã đổi tên đơn vị."),
    ),
    "move": _Words(
        N_("Chuyển đơn vị cấp trên"),
        N_("Mọi đơn vị trực thuộc, điểm cầu, tài khoản và cuộc họp chuyển theo."),
        N_("Đã chuyển đơn vị."),
    ),
    "end": _Words(
        N_("Kết thúc hoặc sáp nhập đơn vị"),
        N_(
            "Điểm cầu, cuộc họp và liên kết vẫn giữ nguyên. Có đơn vị kế tục thì các cuộc họp sắp"
            " tới được đề nghị chuyển sang đó."
        ),
        N_("Đã ghi ngày kết thúc của đơn vị."),
    ),
}


async def new_page(request: web.Request) -> web.Response:
    """GET /units/new?unit="""
    own = require_viewer(request).tops("edit_units")[0]
    return await _page(request, Edit("add", parent_id=request.query.get("unit", own.id)))


async def add(request: web.Request) -> web.Response:
    """POST /units/new"""
    edit = _typed(await posted_form(request), Edit("add"))
    if edit.parent_id:
        await registry.path_in_reach(request, edit.parent_id, "edit_units")
    return await _take(request, edit)


def asking(act: Act) -> Page:
    async def ask(request: web.Request) -> web.Response:
        """GET"""
        unit = await _unit(request)
        parent_id = request.query.get("unit", unit.parent_id or "") if act == "move" else ""
        name = unit.name if act == "rename" else ""
        return await _page(request, Edit(act, unit.id, name=name, parent_id=parent_id), unit)

    return ask


def taking(act: Act) -> Page:
    async def take(request: web.Request) -> web.Response:
        """POST"""
        unit = await _unit(request)
        edit = _typed(await posted_form(request), Edit(act, unit.id))
        return await _take(request, edit, unit)

    return take


async def _unit(request: web.Request) -> Unit:
    """The unit of the address, also one that begins later or has ended."""
    unit_id = request.match_info["unit_id"]
    return (await registry.path_in_reach(request, unit_id, "edit_units"))[-1]


def _typed(fields: Mapping[str, object], edit: Edit) -> Edit:
    def text(name: str) -> str:
        return one_line(str(fields.get(name, "")))

    is_placed = edit.act in ("add", "move")
    ticked = (name.removeprefix("into_") for name in fields if name.startswith("into_"))
    return dataclasses.replace(
        edit,
        parent_id=text("unit_id") if is_placed else "",
        code=text("code") if edit.act == "add" else "",
        name=text("name"),
        level_id=text("level_id"),
        day=text("day"),
        successor_ids=tuple(ticked) if edit.act == "end" else (),
        successor_codes=text("successors") if edit.act == "end" else "",
    )


async def _take(request: web.Request, edit: Edit, unit: Unit | None = None) -> web.Response:
    seal = str((await posted_form(request)).get("seal", "")) or None
    try:
        store = request.app[SERVICES].store
        report = await edit_unit(store, actor_of(request), edit, seal)
    except (FieldErrors, Conflict) as error:
        found = {_FIELDS.get(k, k): text for k, text in field_messages(request, error).items()}
        return await _page(request, edit, unit, problems=found)
    if not report.done:
        return await _page(request, edit, unit, report, is_overtaken=seal is not None)
    return redirect(request, _after(request, edit), words(request).gettext(_WORDS[edit.act].done))


def _after(request: web.Request, edit: Edit) -> str:
    """Where what was done is seen."""
    try:
        day, today = read_date(edit.day), local_date(request)
    except BadInput:
        return "/units"
    if edit.act == "end":
        return "/units" if day is None or day <= today else f"/units/{edit.unit_id}"
    on = f"?on={day.isoformat()}" if day is not None and day > today else ""
    return f"/units/{edit.parent_id if edit.act == 'add' else edit.unit_id}{on}"


async def _page(
    request: web.Request,
    edit: Edit,
    unit: Unit | None = None,
    report: Report | None = None,
    *,
    problems: dict[str, str] | None = None,
    is_overtaken: bool = False,
) -> web.Response:
    catalogue, found = words(request), dict(problems or {})
    for one in report.problems if report else ():
        said = catalogue.gettext(one.message)
        found.setdefault(_FIELDS.get(one.column, one.column), said % one.values)
    levels = await request.app[SERVICES].store.units.levels()
    is_shown = report is not None and report.good and bool(report.shifts)
    return await render(
        request,
        "units/edit.html",
        status=400 if found else 200,
        edit=edit,
        unit=unit,
        said=_WORDS[edit.act],
        problems=found,
        report=report if is_shown else None,
        nothing=report is not None and report.good and not report.shifts,
        is_overtaken=is_overtaken and is_shown,
        warnings=[catalogue.gettext(w.message) % w.values for w in report.warnings]
        if report
        else [],
        levels=[
            (one.id, one.name if catalogue.language == "vi" else one.name_en) for one in levels
        ],
        units=await _places(request, edit),
        siblings=await _siblings(request, unit) if edit.act == "end" else (),
        name_length=NAME_LENGTH,
        code_length=CODE_LENGTH,
    )


async def _places(request: web.Request, edit: Edit) -> unit_choice.Choice | None:
    """Where the unit may stand."""
    if edit.act not in ("add", "move"):
        return None
    tree = await unit_choice.tree_below(request, require_viewer(request), "edit_units")
    query = registry.asked_text(request)
    return await unit_choice.choice(request, "edit_units", tree, edit.parent_id, query)


async def _siblings(request: web.Request, unit: Unit | None) -> Sequence[Unit]:
    """Of the same level below the same unit: most mergers are of neighbours."""
    if unit is None or unit.parent_id is None:
        return ()
    store = request.app[SERVICES].store.units
    tree = await store.tree(unit.parent_id, local_date(request), 1, ended=True)
    beside = [one for one in tree if one.level_id == unit.level_id and one.id != unit.id]
    standing = [one for one in beside if one.stands_on(local_date(request))]
    return standing if len(standing) <= MOST_BOXES else ()
