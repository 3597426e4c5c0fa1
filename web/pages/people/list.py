"""Accounts of a unit and the units below it: list, add, change, new password."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from aiohttp import web

from confhub.desks import accounts as desk
from confhub.errors import N_, Conflict, FieldErrors
from confhub.identity import is_id, new_id
from confhub.long_work import beside
from confhub.people.account import ROLE_NAMES, Account
from confhub.people.grant import Grant, is_over
from confhub.people.passwords import hash_password, new_password
from confhub.units.unit import Unit
from confhub.words.texts import fold, searched, small_number
from web.pages.people.account_form import (
    ROLE_NOTES,
    AccountForm,
    apply_form,
    form_of,
    person_in,
    read_form,
)
from web.pages.people.grant_rows import grant_rows
from web.pages.people.held_roles import held_roles
from web.pages.people.reach import (
    account_in_reach,
    commanded_account,
    commands,
    endable,
)
from web.rendering import unit_choice
from web.rendering.pages import field_messages, redirect, render, words
from web.rendering.paging import asked_page
from web.requests.auth import Viewer, actor_of, local_date, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

PAGE_SIZE = 100  # rows a person still scrolls through


async def list_page(request: web.Request) -> web.Response:
    viewer = require_viewer(request)
    tree = await unit_choice.tree_below(request, viewer, "manage_accounts", ended=True)
    units = {unit.id: unit for unit in tree}
    store, now = request.app[SERVICES].store, request.app[SERVICES].clock()
    accounts = await store.accounts.list(units.keys())
    query, role = searched(request.query.get("q", "")), request.query.get("role", "")
    further = await store.grants.further_or_timed(units.keys())

    def select() -> tuple[list[Account], Mapping[str, Sequence[Grant]]]:
        held = held_roles(accounts, further, now)
        return _select(accounts, units, query, role, held), held

    # A country's accounts take a tenth of a second, which live rooms must not wait.
    found, held = await beside(select)
    start = asked_page(request, len(found), PAGE_SIZE).start
    here = await store.grants.in_units(units.keys())
    lasting = [g for g in here if not is_over(g, now) and role in ("", g.role)]
    return await render(
        request,
        "accounts/list.html",
        accounts=found[start : start + PAGE_SIZE],
        units=units,
        held=held,
        total=len(found),
        start=start,
        page_size=PAGE_SIZE,
        query=query,
        role=role,
        role_names=ROLE_NAMES,
        elsewhere=await grant_rows(request, lasting),
    )


async def new_page(request: web.Request) -> web.Response:
    viewer = require_viewer(request)
    own = viewer.tops("manage_accounts")[0]
    form = AccountForm(unit_id=request.query.get("unit", own.id))
    return await _form_page(request, viewer, None, form)


async def add(request: web.Request) -> web.Response:
    viewer, services = require_viewer(request), request.app[SERVICES]
    form = read_form(await posted_form(request))
    blank = Account(new_id(), form.login, form.name, "site", viewer.unit.id)
    password = new_password()
    try:
        account = apply_form(form, blank)
        issued = dataclasses.replace(account, password_issued=True)
        person = person_in(form, account)
        made = await hash_password(password)
        await desk.add(services.store, actor_of(request), issued, made, person)
    except (FieldErrors, Conflict) as error:
        return await _form_page(
            request, viewer, None, form, field_messages(request, error, taken="login")
        )
    return await _password_page(request, account, password, added=True)


async def edit_page(request: web.Request) -> web.Response:
    account = await account_in_reach(request)
    person = await request.app[SERVICES].store.accounts.person(account.id)
    form = form_of(account, person)
    form = dataclasses.replace(form, unit_id=request.query.get("unit", account.unit_id))
    return await _form_page(request, require_viewer(request), account, form)


async def change(request: web.Request) -> web.Response:
    viewer, account = require_viewer(request), await account_in_reach(request)
    fields = await posted_form(request)
    form = read_form(fields)
    try:
        version = small_number(str(fields.get("version", ""))) or 0
        changed = dataclasses.replace(apply_form(form, account), version=version)
        store, person = request.app[SERVICES].store, person_in(form, changed)
        await desk.change(store, actor_of(request), changed, person)
    except (FieldErrors, Conflict) as error:
        return await _form_page(
            request, viewer, account, form, field_messages(request, error, taken="login")
        )
    return redirect(request, "/accounts", words(request).gettext(N_("Đã lưu tài khoản.")))


async def ask_reset(request: web.Request) -> web.Response:
    """What a new password will do, before it is made."""
    viewer, account = require_viewer(request), await commanded_account(request)
    if account.id == viewer.account.id:
        return redirect(request, "/account/password")
    return await render(request, "accounts/reset.html", account=account, key=new_id(), problem="")


async def reset_password(request: web.Request) -> web.Response:
    """A new password, shown once; whoever was signed in with the old one is not any more.

    Not one's own, which asks for the present password.
    """
    account_id = request.match_info["account_id"]
    if account_id == require_viewer(request).account.id:
        return redirect(request, "/account/password")
    password = new_password()
    store, made = request.app[SERVICES].store, await hash_password(password)
    sent = str((await posted_form(request)).get("key", ""))
    key = sent if is_id(sent) else None  # of a page from before keys
    try:
        account = await desk.reset_password(
            store, actor_of(request), account_id, made, issued=True, key=key
        )
    except desk.AlreadyReset as error:
        account, again = await commanded_account(request), words(request).gettext(error.message)
        found = {"account": account, "key": new_id(), "problem": again}
        return await render(request, "accounts/reset.html", status=error.http_status, **found)
    return await _password_page(request, account, password, added=False)


async def _form_page(
    request: web.Request,
    viewer: Viewer,
    account: Account | None,
    form: AccountForm,
    problems: dict[str, str] | None = None,
) -> web.Response:
    today = local_date(request)
    tree = [
        unit
        for unit in await unit_choice.tree_below(request, viewer, "manage_accounts", ended=True)
        if unit.stands_on(today) or unit.id == form.unit_id
    ]
    query = searched(request.query.get("q", ""))
    gettext = words(request).gettext
    grants = await request.app[SERVICES].store.grants.of(account.id) if account else []
    return await render(
        request,
        "accounts/form.html",
        status=400 if problems else 200,
        account=account,
        form=form,
        problems=problems or {},
        roles=[(role, gettext(name)) for role, name in ROLE_NAMES.items()],
        role_notes=[(gettext(ROLE_NAMES[r]), gettext(n)) for r, n in ROLE_NOTES.items()],
        units=await unit_choice.choice(request, "manage_accounts", tree, form.unit_id, query),
        rows=await grant_rows(request, grants),
        ends={grant.id for grant in await endable(request, grants)},
        may_change=await commands(request, grants),
        is_self=account is not None and account.id == viewer.account.id,
    )


async def _password_page(
    request: web.Request, account: Account, password: str, *, added: bool
) -> web.Response:
    return await render(
        request, "accounts/password.html", account=account, password=password, added=added
    )


def _select(
    accounts: Sequence[Account],
    units: Mapping[str, Unit],
    query: str,
    role: str,
    held: Mapping[str, Sequence[Grant]],
) -> list[Account]:
    """Those that match, in the order of `units`; in a unit the locked last, then by role."""
    words_sought = fold(query).split()
    found = [
        account
        for account in accounts
        if (not role or any(grant.role == role for grant in held[account.id]))
        and (not words_sought or _matches(account, units, words_sought))
    ]
    places = {unit_id: place for place, unit_id in enumerate(units)}
    ranks = {role: rank for rank, role in enumerate(ROLE_NAMES)}
    found.sort(key=lambda a: (places[a.unit_id], not a.active, ranks[a.role]))
    return found


def _matches(account: Account, units: Mapping[str, Unit], words_sought: Sequence[str]) -> bool:
    text = fold(f"{account.login} {account.name} {units[account.unit_id].name}")
    return all(word in text for word in words_sought)
