"""/patterns: patterns of meetings and lists of sites of a unit: list, make, change, end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from confhub.desks import patterns as desk
from confhub.errors import N_, Conflict, FieldErrors, NotFound
from confhub.identity import is_id, new_id
from confhub.planning.pattern import Kind, ListedPattern, Pattern
from confhub.units.unit import Unit
from confhub.words.texts import small_number
from web.meetings.access import see_meeting
from web.meetings.patterns import host_path
from web.pages.meetings.choices import form_choices
from web.pages.meetings.fields import Typed, read_form, shown_meeting
from web.pages.meetings.form_page import LIMITS
from web.pages.meetings.rules import add_coded_sites
from web.pages.planning.pattern_fields import (
    Fields,
    pattern_of,
    read_fields,
    shown_pattern,
    with_length,
)
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES


async def list_page(request: web.Request) -> web.Response:
    """GET /patterns?unit=: those of a unit and of the units above it, which serve it too."""
    asked = request.query.get("unit", "") or require_viewer(request).tops("schedule")[0].id
    path = await host_path(request, asked)
    found = await request.app[SERVICES].store.patterns.of([unit.id for unit in path])
    own: list[ListedPattern] = []
    above: list[ListedPattern] = []
    names = {unit.id: unit.name for unit in path}
    for one in found:
        (own if one.pattern.unit_id == path[-1].id else above).append(one)
    return await render(
        request,
        "patterns/list.html",
        unit=path[-1],
        own=sorted(own, key=lambda one: one.pattern.ended_at is not None),
        above=[one for one in above if one.pattern.ended_at is None],
        names=names,
        changeable={unit.id for unit in path if _may_change(request, path, unit)},
    )


def _may_change(request: web.Request, path: Sequence[Unit], unit: Unit) -> bool:
    upto = path[: path.index(unit) + 1]
    return require_viewer(request).may("schedule", upto)


async def new_page(request: web.Request) -> web.Response:
    """GET /patterns/new?kind=&unit=&meeting=: blank, or as a meeting is."""
    kind: Kind = "sites" if request.query.get("kind") == "sites" else "meeting"
    services = request.app[SERVICES]
    if meeting_id := request.query.get("meeting", ""):
        meeting = (await see_meeting(request, meeting_id, to_change=True)).meeting
        typed = with_length(shown_meeting(meeting, services.zone))
    else:
        asked = request.query.get("unit", "") or require_viewer(request).tops("schedule")[0].id
        host = (await host_path(request, asked))[-1]
        typed = Fields(Typed(host_unit_id=host.id, level_id=host.level_id))
    return await _form_page(request, replace(typed, kind=kind), key=new_id())


async def from_form(request: web.Request) -> web.Response:
    """POST /patterns/draft: what stands in a meeting's form, to be kept under a name."""
    posted = await posted_form(request)
    typed = await add_coded_sites(request, read_form(posted, local_date(request)))
    kind: Kind = "sites" if posted.get("kind") == "sites" else "meeting"
    rows = tuple(replace(row, id="") for row in typed.agenda)
    # A chair's site is invited, also where the picker does not name it.
    sites = dict.fromkeys(one for one in (typed.chair_site_id, *typed.site_ids) if one)
    typed = replace(typed, agenda=rows, site_ids=tuple(sites), version=0)
    return await _form_page(request, replace(with_length(typed), kind=kind), key=new_id())


async def add(request: web.Request) -> web.Response:
    """POST /patterns/new. The form carries the new one's id: sent twice it is kept once."""
    fields, key = await _read(request)
    pattern = pattern_of(fields, key if is_id(key) else new_id())
    try:
        if fields.typed.problems:
            raise FieldErrors(fields.typed.problems)
        await desk.add(request.app[SERVICES].store, actor_of(request), pattern)
    except (FieldErrors, Conflict) as error:
        key = new_id() if isinstance(error, Conflict) else pattern.id
        problems = field_messages(request, error)
        return await _form_page(request, fields, key=key, problems=problems)
    return redirect(request, f"/patterns?unit={pattern.unit_id}", _said(request, pattern))


