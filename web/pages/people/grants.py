"""Pages on which an administrator gives rights and ends them, and holders hand theirs over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from confhub.desks import grants as desk
from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors, NotFound
from confhub.identity import is_id, new_id
from confhub.people.account import ROLE_NAMES
from confhub.people.grant import Grant, check_may_hand_over, last_day, period
from confhub.people.policy import may_grant_until
from confhub.words.dates import read_date
from confhub.words.texts import one_line, searched
from web.pages.people.account_form import ROLE_NOTES
from web.pages.people.grant_rows import grant_rows
from web.pages.people.reach import account_in_reach, unit_path_ids
from web.rendering import unit_choice
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.auth import actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

_TEXTS = ("key", "role", "unit_id", "taker", "first", "last", "reason", "mode")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, kept to be shown again. `key`, the new grant's id, gives it once."""

    key: str = ""
    role: str = ""
    unit_id: str = ""
    taker: str = ""
    first: str = ""
    last: str = ""
    reason: str = ""
    mode: str = ""  # of an end: now, day, never


# Giving ------------------------------------------------------------------------------------------


async def new_page(request: web.Request) -> web.Response:
    """GET /accounts/{account_id}/grants/new"""
    account = await account_in_reach(request)
    unit_id = request.query.get("unit", account.unit_id)
    role = request.query.get("role", "")  # chosen, not left as it was
    return await _give_page(request, account.id, Typed(new_id(), role, unit_id))


async def give(request: web.Request) -> web.Response:
    """POST /accounts/{account_id}/grants/new"""
    account = await account_in_reach(request)
    typed = await _typed(request)
    store, actor = request.app[SERVICES].store, actor_of(request)
    try:
        starts_at, ends_at = _period(request, typed)
        role = next((role for role in ROLE_NAMES if role == typed.role), None)
        if role is None:
            raise FieldErrors({"role": BadInput(N_("Xin chọn vai trò."))})
        grant = Grant(
            typed.key,
            account.id,
            role,
            typed.unit_id,
            starts_at,
            ends_at,
            given_by=actor.account_id,
            given_at=actor.now,
            reason=typed.reason,
        )
        await desk.give(store, actor, grant)
    except (FieldErrors, Conflict) as error:
        typed = _again(typed, error)
        return await _give_page(request, account.id, typed, field_messages(request, error))
    done = words(request).gettext(N_("Đã giao vai trò."))
    return redirect(request, f"/accounts/{account.id}", done)


async def _give_page(
    request: web.Request, account_id: str, typed: Typed, problems: Mapping[str, str] | None = None
) -> web.Response:
    viewer, today = require_viewer(request), local_date(request)
    tree = [
        unit
        for unit in await unit_choice.tree_below(request, viewer, "manage_accounts")
        if unit.stands_on(today)
    ]
    query = searched(request.query.get("q", ""))
    gettext = words(request).gettext
    return await render(
        request,
        "accounts/give.html",
        status=400 if problems else 200,
        account=await request.app[SERVICES].store.accounts.get(account_id),
        typed=typed,
        problems=problems or {},
        roles=[("", gettext(N_("Chọn vai trò")))]
        + [(role, gettext(name)) for role, name in ROLE_NAMES.items()],
        role_notes=[(gettext(ROLE_NAMES[r]), gettext(n)) for r, n in ROLE_NOTES.items()],
        units=await unit_choice.choice(request, "manage_accounts", tree, typed.unit_id, query),
    )


# Ending ------------------------------------------------------------------------------------------


async def ask_end(request: web.Request) -> web.Response:
    """GET /accounts/{account_id}/grants/{grant_id}/end: when, before anything ends."""
    return await _end_page(request, await _administered(request), _back(request))


async def end(request: web.Request) -> web.Response:
    """POST /accounts/{account_id}/grants/{grant_id}/end"""
    return await _end(request, await _administered(request), _back(request))


async def ask_end_own(request: web.Request) -> web.Response:
    """GET /account/grants/{grant_id}/end: what one handed over, or was handed over."""
    return await _end_page(request, await _handed_over(request), "/account")


async def end_own(request: web.Request) -> web.Response:
    """POST /account/grants/{grant_id}/end"""
    return await _end(request, await _handed_over(request), "/account")


async def _administered(request: web.Request) -> Grant:
    """The right of the address; NotFound unless the viewer could give it as it stands."""
    grant = await request.app[SERVICES].store.grants.get(request.match_info["grant_id"])
    path = await unit_path_ids(request, grant.unit_id)
    viewer = require_viewer(request)
    able = may_grant_until(viewer.grants, grant.role, grant.ends_at, unit_path=path)
    if not able or grant.account_id != request.match_info["account_id"]:
        raise NotFound
    return grant


async def _handed_over(request: web.Request) -> Grant:
    """The right of the address; NotFound unless the viewer handed it over or holds it so."""
    grant = await request.app[SERVICES].store.grants.get(request.match_info["grant_id"])
    own = require_viewer(request).account.id
    if not grant.is_handed_over or own not in (grant.given_by, grant.account_id):
        raise NotFound
    return grant


