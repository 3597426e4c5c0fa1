"""Changing one's own password."""

from __future__ import annotations

import contextlib

from aiohttp import web

from confhub.desks import accounts as desk
from confhub.errors import N_, BadInput, ConfhubError, Conflict, TooMany
from confhub.people.passwords import (
    MIN_LENGTH,
    check_form,
    check_new_password,
    hash_password,
    turn,
    verify_password,
)
from web.rendering.pages import redirect, render, words
from web.requests import backoff
from web.requests.addresses import local_target
from web.requests.auth import actor_of, open_sign_in, require_viewer
from web.requests.form_body import posted_form
from web.services import SERVICES

_WRONG = N_("Mật khẩu hiện tại không đúng.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, {}, local_target(request.query.get("next", "")))


async def change(request: web.Request) -> web.Response:
    """Asks for the present password; every other sign-in of the account ends."""
    viewer = require_viewer(request)
    fields = await posted_form(request)
    present, wanted, again = (
        str(fields.get(name, "")) for name in ("present", "password", "password_again")
    )
    target = local_target(str(fields.get("next", "")))
    problems: dict[str, ConfhubError] = {}
    if wanted != again:
        problems["password_again"] = BadInput(N_("Hai lần nhập không giống nhau."))
    try:
        check_form(wanted, viewer.account.login)
        if wanted == present:
            raise BadInput(N_("Xin chọn mật khẩu khác mật khẩu hiện tại."))
    except BadInput as error:
        problems["password"] = error
    password_hash = ""
    # What costs time comes last, and only for who knows the present password.
    try:
        replaced = "" if problems else await _verify(request, present)
    except (BadInput, TooMany) as error:
        problems["present"] = error
    try:
        if not problems:
            await check_new_password(wanted, viewer.account.login)
    except BadInput as error:
        problems["password"] = error
    try:
        if not problems:
            password_hash = await _replace(request, replaced, wanted)
    except BadInput as error:
        problems["present"] = error
    if problems:
        return await _page(request, problems, target)
    response = redirect(request, target, words(request).gettext(N_("Đã đổi mật khẩu.")))
    with contextlib.suppress(Conflict):  # changed again or locked since: the next page asks
        await open_sign_in(request, response, viewer.account, password_hash)
    return response


async def _verify(request: web.Request, present: str) -> str:
    """The hash of `present`. BadInput if it is wrong; TooMany while a wait runs.

    Counted like a try to sign in: an open desk must not be a place to guess at leisure.
    """
    viewer, services = require_viewer(request), request.app[SERVICES]
    tried = backoff.Attempt(f"own:{viewer.account.id}")
    async with turn(tried.place):
        begun = await backoff.begin(services.bus, tried, services.clock().astimezone(services.zone))
        found = await services.store.accounts.by_login(viewer.account.login)
        right = await verify_password(found[1] if found else None, present)
    if found is None or not right:
        raise BadInput(_WRONG)
    await backoff.succeed(services.bus, tried, begun)
    return found[1]


async def _replace(request: web.Request, replaced: str, wanted: str) -> str:
    """Put `wanted` in the place of the password of that hash; gives its own. BadInput when
    somebody else changed it meanwhile."""
    services = request.app[SERVICES]
    made = await hash_password(wanted)
    try:
        await desk.change_own_password(services.store, actor_of(request), made, replaces=replaced)
    except Conflict:
        raise BadInput(_WRONG) from None
    return made


async def _page(
    request: web.Request, problems: dict[str, ConfhubError], target: str
) -> web.Response:
    translate = words(request).error
    return await render(
        request,
        "accounts/own_password.html",
        status=400 if problems else 200,
        problems={name: translate(error) for name, error in problems.items()},
        min_length=MIN_LENGTH,
        target=target,
    )