async def edit_page(request: web.Request) -> web.Response:
    """GET /patterns/{pattern_id}"""
    pattern = await _in_reach(request)
    return await _form_page(request, shown_pattern(pattern), pattern=pattern)


async def change(request: web.Request) -> web.Response:
    """POST /patterns/{pattern_id}"""
    known = await _in_reach(request)
    fields, _ = await _read(request)
    typed = fields.typed
    typed = replace(typed, host_unit_id=typed.host_unit_id or known.unit_id)
    fields = replace(fields, kind=known.kind, typed=typed)
    pattern = replace(pattern_of(fields, known.id), version=fields.typed.version)
    try:
        if fields.typed.problems:
            raise FieldErrors(fields.typed.problems)
        await desk.change(request.app[SERVICES].store, actor_of(request), pattern)
    except (FieldErrors, Conflict) as error:
        problems = field_messages(request, error)
        return await _form_page(request, fields, pattern=known, problems=problems)
    return redirect(request, f"/patterns?unit={pattern.unit_id}", _said(request, pattern))


async def end(request: web.Request) -> web.Response:
    """POST /patterns/{pattern_id}/end: out of use, or (`back`) in use again."""
    known, fields = await _in_reach(request), await posted_form(request)
    act = desk.take_back if "back" in fields else desk.end
    version = small_number(str(fields.get("version", ""))) or 0
    try:
        await act(request.app[SERVICES].store, actor_of(request), known.id, version)
    except Conflict as error:
        problems = field_messages(request, error)
        return await _form_page(request, shown_pattern(known), pattern=known, problems=problems)
    done = (
        N_("Dùng lại được rồi.")
        if "back" in fields
        else N_("Đã thôi dùng, dùng lại lúc nào cũng được.")
    )
    return redirect(request, f"/patterns?unit={known.unit_id}", words(request).gettext(done))


async def _read(request: web.Request) -> tuple[Fields, str]:
    """The posted form, and the id that it carries."""
    posted = await posted_form(request)
    fields = read_fields(posted, local_date(request))
    typed = await add_coded_sites(request, fields.typed)
    return replace(fields, typed=typed), str(posted.get("key", ""))


def _said(request: web.Request, pattern: Pattern) -> str:
    text = (
        N_("Đã lưu mẫu cuộc họp.")
        if pattern.kind == "meeting"
        else N_("Đã lưu danh sách điểm cầu.")
    )
    return words(request).gettext(text)


async def _in_reach(request: web.Request) -> Pattern:
    """The pattern of the address; NotFound outside the viewer's reach, as if not there."""
    store = request.app[SERVICES].store
    pattern = await store.patterns.get(request.match_info["pattern_id"])
    path = await store.units.path(pattern.unit_id, local_date(request), ended=True)
    if not require_viewer(request).may("schedule", path):
        raise NotFound
    return pattern


async def _form_page(
    request: web.Request,
    fields: Fields,
    *,
    key: str = "",
    pattern: Pattern | None = None,
    problems: Mapping[str, str] | None = None,
) -> web.Response:
    choices = await form_choices(request, fields.typed)
    nobody = ("", words(request).gettext("Điểm cầu đầu tiên của đơn vị chủ trì"))
    return await render(
        request,
        "patterns/form.html",
        status=400 if problems else 200,
        fields=fields,
        typed=fields.typed,
        key=key,
        pattern=pattern,
        errors=problems or {},
        choices=choices,
        owners=[
            (one.value, "\N{NO-BREAK SPACE}" * 4 * one.depth + one.text) for one in choices.hosts
        ],
        chairs=[nobody, *((one.value, one.text) for one in choices.chairs)],
        limits=LIMITS,
        back=f"/patterns?unit={fields.typed.host_unit_id}",
    )