def _back(request: web.Request) -> str:
    return f"/accounts/{request.match_info['account_id']}"


async def _end(request: web.Request, grant: Grant, back: str) -> web.Response:
    typed = await _typed(request)
    actor = actor_of(request)
    try:
        ends_at: dt.datetime | None = actor.now
        if typed.mode != "now":
            ends_at = _period(request, typed)[1]
            if ends_at is None and typed.mode != "never":
                raise FieldErrors({"last": BadInput(N_("Xin ghi ngày cuối."))})
        await desk.end(request.app[SERVICES].store, actor, grant.id, ends_at)
    except (FieldErrors, Conflict) as error:
        return await _end_page(request, grant, back, typed, field_messages(request, error))
    done = N_("Đã kết thúc vai trò.") if typed.mode == "now" else N_("Đã ghi ngày kết thúc.")
    return redirect(request, back, words(request).gettext(done))


async def _end_page(
    request: web.Request,
    grant: Grant,
    back: str,
    typed: Typed | None = None,
    problems: Mapping[str, str] | None = None,
) -> web.Response:
    if typed is None:
        until = last_day(grant.ends_at, request.app[SERVICES].zone) if grant.ends_at else None
        typed = Typed(mode="now", last=until.isoformat() if until else "")
    (row,) = await grant_rows(request, [grant])
    return await render(
        request,
        "accounts/end_grant.html",
        status=400 if problems else 200,
        row=row,
        typed=typed,
        problems=problems or {},
        back=back,
    )


# Handing over ------------------------------------------------------------------------------------


async def ask_hand_over(request: web.Request) -> web.Response:
    """GET /account/grants/{grant_id}/handover"""
    source = await _to_hand_over(request)
    today = local_date(request)
    return await _hand_over_page(request, source, Typed(new_id(), first=today.isoformat()))


async def hand_over(request: web.Request) -> web.Response:
    """POST /account/grants/{grant_id}/handover"""
    source = await _to_hand_over(request)
    typed = await _typed(request)
    actor = actor_of(request)
    try:
        starts_at, ends_at = _period(request, typed)
        grant = replace(
            Grant(typed.key, typed.taker, source.role, source.unit_id, starts_at, ends_at),
            given_by=actor.account_id,
            given_at=actor.now,
            reason=typed.reason,
            source=source,
        )
        await desk.hand_over(request.app[SERVICES].store, actor, grant)
    except (FieldErrors, Conflict) as error:
        typed = _again(typed, error)
        return await _hand_over_page(request, source, typed, field_messages(request, error))
    return redirect(request, "/account", words(request).gettext(N_("Đã ủy quyền.")))


async def _to_hand_over(request: web.Request) -> Grant:
    """One's own right of the address; NotFound, or Forbidden where it cannot be handed over."""
    services = request.app[SERVICES]
    held = await services.store.grants.of(require_viewer(request).account.id)
    source = next((one for one in held if one.id == request.match_info["grant_id"]), None)
    if source is None:
        raise NotFound
    check_may_hand_over(source, services.clock())
    return source


async def _hand_over_page(
    request: web.Request, source: Grant, typed: Typed, problems: Mapping[str, str] | None = None
) -> web.Response:
    store = request.app[SERVICES].store
    takers = await desk.colleagues(store, source)
    people = await store.accounts.people([account.id for account in takers])
    (row,) = await grant_rows(request, [source])
    return await render(
        request,
        "accounts/hand_over.html",
        status=400 if problems else 200,
        row=row,
        typed=typed,
        problems=problems or {},
        takers=[(one.id, _introduced(one.name, people[one.id].title)) for one in takers],
    )


def _introduced(name: str, title: str) -> str:
    return f"{name}, {title}" if title else name


# What forms share --------------------------------------------------------------------------------


async def _typed(request: web.Request) -> Typed:
    fields = await posted_form(request)
    texts = {name: one_line(str(fields.get(name, ""))) for name in _TEXTS}
    key = texts["key"] if is_id(texts["key"]) else new_id()
    return Typed(**texts | {"key": key})


def _again(typed: Typed, error: FieldErrors | Conflict) -> Typed:
    """For the form that is shown again: where its key is in use, under a new one."""
    return replace(typed, key=new_id()) if isinstance(error, Conflict) else typed


def _period(request: web.Request, typed: Typed) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The typed days as instants; FieldErrors."""
    days: dict[str, dt.date | None] = {}
    problems: dict[str, ConfhubError] = {}
    for name, text in (("first", typed.first), ("last", typed.last)):
        if name == "last" and typed.mode == "never":
            continue
        try:
            days[name] = read_date(text)
        except BadInput as error:
            problems[name] = error
    if problems:
        raise FieldErrors(problems)
    return period(days.get("first"), days.get("last"), request.app[SERVICES].zone)
