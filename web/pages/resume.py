"""What was typed into a form outlives the sign-in it was typed in, and a store that is away.

A form that arrives after the sign-in ended is answered with the sign-in form, which carries the
fields along; once signed in, a page with one button sends them again with today's token. The
same page answers a form that could not be stored: a full disk, a database that restarts. They
travel in the pages alone, so nothing of somebody unknown is ever stored.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from confhub.errors import ConfhubError
from web.addresses import local_target
from web.csrf import FIELD
from web.form_body import PLAIN_TYPE, read_form
from web.rendering import render

Fields = Sequence[tuple[str, str]]
# Fields of the sign-in form that belong to the form before it, and their target.
PREFIX = "carried."
TARGET = "resume"
# A form with a password is typed anew: no page of ours ever has one written into it.
_PASSWORDS = frozenset({"password", "password_again", "present"})


async def sent_fields(request: web.Request) -> Fields | None:
    """The text fields of the posted form without its token; None if it cannot be sent again.

    Their size is bounded by that of any form. Files cannot be written into a page.
    """
    if request.method != "POST" or request.content_type != PLAIN_TYPE:
        return None
    form = await read_form(request)
    if not _PASSWORDS.isdisjoint(form):
        return None
    return [(n, v) for n, v in form.items() if isinstance(v, str) and n != FIELD]


async def carried_form(request: web.Request) -> tuple[str, Fields] | None:
    """Target and fields of the form that the posted sign-in form carried, if it did."""
    form = await request.post()
    target = form.get(TARGET)
    if not isinstance(target, str):
        return None
    fields = [
        (name.removeprefix(PREFIX), value)
        for name, value in form.items()
        if name.startswith(PREFIX) and isinstance(value, str)
    ]
    return local_target(target), fields


async def ask_sign_in(request: web.Request, fields: Fields, error: ConfhubError) -> web.Response:
    """The sign-in form in the place of the form's answer."""
    return await render(
        request,
        "signin.html",
        status=error.http_status,
        login="",
        target="/",
        carried=(local_target(request.path_qs), fields),
        problem="",
    )


async def ask_again(
    request: web.Request, target: str, fields: Fields, *, status: int = 200, problem: str = ""
) -> web.Response:
    """A page with a button that sends `fields` to `target` with the viewer's token.

    `problem`: why they were not saved, if not because an earlier sign-in ended.
    """
    return await render(
        request, "resume.html", status=status, target=target, fields=fields, problem=problem
    )
