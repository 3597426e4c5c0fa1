"""/people: people without an account of a unit and the units below it: list, add, change, end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from confhub.desks import address_book as desk
from confhub.errors import N_, Conflict, FieldErrors, NotFound
from confhub.identity import is_id, new_id
from confhub.long_work import beside
from confhub.people.person import Person
from confhub.units.unit import Unit
from confhub.words.texts import fold, one_line, searched, small_number
from web.pages.people.reach import unit_path_ids
from web.rendering import unit_choice
from web.rendering.pages import field_messages, redirect, render, words
from web.rendering.paging import asked_page
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

PAGE_SIZE = 100  # rows a person still scrolls through


async def list_page(request: web.Request) -> web.Response:
    """GET /people: those who left come last."""
    viewer = require_viewer(request)
    tree = await unit_choice.tree_below(request, viewer, "edit_people", ended=True)
    units = {unit.id: unit for unit in tree}
    people = await request.app[SERVICES].store.address_book.list(units.keys())
    query = searched(request.query.get("q", ""))
    # A country's book takes a tenth of a second and more, which live rooms must not wait.
    found = await beside(_select, people, units, query)
    paging = asked_page(request, len(found), PAGE_SIZE)
    return await render(
        request,
        "people/list.html",
        people=paging.cut(found),
        paging=paging,
        units=units,
        query=query,
    )


async def new_page(request: web.Request) -> web.Response:
    """GET /people/new"""
    own = require_viewer(request).tops("edit_people")[0]
    blank = Person(new_id(), "", unit_id=request.query.get("unit", own.id))
    return await _form_page(request, blank, is_new=True)


async def add(request: web.Request) -> web.Response:
    """POST /people/new"""
    fields = await posted_form(request)
    key = str(fields.get("key", ""))
    person = _typed(fields, Person(key if is_id(key) else new_id(), ""))
    store, actor = request.app[SERVICES].store, actor_of(request)
    try:
        await desk.add(store, actor, person)
    except (FieldErrors, Conflict) as error:
        if isinstance(error, Conflict):  # its key may be somebody else's
            person = replace(person, id=new_id())
        return await _form_page(request, person, field_messages(request, error), is_new=True)
    return redirect(request, "/people", words(request).gettext(N_("Đã thêm vào danh bạ.")))


async def edit_page(request: web.Request) -> web.Response:
    """GET /people/{person_id}"""
    person = await _in_reach(request)
    unit_id = request.query.get("unit", person.unit_id)
    return await _form_page(request, replace(person, unit_id=unit_id))


async def change(request: web.Request) -> web.Response:
    """POST /people/{person_id}"""
    known, fields = await _in_reach(request), await posted_form(request)
    version = small_number(str(fields.get("version", ""))) or 0
    person = replace(_typed(fields, known), version=version)
    store, actor = request.app[SERVICES].store, actor_of(request)
    try:
        await desk.change(store, actor, person)
    except (FieldErrors, Conflict) as error:
        return await _form_page(request, person, field_messages(request, error))
    return redirect(request, "/people", words(request).gettext(N_("Đã lưu.")))


async def ask_end(request: web.Request) -> web.Response:
    """GET /people/{person_id}/end: what it does, before it is done."""
    return await _end_page(request, await _in_reach(request))


async def end(request: web.Request) -> web.Response:
    """POST /people/{person_id}/end: they left, or (`back`) are here again."""
    known, fields = await _in_reach(request), await posted_form(request)
    act = desk.take_back if "back" in fields else desk.end
    version = small_number(str(fields.get("version", ""))) or 0
    store, actor = request.app[SERVICES].store, actor_of(request)
    try:
        await act(store, actor, known.id, version)
    except Conflict as error:
        return await _end_page(
            request, await _in_reach(request), field_messages(request, error)[""]
        )
    done = (
        N_("Đã đưa lại vào danh bạ.") if "back" in fields else N_("Đã ghi là không còn làm việc.")
    )
    return redirect(request, "/people", words(request).gettext(done))


async def _in_reach(request: web.Request) -> Person:
    """The person of the address; NotFound outside the viewer's reach, as if not there."""
    store = request.app[SERVICES].store
    person = await store.address_book.get(request.match_info["person_id"])
    path = await unit_path_ids(request, person.unit_id)
    if not require_viewer(request).may("edit_people", path):
        raise NotFound
    return person


async def _end_page(request: web.Request, person: Person, trouble: str = "") -> web.Response:
    status = 409 if trouble else 200
    return await render(request, "people/end.html", status=status, person=person, trouble=trouble)


async def _form_page(
    request: web.Request,
    person: Person,
    problems: Mapping[str, str] | None = None,
    *,
    is_new: bool = False,
) -> web.Response:
    viewer, today = require_viewer(request), local_date(request)
    tree = [
        unit
        for unit in await unit_choice.tree_below(request, viewer, "edit_people", ended=True)
        if unit.stands_on(today) or unit.id == person.unit_id
    ]
    query = searched(request.query.get("q", ""))
    return await render(
        request,
        "people/form.html",
        status=400 if problems else 200,
        person=person,
        is_new=is_new,
        problems=problems or {},
        units=await unit_choice.choice(request, "edit_people", tree, person.unit_id, query),
    )


def _typed(fields: Mapping[str, object], person: Person) -> Person:
    def text(name: str) -> str:
        return one_line(str(fields.get(name, "")))

    return replace(
        person,
        name=text("name"),
        title=text("title"),
        unit_id=text("unit_id"),
        email=text("email"),
        phone=text("phone"),
    )


def _select(people: Sequence[Person], units: Mapping[str, Unit], query: str) -> list[Person]:
    """Those that match, in the order of `units`, who left at the end."""
    sought = fold(query).split()
    places = {unit_id: place for place, unit_id in enumerate(units)}
    found = [
        person
        for person in people
        if all(word in _text(person, units[person.unit_id].name) for word in sought)
    ]
    return sorted(found, key=lambda one: (one.ended_at is not None, places[one.unit_id]))


def _text(person: Person, unit: str) -> str:
    return fold(f"{person.name} {person.title} {unit} {person.phone} {person.email}")
