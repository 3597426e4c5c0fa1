"""/units/{unit_id}/tokens: by which tokens other systems ask for a unit; shown once when made."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.registry import api_tokens as desk
from confhub.errors import N_, BadInput, ConfhubError, Conflict, FieldErrors
from confhub.identity import secret_hash
from confhub.people.api_token import (
    LONGEST,
    MAX_NAME_LENGTH,
    SCOPE_NAMES,
    ApiToken,
    Scope,
    known_scopes,
    wrong_fields,
)
from confhub.people.grant import period
from confhub.units.unit import Unit
from confhub.words.dates import read_date
from confhub.words.texts import one_line
from web.pages.registry.shared import path_in_reach
from web.rendering.pages import field_messages, redirect, render, words
from web.requests.addresses import own_origin
from web.requests.auth import (
    SECRET_BYTES,
    actor_of,
    local_date,
    local_time,
    made_id,
    require_viewer,
)
from web.requests.form_body import posted_form
from web.services import SERVICES

# Long enough to be set up and used, short enough to be looked at again.
USUAL = dt.timedelta(days=180)
_NO_END = N_("Xin ghi ngày cuối.")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands; `key` makes one token of a form that is sent twice."""

    key: str
    name: str = ""
    scopes: tuple[Scope, ...] = ()
    last: str = ""


async def show(request: web.Request) -> web.Response:
    """GET"""
    return await _page(request, await _path(request), _empty(request))


async def make(request: web.Request) -> web.Response:
    """POST: a token, shown this once."""
    path, fields = await _path(request), await posted_form(request)
    typed = Typed(
        str(fields.get("key", "")),
        one_line(str(fields.get("name", ""))),
        known_scopes(str(one) for one in fields.getall("scopes", [])),
        str(fields.get("last", "")),
    )
    services, actor = request.app[SERVICES], actor_of(request)
    secret = services.tokens.programs.sign(secrets.token_bytes(SECRET_BYTES))
    try:
        token = ApiToken(
            made_id(request, f"token {typed.key}"),
            path[-1].id,
            require_viewer(request).account.id,
            typed.name,
            secret_hash(secret),
            typed.scopes,
            actor.now,
            _end(request, typed),
        )
        await desk.make_token(services.store, actor, token)
    except desk.AlreadyMade as error:  # a form for another
        return await _page(request, path, _empty(request), error=error)
    except (FieldErrors, Conflict) as error:
        return await _page(request, path, typed, error=error)
    return await _page(request, path, _empty(request), made=token, secret=secret)


async def revoke(request: web.Request) -> web.Response:
    """POST: it opens nothing any more."""
    unit_id, token_id = (request.match_info[name] for name in ("unit_id", "token_id"))
    await desk.revoke_token(request.app[SERVICES].store, actor_of(request), unit_id, token_id)
    said = words(request).gettext("Đã thu hồi mã truy cập.")
    return redirect(request, f"/units/{unit_id}/tokens", said)


async def _path(request: web.Request) -> Sequence[Unit]:
    return await path_in_reach(request, request.match_info["unit_id"], "manage_accounts")


def _empty(request: web.Request) -> Typed:
    last = (local_date(request) + USUAL).isoformat()
    return Typed(secrets.token_hex(16), last=last)


def _end(request: web.Request, typed: Typed) -> dt.datetime:
    """After the last day. FieldErrors, of all fields at once."""
    wrong: dict[str, ConfhubError] = {}
    last = None
    try:
        last = read_date(typed.last)
        if last is None:
            raise BadInput(_NO_END)
    except BadInput as error:
        wrong["last"] = error
    _, ends_at = period(None, last, request.app[SERVICES].zone)
    if ends_at is None or wrong:
        now = local_time(request)
        raise FieldErrors({**wrong_fields(typed.name, typed.scopes, None, now), **wrong})
    return ends_at


async def _page(
    request: web.Request,
    path: Sequence[Unit],
    typed: Typed,
    *,
    error: FieldErrors | Conflict | None = None,
    made: ApiToken | None = None,
    secret: str = "",
) -> web.Response:
    store, now = request.app[SERVICES].store, local_time(request)
    tokens = await store.api_tokens.of_unit(path[-1].id)
    people = await store.accounts.people([one.account_id for one in tokens])
    names: Mapping[str, str] = {one: person.name for one, person in people.items()}
    return await render(
        request,
        "units/tokens.html",
        status=error.http_status if error else 200,
        unit=path[-1],
        tokens=tokens,
        names=names,
        now=now,
        second=dt.timedelta(seconds=1),
        scope_names=SCOPE_NAMES,
        typed=typed,
        errors=field_messages(request, error),
        made=made,
        secret=secret,
        origin=own_origin(request),
        longest_days=LONGEST.days,
        longest_name=MAX_NAME_LENGTH,
    )
